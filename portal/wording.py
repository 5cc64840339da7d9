"""Statuses in the words of an applicant: what happened, what happens next, who owes what until when."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone

from licensing.models import Application, Case
from licensing.selectors import ApplicationPage
from licensing.statuses import ApplicationStatus, CaseKind, CaseStatus

STEPS: tuple[tuple[str, str], ...] = (
    ("parties", "The parties"),
    ("installation", "The installation"),
    ("items", "The items"),
    ("end-use", "The end use"),
    ("safeguards", "The safeguards"),
    ("documents", "The documents"),
)

# What the step indicator counts: the steps, and the two pages that end in the filing.
PROGRESS: tuple[str, ...] = (*(words for _, words in STEPS), "Review", "Certify and file")

NEXT: Mapping[str, str] = {
    CaseStatus.RECEIVED: "A licensing officer will take your case.",
    CaseStatus.UNDER_REVIEW: "A licensing officer reviews your case.",
    CaseStatus.AWAITING_INFORMATION: "The officer has a question. The clock stands until you answer it.",
    CaseStatus.RECOMMENDED: "The officer has recommended; officials sign next.",
    CaseStatus.COUNTERSIGNED: "Your case waits for its decision.",
    CaseStatus.ISSUED: "Your license was issued. Download it below.",
    CaseStatus.EXEMPTION_ACCEPTED: "Your exemption was accepted. Its notice says what you must report, and when.",
    CaseStatus.DENIED: "Your application was denied. The letter gives the reasons and your right of appeal.",
    CaseStatus.RETURNED: "Your application was returned without action. The letter says what was missing.",
    CaseStatus.REFUSED_BARRED: "Your application was refused because the rules bar it. The letter names the rule.",
    CaseStatus.NOT_CONTROLLED: "No license is needed under these rules. The letter says so in writing.",
    CaseStatus.WITHDRAWN: "You withdrew this application.",
}


@dataclass(frozen=True, slots=True)
class Line:
    """An application as a list shows it."""

    reference: str
    acn: str
    title: str
    status: str
    status_words: str
    says: str
    act_url: str
    act_words: str
    saved_at: datetime


def present_application(application: Application, now: datetime) -> Line:
    """One line of the list of applications."""
    case: Case | None = getattr(application, "case", None)
    address = f"/portal/applications/{application.reference}/"
    if case is None:
        withdrawn = application.status == ApplicationStatus.WITHDRAWN
        return Line(
            reference=str(application.reference),
            acn="",
            title=_title(application),
            status=application.status,
            status_words=application.get_status_display(),
            says="You withdrew this draft." if withdrawn else "Not filed yet.",
            act_url=address,
            act_words="View" if withdrawn else "Continue",
            saved_at=application.saved_at,
        )
    waits = case.status == CaseStatus.AWAITING_INFORMATION
    return Line(
        reference=str(application.reference),
        acn=case.acn,
        title=case.subject_line,
        status=case.status,
        status_words=case.get_status_display(),
        says=tell_next(case),
        act_url=f"{address}case/",
        act_words="Answer the question" if waits else "View",
        saved_at=application.saved_at,
    )


def tell_next(case: Case) -> str:
    """What happens next, with the date until which it should."""
    says = NEXT[case.status]
    if case.kind == CaseKind.EXEMPTION and case.status == CaseStatus.UNDER_REVIEW:
        says = "A licensing officer checks your plan and the recipient’s undertaking."
    if case.due_at and case.closed_at is None and case.status != CaseStatus.AWAITING_INFORMATION:
        local = timezone.localtime(case.due_at)
        says += f" A decision is due by {local:%B} {local.day}, {local.year}."
    return says


def _title(application: Application) -> str:
    items = [f"{item.quantity:,} {item.model}" for item in application.items.all()]
    users = [party.name for party in application.parties.all() if party.role == "end_user"]
    what = ", ".join(items[:2]) or "No items yet"
    return f"{what} to {users[0]}" if users else what


def _any(page: ApplicationPage, *names: str) -> bool:
    return any(getattr(page.application, name) for name in names)


def list_tasks(page: ApplicationPage) -> list[dict[str, Any]]:
    """The steps of a draft with their state, for a task list."""
    begun = {
        "parties": bool(page.parties or page.application.unfinished.get("parties")),
        "installation": _any(page, "site_name", "site_operator", "site_address", "site_city", "site_country_id"),
        "items": bool(page.items or page.application.unfinished.get("items")),
        "end-use": _any(page, "end_use", "additional_information", "own_reference", "resubmission_of"),
        "safeguards": _any(page, "declared_facts", "undertaking_signatory", "undertaking_signed_on"),
        "documents": bool(page.documents),
    }
    optional = {"safeguards": "Only for an exemption", "documents": "As many as you need"}
    tasks = []
    for name, words in STEPS:
        lacking = page.lacking(name)
        if lacking:
            state, label = ("in_progress", "Incomplete") if begun[name] else ("not_started", "Not started")
        elif begun[name]:
            state, label = "complete", "Complete"
        else:
            state, label = "not_started", "Optional"
        tasks.append(
            {
                "title": words,
                "url": f"/portal/applications/{page.application.reference}/{name}/",
                "state": state,
                "state_label": label,
                "hint": lacking[0].says if lacking and begun[name] else optional.get(name, ""),
            }
        )
    return tasks
