"""What binds: bringing into force, amending, renewing, and putting another instrument in an older one's place."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from accounts.models import User
from accounts.rules import Refused
from assurances.models import Instrument, TextVersion
from assurances.permissions import check_can_keep_instruments, check_is_second
from assurances.rules import (
    STANDING,
    Given,
    Terms,
    begins_at,
    check_ceiling,
    check_new_ceiling,
    check_period,
    is_standing,
    tell_day,
)
from assurances.selectors.evidence import read_coverage
from assurances.statuses import InstrumentKind
from audit.operations import operation, record
from deadlines.operations import meet_deadline
from deadlines.rules import day_of
from ledger.models import Account
from ledger.operations import draw, lower_ceiling, open_account, raise_ceiling
from ledger.selectors import get_account
from ledger.statuses import AccountKind
from registry.operations import end_reliances, rely_on
from registry.selectors import get_ground, list_reliances
from registry.statuses import DependentKind
from rulebook.selectors import get_operating_edition

from .drafting import tell_notes, tell_terms, write_terms, write_undertakings
from .standing import (
    EXPIRY,
    GROUND,
    cancel_steps,
    check_not_ended,
    check_signed_text,
    check_undertakings,
    get_newest_signed,
    lock,
    lock_grounds,
    move,
    need,
    next_status,
    set_expiry,
    tell_officers,
    tell_standing,
)


@operation
def bring_into_force(*, instrument: Instrument, version: int, by: User, at: datetime) -> Instrument:
    """Bring a signed instrument into force: its coverage opens, and cases can stand on it.

    Raises NotPermitted for whoever drafted it or added the signed text; Refused without a signed text, its
    translation, or the clause of a mandatory undertaking, and outside of its period.
    """
    locked = lock(instrument, version=version)
    check_is_second(
        by, first_ids=[locked.drafted_by_id], to="bring this instrument into force", did="drafted this instrument"
    )
    status = next_status(locked, "bring_into_force")
    edition = get_operating_edition(at)
    text = check_signed_text(get_newest_signed(locked))
    # Whoever says what was signed is not the one who says that it binds.
    check_is_second(by, first_ids=[text.added_by_id], to="bring it into force", did="added its signed text")
    check_undertakings(locked, edition)
    check_ceiling(locked.kind, locked.ceiling)
    check_not_ended(locked, at=at)
    from_on = locked.from_on or day_of(at)
    if at < begins_at(from_on):
        raise Refused(
            f"Its period begins on {tell_day(from_on)}. Bring it into force on that day or later.",
            rule="assurance.period_begun",
            field="from_on",
        )
    move(locked, status, in_force_at=at, in_force_by=by, text_in_force=text, from_on=from_on)
    open_account(
        kind=AccountKind.ASSURANCE_COVERAGE,
        subject=locked,
        unit="chips",
        ceiling=locked.ceiling,
        key="open",
        reason=f"{locked.number} came into force",
        by=by,
        at=at,
    )
    set_expiry(locked, edition, owner=by, by=by, at=at)
    tell_standing(locked, stands=True, says=f"In force from {tell_day(from_on)}.", by=by, at=at)
    record(
        subject=locked,
        verb="instrument.in_force",
        says=f"Brought {locked.number} into force on version {text.number} of its text",
        by=by,
        at=at,
        data={"sha256": text.sha256, "ceiling": locked.ceiling},
    )
    tell_officers(
        locked, kind="assurance_in_force", says=f"{locked.number} ({locked.title}) is in force.", by=by, at=at
    )
    return locked


def get_coverage(instrument: Instrument) -> Account:
    """The ledger account of an instrument that came into force. Raises Refused before that."""
    account = get_account(AccountKind.ASSURANCE_COVERAGE, instrument)
    if account is None:
        raise Refused(
            f"{instrument.number} has not come into force, so it covers nothing yet.", rule="assurance.coverage"
        )
    return account


def set_ceiling(instrument: Instrument, ceiling: int | None, *, reason: str, by: User, at: datetime) -> None:
    """Move the ceiling of a locked instrument in force, never below what is used. Saves nothing but the ledger."""
    account = get_coverage(instrument)
    if ceiling == account.ceiling:
        return
    if ceiling is None or account.ceiling is None:
        raise Refused(
            "A coverage that counts to a ceiling keeps having one, and one without a ceiling never gets one. "
            "Draft another instrument and let it supersede this one.",
            rule="assurance.ceiling_kind",
            field="ceiling",
        )
    check_new_ceiling(ceiling, used=account.reserved + account.drawn)
    act = raise_ceiling if ceiling > account.ceiling else lower_ceiling
    act(
        account=account,
        units=abs(ceiling - account.ceiling),
        key=f"ceiling:{instrument.version}",
        reason=reason,
        by=by,
        at=at,
    )


@operation
def change_ceiling(
    *, instrument: Instrument, ceiling: int, reason: str, version: int, by: User, at: datetime
) -> Instrument:
    """Raise or lower the ceiling of an instrument that stands, never below what is reserved and drawn.

    To raise it takes somebody other than the drafter. Raises Refused naming the field `ceiling`.
    """
    locked = lock(instrument, version=version)
    check_can_keep_instruments(by, to="change a ceiling")
    if locked.status not in STANDING:
        raise Refused(
            f"{locked.number} is “{locked.get_status_display().lower()}”: only the ceiling of an instrument that "
            "stands can be changed.",
            rule="assurance.ceiling_stands",
        )
    check_not_ended(locked, at=at)
    words = need(reason, "Say what the new ceiling rests on: the clause or the note.", field="reason")
    check_ceiling(locked.kind, ceiling)
    before = locked.ceiling
    if before is not None and ceiling > before:
        check_is_second(by, first_ids=[locked.drafted_by_id], to="raise its ceiling", did="drafted this instrument")
    if ceiling == before:
        raise Refused(f"The ceiling is {ceiling:,} already.", rule="assurance.ceiling_other", field="ceiling")
    set_ceiling(locked, ceiling, reason=words, by=by, at=at)
    locked.ceiling = ceiling
    locked.version += 1
    locked.save(update_fields=["ceiling", "version"])
    record(
        subject=locked,
        verb="coverage.ceiling_changed",
        says=f"Changed the ceiling of {locked.number} from {before or 0:,} to {ceiling:,}: {words}",
        by=by,
        at=at,
        data={"before": before, "after": ceiling},
    )
    return locked


@operation
def amend_instrument(
    *,
    instrument: Instrument,
    text: TextVersion,
    terms: Terms,
    given: Mapping[str, Given],
    says: str,
    version: int,
    by: User,
    at: datetime,
) -> Instrument:
    """Put an amended text into force with what it changes in terms and undertakings; the instrument keeps standing.

    Raises NotPermitted for whoever added that text; Refused where the text is not signed or not translated, is not
    newer than the one in force, a mandatory undertaking would be missing, or the ceiling is below what is used.
    """
    locked = lock(instrument, version=version)
    check_is_second(by, first_ids=[text.added_by_id], to="put the amendment into force", did="added the amended text")
    status = next_status(locked, "amend")
    check_newer(locked, text)
    words = need(says, "Say what the amendment changes.", field="says")
    edition = get_operating_edition(at)
    check_not_ended(locked, at=at)
    if terms.from_on is None:
        terms = replace(terms, from_on=locked.from_on)
    elif begins_at(terms.from_on) > at:
        raise Refused(
            "What stands cannot begin later than today: its licenses would stand on nothing until then. Keep its first "
            "day, and amend it when the new one has come.",
            rule="assurance.period_begun",
            field="from_on",
        )
    if terms.to_on is not None and begins_at(terms.to_on) <= at:
        raise Refused(
            f"{tell_day(terms.to_on)} has passed. Enter a later end, or terminate the instrument.",
            rule="assurance.period_over",
            field="to_on",
        )
    if terms.kind != locked.kind:
        raise Refused("An amendment does not change the kind of instrument.", rule="assurance.kind", field="kind")
    _check_dependents_stay_covered(locked, terms)
    set_ceiling(locked, terms.ceiling, reason=words, by=by, at=at)
    notes = write_undertakings(locked, given, edition, by=by, at=at)
    check_undertakings(locked, edition)
    write_terms(locked, terms)
    move(locked, status, text_in_force=text)
    set_expiry(locked, edition, owner=by, by=by, at=at)
    tell_standing(locked, stands=True, says=f"Amended: {words}", by=by, at=at)
    record(
        subject=locked,
        verb="instrument.amended",
        says=f"Amended {locked.number} by version {text.number} of its text: {words}"
        + (f" {tell_notes(notes, edition)}" if notes else ""),
        by=by,
        at=at,
        data={**tell_terms(terms), "sha256": text.sha256, "number": text.number},
        covers=notes,
    )
    return locked


def _check_dependents_stay_covered(instrument: Instrument, terms: Terms) -> None:
    """Refuse to cover less while cases or licenses stand on what was covered: they would stand on nothing."""
    ground = get_ground(GROUND, str(instrument.pk))
    dependents = [] if ground is None else [reliance.label for reliance in list_reliances(ground)]
    if dependents and not terms.coverage.holds(read_coverage(instrument)):
        raise Refused(
            f"The amendment covers less than before, and {', '.join(dependents[:10])} may stand on what it leaves out. "
            "Keep every country, end user, installation and model, or suspend the instrument and let another one "
            "supersede it.",
            rule="assurance.amended_coverage",
            field="countries",
        )


def check_newer(instrument: Instrument, text: TextVersion) -> None:
    """Refuse a text of another instrument, an older one, and one that cannot be relied on."""
    if text.instrument_id != instrument.pk:
        raise Refused("Choose a version of this instrument's text.", rule="assurance.text_of", field="text")
    check_signed_text(text)
    binding = instrument.text_in_force
    assert binding is not None, "what is in force rests on a text: the database says so"
    if text.number <= binding.number:
        raise Refused(
            f"{instrument.number} rests on version {binding.number} of its text, and version {text.number} is not "
            "newer. Add the newly signed text first.",
            rule="assurance.newer_text",
            field="text",
        )


@operation
def renew_instrument(
    *,
    instrument: Instrument,
    text: TextVersion,
    to_on: date | None,
    says: str,
    version: int,
    by: User,
    at: datetime,
    ceiling: int | None = None,
) -> Instrument:
    """Renew an instrument for a further period, also after it expired; what was reserved and drawn carries over.

    `to_on` is the first day that it no longer covers, or None. `ceiling` raises or lowers the ceiling with it.
    Whatever stood on it stands again. Raises NotPermitted for whoever added the signed text.
    """
    locked = lock(instrument, version=version)
    check_is_second(by, first_ids=[text.added_by_id], to="renew the instrument", did="added the text of the renewal")
    status = next_status(locked, "renew")
    check_newer(locked, text)
    words = need(says, "Say on what the renewal rests.", field="says")
    if to_on is not None and (begins_at(to_on) <= at or (locked.to_on is not None and to_on <= locked.to_on)):
        after = tell_day(max(day_of(at), locked.to_on or day_of(at)))
        raise Refused(
            f"A renewal ends later than {after}. Enter a later day, or leave it empty for a renewal without an end.",
            rule="assurance.renewal_later",
            field="to_on",
        )
    check_period(locked.from_on, to_on)
    edition = get_operating_edition(at)
    check_undertakings(locked, edition)
    changes: dict[str, Any] = {"to_on": to_on, "text_in_force": text}
    if ceiling is not None:
        check_ceiling(locked.kind, ceiling)
        set_ceiling(locked, ceiling, reason=words, by=by, at=at)
        changes["ceiling"] = ceiling
    move(locked, status, **changes)
    meet_deadline(subject=locked, kind=EXPIRY, by=by, at=at)
    set_expiry(locked, edition, owner=by, by=by, at=at)
    until = f"until {tell_day(to_on)}" if to_on else "without an end"
    tell_standing(locked, stands=True, says=f"Renewed {until}.", by=by, at=at)
    record(
        subject=locked,
        verb="instrument.renewed",
        says=f"Renewed {locked.number} {until}: {words}",
        by=by,
        at=at,
        data={"to_on": to_on, "ceiling": locked.ceiling, "sha256": text.sha256},
    )
    return locked


@operation
def supersede_instrument(
    *, instrument: Instrument, successor: Instrument, says: str, version: int, by: User, at: datetime
) -> Instrument:
    """Let another instrument take its place: licenses stand on the successor, which counts what was drawn here.

    Pending cases choose their evidence anew. Refused unless the successor stands and covers at least what this one
    covers, while chips are reserved here, and where its coverage does not suffice for what was drawn.
    """
    if instrument.pk == successor.pk:
        raise Refused("Choose another instrument.", rule="assurance.successor", field="successor")
    # Both are locked in one order, so that no two acts can wait for each other.
    lock_grounds(instrument, successor)
    both = {each.pk: lock(each) for each in sorted((instrument, successor), key=lambda each: each.pk)}
    locked, taker = lock(instrument, version=version), both[successor.pk]
    check_can_keep_instruments(by, to="put an instrument in another's place")
    status = next_status(locked, "supersede")
    words = need(says, "Say why the other instrument takes its place.", field="says")
    if not is_standing(taker.status, until=taker.until, at=at):
        raise Refused(
            f"{taker.number} does not stand at present. Bring it into force first.",
            rule="assurance.successor_stands",
            field="successor",
        )
    if (taker.kind == InstrumentKind.SECURITY_GUARANTEE) != (locked.kind == InstrumentKind.SECURITY_GUARANTEE):
        raise Refused(
            "A security guarantee and an assurance meet different requirements, so neither takes the other's place. "
            "Choose an instrument that meets the same one.",
            rule="assurance.successor_kind",
            field="successor",
        )
    if not read_coverage(taker).holds(read_coverage(locked)):
        raise Refused(
            f"{taker.number} does not cover all countries, end users, installations and models of {locked.number}. "
            "Amend it first, or terminate this one.",
            rule="assurance.successor_covers",
            field="successor",
        )
    account = get_coverage(locked)
    if account.reserved:
        raise Refused(
            f"{account.reserved:,} chips are reserved here by pending cases. They have to be decided first, or to "
            "choose other evidence.",
            rule="assurance.successor_reserved",
            field="successor",
        )
    if account.drawn:
        draw(
            account=get_coverage(taker),
            units=account.drawn,
            key=f"carried:{locked.pk}",
            reason=f"Carried over from {locked.number}",
            by=by,
            at=at,
        )
    ground = get_ground(GROUND, str(locked.pk))
    if ground is not None:
        if not ground.stands:
            # What it holds is let go before it passes to the successor, which stands.
            tell_standing(locked, stands=True, says=f"{taker.number} took its place.", by=by, at=at)
        for reliance in list_reliances(ground).filter(dependent_kind=DependentKind.LICENSE):
            dependent = (reliance.dependent_kind, reliance.dependent_id)
            rely_on(subject=(GROUND, str(taker.pk)), dependent=dependent, label=reliance.label, by=by, at=at)
            end_reliances(dependent=dependent, ground=ground, by=by, at=at)
    move(locked, status, superseded_by=taker, ended_at=at)
    cancel_steps(locked, by=by, at=at)
    tell_standing(locked, stands=False, says=f"Superseded by {taker.number}.", by=by, at=at)
    for subject, sentence in (
        (locked, f"{taker.number} took the place of {locked.number}: {words}"),
        (taker, f"Took the place of {locked.number}, with {account.drawn:,} chips drawn there: {words}"),
    ):
        record(
            subject=subject,
            verb="instrument.superseded",
            says=sentence,
            by=by,
            at=at,
            data={"instrument": locked.pk, "successor": taker.pk, "drawn": account.drawn},
        )
    return locked
