"""How the desk puts what it read into words: rows prepared once, and the one sentence of what is waited for."""

from calendar import month_abbr
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from functools import lru_cache
from html import escape
from urllib.parse import urlencode

from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe

from accounts.rules import Principal
from desk.forms import BasketForm
from licensing.selectors import BasketRow, CasePage, list_destinations
from licensing.statuses import CaseKind, CaseStatus

MONTHS = tuple(month_abbr)
ACT_PAGES = {
    "take": "take",
    "assign": "assign",
    "recommend": "recommend",
    "request_information": "request-information",
    "countersign": "countersign",
    "send_back": "send-back",
    "decide": "decide",
    "accept_exemption": "exemption",
}


@dataclass(frozen=True, slots=True)
class ActLink:
    """An act and the page where it is done."""

    url: str
    label: str


@dataclass(frozen=True, slots=True)
class Waiting:
    """What is waited for, from whom, until when; the act that this person can do about it, and further ones."""

    says: str
    act_url: str = ""
    act_label: str = ""
    others: list[ActLink] = field(default_factory=list)


@lru_cache(maxsize=64)
def _status(value: str) -> SafeString:
    """The tag of a status; a basket shows fifty of a dozen, so each is drawn once."""
    return mark_safe(render_to_string("desk/parts/status.html", {"value": value, "label": CaseStatus(value).label}))


@lru_cache(maxsize=1)
def _overdue() -> SafeString:
    return mark_safe("<br>" + render_to_string("desk/parts/status.html", {"value": "overdue", "label": "Overdue"}))


def act_url(acn: str, act: str) -> str:
    """The page of an act on a case."""
    page = ACT_PAGES.get(act)
    return f"/desk/cases/{acn}/{page}/" if page else f"/desk/cases/{acn}/#requirements"


@dataclass(frozen=True, slots=True)
class Filters:
    """What narrows the basket, as it was understood, and the row of filters as it is drawn."""

    chosen: Mapping[str, str]
    drawn: SafeString
    understood: bool


def read_filters(data: Mapping[str, str], view: str, tiers: Sequence[tuple[str, str]]) -> Filters:
    """Read the filters of an address. The same ones are read and drawn once: officers come back to theirs all day."""
    known = tuple(sorted((name, data[name]) for name in BasketForm.base_fields if name in data and name != "view"))
    return _read_filters(known, view, tuple(tiers))


@lru_cache(maxsize=256)
def _read_filters(known: tuple[tuple[str, str], ...], view: str, tiers: tuple[tuple[str, str], ...]) -> Filters:
    form = BasketForm(
        {**dict(known), "view": view}, destinations=list_destinations(), tiers=tiers, closed=view == "closed"
    )
    understood = form.is_valid()
    cleaned = form.cleaned_data if understood else {}
    chosen = {name: value for name, value in cleaned.items() if value and name != "view"}
    context = {"form": form, "chosen": form.list_chosen(view), "clear_url": f"?{urlencode({'view': view})}"}
    drawn = mark_safe(render_to_string("desk/parts/filters.html", context))
    return Filters(chosen=chosen, drawn=drawn, understood=understood)


@lru_cache(maxsize=256)
def draw_head(about: str, tabs: tuple[tuple[str, str, bool, str | None], ...]) -> SafeString:
    """The title of the basket and its views, each (label, address, whether it is shown, count); drawn once while the
    counts stay."""
    names = ("label", "url", "current", "count")
    context = {"about": about, "tabs": [dict(zip(names, tab, strict=True)) for tab in tabs]}
    return mark_safe(render_to_string("desk/parts/basket_head.html", context))


def draw_rows(
    rows: Iterable[BasketRow], now: datetime, tiers: Mapping[str, str], *, closed: bool = False
) -> SafeString:
    """The rows of the basket. Their markup is drawn once with a mark for each value, and filled for each row."""
    zone = timezone.get_current_timezone()
    return mark_safe(
        "".join(
            _draw_row(
                row.acn,
                row.subject_line,
                row.destination_id,
                tell_tier(row.tier, tiers),
                row.applicant_name,
                row.status,
                row.officer_name,
                row.unit_code,
                row.due_at,
                row.due_at is not None and row.due_at < now,
                row.opened_at,
                row.closed_at,
                row.acts[0] if row.acts else None,
                closed,
                zone,
            )
            for row in rows
        )
    )


@lru_cache(maxsize=4096)
def _draw_row(
    acn: str,
    subject_line: str,
    destination: str,
    tier: str,
    applicant: str,
    status: str,
    officer: str | None,
    unit: str | None,
    due_at: datetime | None,
    overdue: bool,
    opened_at: datetime,
    closed_at: datetime | None,
    act: tuple[str, str] | None,
    closed: bool,
    zone: tzinfo,
) -> str:
    """One row. It is drawn again when something in it changes; between two visits little of a basket does."""
    return _row_pattern(closed).format(
        acn=acn,
        subject=escape(f"{subject_line} ({destination})"),
        tier=escape(tier),
        applicant=escape(applicant),
        status=_status(status),
        officer=escape(officer or "Nobody yet"),
        unit=escape(unit or ""),
        due=_due(due_at, zone, overdue=overdue),
        received=_cell_day(opened_at, zone),
        closed_on=_cell_day(closed_at, zone) if closed_at else "",
        act=_next_act(acn, *act) if act else "",
    )


def tell_tier(tier: str, tiers: Mapping[str, str]) -> str:
    """A tier in the words of its edition; one of another edition in its own."""
    return tiers.get(tier) or tier.replace("_", " ").capitalize()


@lru_cache(maxsize=2)
def _row_pattern(closed: bool) -> str:
    names = ("acn", "subject", "tier", "applicant", "status", "officer", "unit", "due", "received", "closed_on", "act")
    return render_to_string("desk/parts/basket_row.html", {**{name: f"{{{name}}}" for name in names}, "closed": closed})


def _next_act(acn: str, act: str, words: str) -> SafeString:
    # The number is made of a letter and digits, the words are the product's own.
    url = act_url(acn, act)
    return mark_safe(f'<a class="usa-link" href="{url}">{words}<span class="usa-sr-only"> {acn}</span></a>')


def _due(at: datetime | None, zone: tzinfo, *, overdue: bool) -> str:
    if at is None:
        return "Stopped"
    day = _cell_day(at, zone)
    return mark_safe(day + _overdue()) if overdue else day


def _cell_day(at: datetime, zone: tzinfo) -> str:
    """A day for a narrow cell, where it must not break."""
    local = at.astimezone(zone)
    return f"{MONTHS[local.month]}\N{NO-BREAK SPACE}{local.day},\N{NO-BREAK SPACE}{local.year}"


def _write_day(local: datetime) -> str:
    return f"{MONTHS[local.month]} {local.day}, {local.year}"


def _day(at: datetime) -> str:
    return _write_day(timezone.localtime(at))


def tell_waiting(page: CasePage, by: Principal, now: datetime) -> Waiting:
    """The sentence below a case's head, and the act beside it."""
    case = page.case
    says = _waiting_words(page)
    if case.due_at and not case.closed_at and case.due_at < now:
        says += f" It was due on {_day(case.due_at)}."
    acts = list_act_links(page, by)
    return Waiting(says, acts[0].url, acts[0].label, acts[1:]) if acts else Waiting(says)


def list_act_links(page: CasePage, by: Principal) -> list[ActLink]:
    """What this person can do on the case, the most urgent first, each with the page where it is done."""
    acts = list(page.acts)
    if page.obstacles and page.case.status == CaseStatus.COUNTERSIGNED:
        # Evidence is what such a case waits for; the recommendation stands and is signed.
        acts.sort(key=lambda act: act[0] != "satisfy_requirement")
    # Each leads to the first requirement on which it can be done.
    places = {
        "satisfy_requirement": ("evidence", [line for line in page.requirements if line.is_open]),
        "sign_waiver": ("waiver", [line for line in page.requirements if line.wants_waiver_of(by)]),
    }
    links = []
    for act, words in acts:
        if act in places:
            page_of, (line, *_) = places[act]
            url = f"/desk/cases/{page.case.acn}/requirements/{line.requirement.position}/{page_of}/"
            links.append(ActLink(url, words))
        else:
            links.append(ActLink(act_url(page.case.acn, act), words))
    return links


def _waiting_words(page: CasePage) -> str:
    case, newest = page.case, page.newest
    officer = case.officer.name if case.officer else "an officer"
    match case.status:
        case CaseStatus.RECEIVED:
            return "Waiting for an officer to take the case."
        case CaseStatus.UNDER_REVIEW if case.kind == CaseKind.EXEMPTION:
            return f"Waiting for {officer} to check the plan and the undertaking."
        case CaseStatus.UNDER_REVIEW:
            return f"Waiting for {officer}’s recommendation."
        case CaseStatus.AWAITING_INFORMATION:
            asked = page.questions[-1]
            return f"Waiting for the applicant’s answer to question {asked.number}, due {_day(asked.answer_due_at)}."
        case CaseStatus.RECOMMENDED if newest:
            have, want = len(newest.signatures), newest.recommendation.signatures_wanted
            return f"Waiting for a countersignature on version {newest.recommendation.version}: {have} of {want} given."
        case CaseStatus.COUNTERSIGNED if page.obstacles:
            return "Countersigned. A license cannot be issued until what stands open below is closed."
        case CaseStatus.COUNTERSIGNED:
            return "Waiting for a licensing director’s decision."
    return f"{case.get_status_display()}. Nothing is waited for."
