"""What every act on an instrument begins and ends with: its lock, its step, and what others stand on."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from accounts.models import User
from accounts.rules import Principal, Refused, Stale
from accounts.selectors import list_users_with_role
from accounts.statuses import Role
from assurances.models import Instrument, TextVersion
from assurances.rules import TRANSITIONS, WORDS, Given, Wanted, is_standing, list_missing, needs_translation, tell_day
from assurances.rules import tell_language as tell
from assurances.selectors.evidence import list_wanted, read_given
from assurances.statuses import InstrumentStatus
from deadlines.operations import cancel_deadline, notify, set_deadline
from registry.lifecycles import follow
from registry.models import Ground
from registry.operations import set_ground
from registry.statuses import HoldCause
from rulebook.rules import Edition

GROUND = "assurances.instrument"
REQUEST, CONTACT, LICENSE, EXPIRY, CURE = (
    "assurance_request",
    "assurance_contact",
    "assurance_license",
    "assurance_expiry",
    "assurance_cure",
)


def on_desk(instrument: Instrument) -> str:
    """The page of an instrument."""
    return f"/desk/assurances/{instrument.pk}/"


def lock_grounds(*instruments: Instrument) -> None:
    """Lock what others stand on, in the order in which a decision locks it: grounds first, then instruments."""
    wanted = [str(instrument.pk) for instrument in instruments]
    list(Ground.objects.select_for_update().filter(kind=GROUND, subject_id__in=wanted).order_by("pk"))


def lock(instrument: Instrument, *, version: int | None = None) -> Instrument:
    """The instrument as it is stored, locked until the act is over. Raises Stale for an older page."""
    lock_grounds(instrument)
    locked = Instrument.objects.select_for_update(of=("self",)).select_related("country").get(pk=instrument.pk)
    if version is not None and locked.version != version:
        raise Stale(
            f"{locked.number} was changed since this page was opened. Load it again before acting.",
            rule="assurance.version",
        )
    return locked


def next_status(instrument: Instrument, act: str) -> InstrumentStatus:
    """The status that an act leads to. Raises Refused where the table has no such step."""
    status = follow(
        TRANSITIONS, InstrumentStatus(instrument.status), act, subject=f"Instrument {instrument.number}", words=WORDS
    )
    return InstrumentStatus(status)


def move(instrument: Instrument, status: InstrumentStatus, **changes: Any) -> None:
    """Store the new status with what changes beside it, as a new version."""
    instrument.status = status
    instrument.version += 1
    for name, value in changes.items():
        setattr(instrument, name, value)
    instrument.save(update_fields=["status", "version", *changes])


def need(text: str, says: str, *, field: str, rule: str = "assurance.says") -> str:
    """The text without spaces around it. Raises Refused, beside the field, where nothing is left."""
    if not text.strip():
        raise Refused(says, rule=rule, field=field)
    return text.strip()


def tell_standing(instrument: Instrument, *, stands: bool, says: str, by: Principal, at: datetime) -> None:
    """Say to those who stand on it that it stands or fell; holds follow in this transaction."""
    set_ground(
        subject=(GROUND, str(instrument.pk)),
        title=f"{instrument.title} ({instrument.number})",
        stands=stands,
        says=says,
        until=instrument.until,
        cause=HoldCause.ASSURANCE_LAPSED,
        lifter_role=Role.LICENSING_DIRECTOR,
        by=by,
        at=at,
    )


def tell_officers(instrument: Instrument, *, kind: str, says: str, by: Principal, at: datetime) -> None:
    """Tell every other assurance officer."""
    others = [each for each in list_users_with_role(Role.ASSURANCE_OFFICER) if each != by]
    notify(users=others, kind=kind, says=says[:300], url=on_desk(instrument), at=at)


def set_step(
    instrument: Instrument,
    kind: str,
    *,
    says: str,
    due_at: datetime,
    reminders: Iterable[int],
    owner: User,
    by: Principal,
    at: datetime,
) -> None:
    """Set a deadline of an instrument for one person; one that has passed already is not set."""
    if due_at > at:
        set_deadline(
            subject=instrument,
            kind=kind,
            says=says.rstrip(".")[:300],
            url=on_desk(instrument),
            owner=("user", owner.pk),
            due_at=due_at,
            reminder_offsets=reminders,
            by=by,
            at=at,
        )


def set_expiry(instrument: Instrument, edition: Edition, *, owner: User, by: Principal, at: datetime) -> None:
    """Set or move the deadline to renew it; without an end there is none."""
    if instrument.until is None:
        cancel_deadline(subject=instrument, kind=EXPIRY, by=by, at=at)
        return
    set_step(
        instrument,
        EXPIRY,
        says=f"Renew {instrument.number} ({instrument.title}), or let it expire.",
        due_at=instrument.until,
        reminders=edition.value("reminders.assurance_expiry"),
        owner=owner,
        by=by,
        at=at,
    )


def cancel_steps(instrument: Instrument, *, by: Principal, at: datetime) -> None:
    """Cancel every deadline that is open; what is over owes nothing."""
    for kind in (REQUEST, CONTACT, LICENSE, EXPIRY, CURE):
        cancel_deadline(subject=instrument, kind=kind, by=by, at=at)


def check_signed_text(text: TextVersion | None, *, field: str = "text") -> TextVersion:
    """The signed text, if it can be relied on. Raises Refused: not signed, or foreign without a translation."""
    if text is None or not text.is_signed:
        raise Refused(
            "There is no signed text: add the signed instrument as a version of its text first.",
            rule="assurance.signed_text",
            field=field,
        )
    if needs_translation(text.language) and not text.translations.exists():
        raise Refused(
            f"Version {text.number} is in {tell(text.language)} and has no certified translation into English. "
            "Add one first (15 CFR 748.9(d)).",
            rule="assurance.translation",
            field=field,
        )
    return text


def get_newest_signed(instrument: Instrument) -> TextVersion | None:
    """The newest signed version of its text, or None."""
    return instrument.texts.filter(is_signed=True).order_by("-number").first()


def check_undertakings(instrument: Instrument, edition: Edition, given: dict[str, Given] | None = None) -> None:
    """Refuse while a mandatory undertaking is missing; the sentence names every one."""
    missing = list_missing(list_wanted(edition), read_given(instrument) if given is None else given)
    if missing:
        raise Refused(tell_missing(missing), rule="assurance.undertakings", field=f"clause_{missing[0].id}")


def tell_missing(missing: Iterable[Wanted]) -> str:
    """Which mandatory undertakings are missing, and what would supply them."""
    titles = ", ".join(f"“{each.title}”" for each in missing)
    return f"No clause is named for: {titles}. Name the clause that gives each, or negotiate it first."


def check_not_ended(instrument: Instrument, *, at: datetime) -> None:
    """Refuse what would bring back an instrument whose period is over."""
    if instrument.until is not None and at >= instrument.until:
        assert instrument.to_on is not None
        raise Refused(
            f"Its period ended on {tell_day(instrument.to_on)}: an expired instrument covers nothing. "
            "Renew it instead.",
            rule="assurance.period_over",
            field="to_on",
        )


def check_stands(instrument: Instrument, *, at: datetime) -> None:
    """Raises Stale when the instrument does not stand at this instant, so that nothing can be taken from it."""
    if not is_standing(instrument.status, until=instrument.until, at=at):
        raise Stale(
            f"{instrument.number} does not stand at present, so its coverage cannot be used. Choose another "
            "instrument, or wait until it stands again.",
            rule="assurance.stands",
        )


def days_after(at: datetime, days: int) -> datetime:
    """So many calendar days after an instant."""
    return at + timedelta(days=days)
