"""May they? Exporters act inside their own organization; staff act by role. Everything else is refused."""

from dataclasses import dataclass
from typing import Protocol

from accounts.permissions import NotPermitted, check_has_role, is_commerce, is_exporter
from accounts.rules import Principal
from accounts.statuses import Role
from licensing.models import Application, Case
from licensing.statuses import ApplicationStatus, CaseKind, CaseStatus

FILERS = (Role.EXPORTER_MEMBER, Role.EXPORTER_ADMIN)


def check_can_file_for(by: Principal, *, organization_id: int) -> None:
    """Raise NotPermitted unless `by` files for this exporter."""
    check_has_role(by, *FILERS, to="file an application")
    if by.organization_id != organization_id:
        raise NotPermitted("You can only file for your own organization.")


def check_is_exporter(by: Principal) -> None:
    """Raise NotPermitted unless `by` files or follows applications for an exporter."""
    if not is_exporter(by):
        raise NotPermitted("Only the people of an exporter can see its applications. Staff work on the desk.")


def check_can_see_application(by: Principal, application: Application) -> None:
    """An exporter sees its own organization's applications; Commerce sees what was submitted."""
    if is_exporter(by) and by.organization_id == application.organization_id:
        return
    if is_commerce(by) and application.status != ApplicationStatus.DRAFT:
        return
    raise NotPermitted("This application is not yours to see.")


def check_can_edit_application(by: Principal, application: Application) -> None:
    """Raise NotPermitted unless `by` files for the application's own organization."""
    check_can_file_for(by, organization_id=application.organization_id)


def check_can_see_case(by: Principal, case: Case) -> None:
    """Commerce staff see every case; the applicant's people see their own organization's."""
    if is_commerce(by):
        return
    if is_exporter(by) and by.organization_id == case.application.organization_id:
        return
    raise NotPermitted("This case is not yours to see.")


def check_can_assign(by: Principal, *, to_id: int) -> None:
    """An officer takes a case; a director assigns it to somebody else."""
    if by.has_role(Role.LICENSING_OFFICER) and by.actor.kind == "user" and by.actor.id == str(to_id):
        check_has_role(by, Role.LICENSING_OFFICER, to="take a case")
        return
    check_has_role(by, Role.LICENSING_DIRECTOR, to="assign a case to somebody else")


def check_can_work_on(by: Principal, case: Case, *, to: str) -> None:
    """Only the officer to whom a case is assigned works on it."""
    check_has_role(by, Role.LICENSING_OFFICER, to=to)
    if case.officer_id is None:
        raise NotPermitted(f"Take case {case.acn} first: only its officer may {to}.")
    if by.actor.id != str(case.officer_id):
        raise NotPermitted(
            f"Case {case.acn} is assigned to somebody else. Only its officer may {to}; a licensing director can "
            "reassign it."
        )


def can_work_on(by: Principal, case: Case) -> bool:
    """Whether the case is this person's to work on."""
    try:
        check_can_work_on(by, case, to="work on it")
    except NotPermitted:
        return False
    return True


def check_can_countersign(by: Principal, *, author_id: int) -> None:
    """A countersigner signs what somebody else wrote."""
    check_has_role(by, Role.COUNTERSIGNER, to="countersign a recommendation")
    if by.actor.id == str(author_id):
        raise NotPermitted("You wrote this recommendation, so somebody else must countersign it.")


def check_can_decide(by: Principal, *, author_id: int, signer_ids: frozenset[int]) -> None:
    """A director decides who neither recommended nor countersigned."""
    check_has_role(by, Role.LICENSING_DIRECTOR, to="decide a case")
    if by.actor.id == str(author_id):
        raise NotPermitted("You wrote the recommendation, so somebody else must decide.")
    if by.actor.id in {str(signer) for signer in signer_ids}:
        raise NotPermitted("You countersigned the recommendation, so somebody else must decide.")


def check_can_send_back(by: Principal) -> None:
    """A countersigner or a director sends a recommendation back to its author."""
    check_has_role(by, Role.COUNTERSIGNER, Role.LICENSING_DIRECTOR, to="send a recommendation back")


def check_can_sign_waiver(by: Principal) -> None:
    """Waivers are signed by officials who hold that authority."""
    check_has_role(by, Role.WAIVER_OFFICIAL, to="waive a requirement")


def check_can_add_note(by: Principal) -> None:
    """Everyone who works on cases at Commerce may leave a note."""
    if not is_commerce(by):
        raise NotPermitted("Only Commerce staff may add a note to a case.")


def check_is_staff_of_cases(by: Principal) -> None:
    """Raise NotPermitted unless `by` works on cases at Commerce."""
    if not is_commerce(by):
        raise NotPermitted("Only Commerce staff may see the work basket.")


class CaseRow(Protocol):
    """What of a case decides who can do what next: a case itself, or its row in a basket."""

    @property
    def officer_id(self) -> int | None: ...

    @property
    def status(self) -> str: ...

    @property
    def kind(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Standing:
    """How a person stands to a case, beyond what the case's own row tells.

    `had_a_hand`: they wrote or signed the newest version of its recommendation. `evidence_wanted`: a requirement
    is open. `waiver_wanted`: one that may be waived is open, and they have not signed its waiver.
    """

    had_a_hand: bool = False
    evidence_wanted: bool = False
    waiver_wanted: bool = False


def list_acts(by: Principal, case: CaseRow, standing: Standing) -> list[tuple[str, str]]:
    """What this person can do next on a case: (act, words), the most urgent first. It asks no database."""
    if not by.is_active:
        return []
    mine = case.officer_id is not None and by.actor.id == str(case.officer_id)
    # Four eyes: whoever wrote or signed a version neither signs nor decides it.
    judges = not mine and not standing.had_a_hand
    status = case.status
    acts: list[tuple[str, str]] = []
    if by.has_role(Role.LICENSING_OFFICER):
        if case.officer_id is None and status == CaseStatus.RECEIVED:
            acts.append(("take", "Take this case"))
        if mine and status == CaseStatus.UNDER_REVIEW:
            if case.kind == CaseKind.EXEMPTION:
                acts.append(("accept_exemption", "Check the exemption"))
            else:
                acts.append(("recommend", "Recommend"))
            acts.append(("request_information", "Request information"))
        if mine and status in (CaseStatus.RECOMMENDED, CaseStatus.COUNTERSIGNED):
            acts.append(("recommend", "Revise the recommendation"))
        if mine and status in OPEN_STATUSES and standing.evidence_wanted:
            acts.append(("satisfy_requirement", "Record evidence"))
    if by.has_role(Role.COUNTERSIGNER) and status == CaseStatus.RECOMMENDED and judges:
        acts.append(("countersign", "Countersign"))
        acts.append(("send_back", "Send back"))
    if by.has_role(Role.LICENSING_DIRECTOR):
        if status == CaseStatus.COUNTERSIGNED and judges:
            acts.append(("decide", "Decide"))
            acts.append(("send_back", "Send back"))
        if status in (CaseStatus.RECEIVED, CaseStatus.UNDER_REVIEW, CaseStatus.AWAITING_INFORMATION):
            acts.append(("assign", "Assign"))
    if by.has_role(Role.WAIVER_OFFICIAL) and status in OPEN_STATUSES and standing.waiver_wanted:
        acts.append(("sign_waiver", "Consider a waiver"))
    return acts


OPEN_STATUSES = frozenset(
    {
        CaseStatus.RECEIVED,
        CaseStatus.UNDER_REVIEW,
        CaseStatus.AWAITING_INFORMATION,
        CaseStatus.RECOMMENDED,
        CaseStatus.COUNTERSIGNED,
    }
)
