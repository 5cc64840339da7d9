"""When a visit takes place, who is free for it, and who of them is nearest. Pure.

Days are calendar days in Washington, as everywhere in this house; a period of days is stored from the midnight that
begins its first day until before the midnight that ends its last one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from math import asin, cos, radians, sin, sqrt

from accounts.rules import Refused
from deadlines.rules import AGENCY_ZONE, day_of

# Longer ones are entered in parts. These bound what a calendar computes; they are no rule of law.
LONGEST_VISIT = 60
LONGEST_ABSENCE = 366
FURTHEST = 1096
LONGEST_TRAVEL = 14
EARTH_KM = 6371.0
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Days:
    """Whole days from `first` to `last`, both of them included."""

    first: date
    last: date

    @property
    def end(self) -> date:
        """The day after the last one."""
        return self.last + DAY

    @property
    def count(self) -> int:
        """How many days they are."""
        return (self.last - self.first).days + 1

    def widened(self, by: int) -> Days:
        """The same with `by` days before and after."""
        return Days(self.first - by * DAY, self.last + by * DAY)

    def without_first(self) -> Days:
        """The same from the second day on; there must be one."""
        return Days(self.first + DAY, self.last)

    def without_last(self) -> Days:
        """The same until the day before the last; there must be one."""
        return Days(self.first, self.last - DAY)

    def overlaps(self, other: Days) -> bool:
        """Do the two share a day?"""
        return self.first <= other.last and other.first <= self.last

    def each(self) -> list[date]:
        """The days one by one."""
        return [self.first + number * DAY for number in range(self.count)]


def start_of(day: date) -> datetime:
    """The instant at which a day begins in Washington."""
    return datetime.combine(day, time(), AGENCY_ZONE)


def bounds_of(days: Days) -> tuple[datetime, datetime]:
    """The instants between which the days lie; the second is exclusive."""
    return start_of(days.first), start_of(days.end)


def days_between(lower: datetime, upper: datetime) -> Days:
    """The days that a stored period touches; `upper` is exclusive."""
    return Days(day_of(lower), max(day_of(lower), day_of(upper - timedelta(microseconds=1))))


def write_day(day: date) -> str:
    """A day as people read it: Apr 6, 2026."""
    return f"{day:%b} {day.day}, {day.year}"


def write_days(days: Days) -> str:
    """Days as people read them: on Apr 6, 2026; from Apr 6 to Apr 9, 2026."""
    if days.first == days.last:
        return f"on {write_day(days.first)}"
    first = f"{days.first:%b} {days.first.day}" if days.first.year == days.last.year else write_day(days.first)
    return f"from {first} to {write_day(days.last)}"


def check_days(days: Days, *, today: date, longest: int = LONGEST_VISIT, what: str = "visit") -> None:
    """Raise Refused, naming first_day or last_day, for days that are past, out of order, too many or too far away."""
    if days.first < today:
        raise Refused(
            f"{write_day(days.first)} is in the past: today is {write_day(today)}. A {what} is planned for a day that "
            "is still to come. Choose a later first day.",
            rule="inspections.past",
            field="first_day",
        )
    if (days.first - today).days > FURTHEST:
        raise Refused(
            f"The calendar reaches to {write_day(today + FURTHEST * DAY)}, and {write_day(days.first)} is later. "
            "Choose an earlier first day.",
            rule="inspections.horizon",
            field="first_day",
        )
    check_order(days, longest=longest, what=what)


def check_order(days: Days, *, longest: int, what: str) -> None:
    """Raise Refused, naming last_day, where the last day is before the first, or the days are too many."""
    if days.last < days.first:
        raise Refused(
            f"The last day, {write_day(days.last)}, is before the first one, {write_day(days.first)}. "
            "Choose the first day again as the last one, or a later day.",
            rule="inspections.order",
            field="last_day",
        )
    if days.count > longest:
        raise Refused(
            f"These are {days.count:,} days, and a {what} has {longest} at most. "
            "Choose an earlier last day, and enter what follows separately.",
            rule="inspections.length",
            field="last_day",
        )


def check_notice(days: Days, *, told_on: date, wanted: int, reason: str) -> None:
    """Raise Refused, naming notice_reason, where the host hears of the days too late and nobody said why."""
    given = (days.first - told_on).days
    if given < wanted and not reason:
        raise Refused(
            f"The host government gets {_count(max(given, 0), 'day')} of notice, counted from {write_day(told_on)}, "
            f"and {_count(wanted, 'day')} are wanted. Say why so short a notice will do, or choose "
            f"{write_day(told_on + wanted * DAY)} or a later first day.",
            rule="inspections.notice",
            field="notice_reason",
        )


def check_reason(reason: str, *, to: str) -> str:
    """The reason without spaces around it. Raises Refused where there is none; `to` completes "Say why you …"."""
    cleaned = reason.strip()
    if not cleaned:
        raise Refused(
            f"Say why you {to}: the reason stays with the visit, and the officers read it.",
            rule="inspections.reason",
            field="reason",
        )
    return cleaned


def check_position(latitude: float | None, longitude: float | None) -> None:
    """Raise Refused, naming the field, for half a position or one that is not on earth."""
    if (latitude is None) != (longitude is None):
        field = "latitude" if latitude is None else "longitude"
        raise Refused(
            f"A position needs both numbers, and the {field} is missing. Enter it, or leave both empty.",
            rule="inspections.position",
            field=field,
        )
    for field, value, limit in (("latitude", latitude, 90), ("longitude", longitude, 180)):
        if value is not None and not -limit <= value <= limit:
            raise Refused(
                f"A {field} lies between -{limit} and {limit} degrees. Check the number.",
                rule="inspections.position",
                field=field,
            )


@dataclass(frozen=True, slots=True)
class Base:
    """A place as far as a journey to it needs it; a position in degrees where it is known."""

    city: str
    country: str
    latitude: float | None = None
    longitude: float | None = None


@dataclass(frozen=True, slots=True)
class Member:
    """An officer of a team: who, from where, and what the officer speaks."""

    name: str
    home: Base
    languages: frozenset[str]


@dataclass(frozen=True, slots=True)
class FreeTeam:
    """A team all of whose officers are free."""

    id: int
    name: str
    lead: str
    travel_days: int
    members: tuple[Member, ...]


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A free team with what speaks for it; `km` is None where a position is not known."""

    team: FreeTeam
    shared: tuple[str, ...]
    nearest: str
    km: int | None
    says: str


def distance_km(one: Base, other: Base) -> float | None:
    """The great-circle distance in kilometers; None where a position is missing."""
    if one.latitude is None or one.longitude is None or other.latitude is None or other.longitude is None:
        return None
    north, south = radians(one.latitude), radians(other.latitude)
    up, along = north - south, radians(one.longitude - other.longitude)
    share = sin(up / 2) ** 2 + cos(north) * cos(south) * sin(along / 2) ** 2
    return 2 * EARTH_KM * asin(min(1.0, sqrt(share)))


def _nearness(member: Member, site: Base) -> tuple[float, str]:
    """How near an officer lives: same city, then by distance; without a position, the same country before others."""
    if member.home.country == site.country and member.home.city.casefold() == site.city.casefold():
        return 0.0, member.name
    km = distance_km(member.home, site)
    if km is not None:
        return km, member.name
    # Farther than any distance on earth: what is not known is not called near.
    return (2.0 if member.home.country == site.country else 3.0) * EARTH_KM * 4, member.name


def suggest(teams: Iterable[FreeTeam], *, site: Base, languages: Sequence[str]) -> list[Suggestion]:
    """The free teams, best first: who speaks a language of the place, then whose officer lives nearest to it."""
    wanted = frozenset(languages)
    ranked = []
    for team in teams:
        shared = tuple(sorted(wanted & frozenset().union(*(member.languages for member in team.members))))
        near = min(team.members, key=lambda member: _nearness(member, site))
        measure = _nearness(near, site)[0]
        km = round(measure) if measure < EARTH_KM * 4 else None
        ranked.append(
            (
                (not shared, measure, -len(shared), team.name),
                Suggestion(team, shared, near.name, km, _tell(shared, bool(wanted), near, km, site)),
            )
        )
    return [suggestion for _, suggestion in sorted(ranked, key=lambda each: each[0])]


def _tell(shared: tuple[str, ...], known: bool, near: Member, km: int | None, site: Base) -> str:
    if shared:
        speech = f"speaks {' and '.join(language_name(code) for code in shared)}"
    elif known:
        speech = "speaks no language of the place: an interpreter is needed"
    else:
        speech = "languages of the place are not on file"
    if near.home.country == site.country and near.home.city.casefold() == site.city.casefold():
        home = f"{near.name} lives in {near.home.city}"
    elif km is not None:
        home = f"{near.name} lives in {near.home.city}, {km:,} km away"
    else:
        home = f"{near.name} lives in {near.home.city}, at an unknown distance"
    return f"{speech}; {home}"


# ISO 639-1, those that an officer's file offers; the names are what a page shows.
LANGUAGES: dict[str, str] = {
    "ar": "Arabic",
    "bn": "Bengali",
    "cs": "Czech",
    "da": "Danish",
    "de": "German",
    "el": "Greek",
    "en": "English",
    "es": "Spanish",
    "fa": "Persian",
    "fi": "Finnish",
    "fr": "French",
    "he": "Hebrew",
    "hi": "Hindi",
    "hu": "Hungarian",
    "id": "Indonesian",
    "it": "Italian",
    "ja": "Japanese",
    "ka": "Georgian",
    "kk": "Kazakh",
    "km": "Khmer",
    "ko": "Korean",
    "ms": "Malay",
    "nl": "Dutch",
    "no": "Norwegian",
    "pl": "Polish",
    "pt": "Portuguese",
    "ro": "Romanian",
    "ru": "Russian",
    "sv": "Swedish",
    "sw": "Swahili",
    "ta": "Tamil",
    "th": "Thai",
    "tr": "Turkish",
    "uk": "Ukrainian",
    "ur": "Urdu",
    "vi": "Vietnamese",
    "zh": "Chinese",
}


def language_name(code: str) -> str:
    """A language's name, or its code where the list has none."""
    return LANGUAGES.get(code, code)


def check_languages(codes: Iterable[str]) -> list[str]:
    """The codes once each, in order. Raises Refused, naming the field, for none and for an unknown one."""
    wanted = sorted({code.strip().lower() for code in codes if code.strip()})
    unknown = [code for code in wanted if code not in LANGUAGES]
    if unknown:
        raise Refused(
            f"“{unknown[0]}” is no language of the list. Choose from the list.",
            rule="inspections.language",
            field="languages",
        )
    if not wanted:
        raise Refused(
            "Choose at least one language that the officer speaks: teams are suggested by it.",
            rule="inspections.language",
            field="languages",
        )
    return wanted


def tell_hindrance(
    name: str, *, is_active: bool, is_officer: bool, available: tuple[date, date | None], away: Days, barred: str = ""
) -> str:
    """Why an officer cannot go on these days whatever the calendar holds; empty where nothing hinders.

    `available` ends before its second day; `barred` names the officer's unit where it recommended the approval.
    """
    if not is_active:
        return f"The account of {name} is deactivated. Have the team changed, or choose another team."
    if not is_officer:
        return f"{name} is no export control officer any more. Have the team changed, or choose another team."
    if barred:
        return (
            f"{name} works for {barred}, which recommended the approval that the visit checks, so somebody else has "
            "to go. Choose another team."
        )
    begins, ends = available
    if away.first < begins:
        return f"{name} is available from {write_day(begins)} on. Choose another team or later days."
    if ends is not None and away.last >= ends:
        return f"{name} is available until {write_day(ends - DAY)}. Choose another team or earlier days."
    return ""


def check_nobody_barred(number: str, barred: Sequence[tuple[str, str]]) -> None:
    """Refuse to begin a visit with officers whose unit, as it is today, recommended what the visit checks.

    `barred` are those officers with their units. Who was free to go when the visit was booked may have moved since.
    """
    if not barred:
        return
    who = " and ".join(f"{name} works for {unit} now" for name, unit in barred)
    raise Refused(
        f"{who}, which recommended the approval that {number} checks, so somebody else has to go. Have the visit moved "
        "to another team first.",
        rule="inspections.other_unit",
    )


def tell_taken(name: str, kind: str, what: str, taken: Days) -> str:
    """Why the calendar hinders an officer: on leave, or booked for something else."""
    if kind == "visit":
        return f"{name} is booked for {what} {write_days(taken)}, with travel. Choose another team or other days."
    words = {"leave": "on leave", "training": "in training"}.get(kind, "not available")
    return f"{name} is {words} {write_days(taken)}. Choose another team or other days."


def month_of(day: date) -> Days:
    """The month of a day."""
    first = day.replace(day=1)
    return Days(first, (first + 31 * DAY).replace(day=1) - DAY)


def weeks_of(month: Days) -> list[Days]:
    """The weeks, Sunday to Saturday, that hold the days of a month."""
    first = week_of(month.first)
    weeks = [first]
    while weeks[-1].last < month.last:
        weeks.append(Days(weeks[-1].end, weeks[-1].last + 7 * DAY))
    return weeks


def week_of(day: date) -> Days:
    """The week of a day, Sunday to Saturday."""
    first = day - ((day.weekday() + 1) % 7) * DAY
    return Days(first, first + 6 * DAY)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
