"""How a case moves and ends: the status, the clock, the chips it held, its deadlines, in one place."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db.models import F

from accounts.rules import SYSTEM, Principal, Refused, Stale
from audit.operations import record
from deadlines.operations import cancel_deadline, end_clock
from deadlines.selectors import get_clock
from ledger.operations import draw_reserved, release
from ledger.selectors import get_account
from ledger.statuses import AccountKind
from licensing.models import Application, ApplicationItem, Case
from licensing.rules import APPLICATION_TRANSITIONS, CASE_TRANSITIONS, CLOCK, Finding, next_status
from licensing.statuses import ApplicationStatus, CaseStatus, ItemKind

from .reservations import let_go


def refuse_unmet(findings: Sequence[Finding]) -> None:
    """Raise Refused with every finding that is not met, the first one as the reason."""
    unmet = tuple(finding for finding in findings if not finding.met)
    if unmet:
        raise Refused(unmet[0].says, rule=unmet[0].rule, field=unmet[0].field or None, findings=unmet)


def lock_case(case: Case, *, version: int | None = None) -> Case:
    """Lock a case for one act; with a version, refuse an act that was begun on an older page."""
    locked = (
        Case.objects.select_for_update(of=("self",))
        .select_related("application", "application__organization", "application__installation", "destination")
        .get(pk=case.pk)
    )
    if version is not None and locked.version != version:
        raise Stale(
            f"Case {locked.acn} was changed by somebody else after you opened this page. Nothing was changed by you. "
            "Reload the page, look at what is new, and act again if it still fits.",
            rule="case.version",
        )
    return locked


def move_case(case: Case, *, act: str, **fields: object) -> Case:
    """Take a locked case through one step of its transition table and write the fields that go with it."""
    case.status = next_status(CASE_TRANSITIONS, CaseStatus(case.status), act, subject=f"Case {case.acn}")
    for name, value in fields.items():
        setattr(case, name, value)
    case.version += 1
    case.save(update_fields=["status", "version", *fields])
    return case


def chips_by_model(case: Case) -> list[ApplicationItem]:
    """The lines of a case that hold chips."""
    return [item for item in case.application.items.all() if item.kind == ItemKind.CHIP]


def settle_orders(case: Case, *, granted: Mapping[int, int], by: Principal, at: datetime) -> None:
    """Turn a case's pending chips into licensed ones as granted, and release the rest to nobody.

    `granted` gives chips for each line number; a line that is not in it was granted none.
    """
    installation = case.application.installation
    if installation is None:
        return
    for item in chips_by_model(case):
        account = get_account(AccountKind.INSTALLATION_ORDERS, installation, item.model)
        drawn = granted.get(item.line_no, 0)
        assert account is not None
        if drawn:
            draw_reserved(
                account=account,
                units=drawn,
                key=f"{case.acn}/{item.line_no}/licensed",
                reason=f"Licensed in {case.acn}.",
                by=by,
                at=at,
            )
        if item.quantity > drawn:
            release(
                account=account,
                units=item.quantity - drawn,
                key=f"{case.acn}/{item.line_no}/released",
                reason=f"No longer asked for in {case.acn}.",
                by=by,
                at=at,
            )


def close_clocks(case: Case, *, by: Principal, at: datetime) -> None:
    """End the processing clock of a case and let go of its deadlines."""
    end_clock(clock=get_clock(case, CLOCK), by=by, at=at)
    for kind in ("case_due", "information_answer"):
        cancel_deadline(subject=case, kind=kind, by=by, at=at)


def close_application(case: Case, *, by: Principal, at: datetime) -> None:
    """The application is over when its case is: nothing pending stands in the way of another."""
    application = case.application
    status = next_status(
        APPLICATION_TRANSITIONS, ApplicationStatus(application.status), "close", subject="This application"
    )
    Application.objects.filter(pk=application.pk).update(status=status, version=F("version") + 1)
    application.status = status
    record_closing(case, at=at)


def record_closing(case: Case, *, at: datetime) -> None:
    """Write down that the application ended with its case."""
    record(
        subject=case.application,
        verb="application.closed",
        says=f"The application is closed with case {case.acn}.",
        by=SYSTEM,
        at=at,
    )


def end_case(case: Case, *, act: str, says: str, by: Principal, at: datetime) -> Case:
    """End a case without a grant: its chips are released, its clock ends, its deadlines are let go."""
    locked = lock_case(case)
    move_case(locked, act=act, closed_at=at)
    settle_orders(locked, granted={}, by=by, at=at)
    let_go(locked, by=by, at=at)
    close_clocks(locked, by=by, at=at)
    record(subject=locked, verb=f"case.{act}", says=says, by=by, at=at)
    return locked
