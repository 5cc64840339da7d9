"""Visits for a case or a license: what they check is known here, and who recommended it."""

from datetime import datetime

import inspections.operations
from accounts.models import Unit, User
from accounts.rules import Refused
from audit.operations import operation
from inspections.models import Candidate, Visit
from inspections.permissions import check_can_request
from licensing.models import Case, License
from licensing.operations.ending import lock_case
from licensing.statuses import APPROVALS
from registry.models import Installation


@operation
def request_visit(
    *,
    number: str,
    kind: str,
    installation: Installation,
    occasion: str,
    by: User,
    at: datetime,
    needed_at: datetime | None = None,
    candidate: Candidate | None = None,
) -> Visit:
    """Request a visit to an installation, for the case or license of this number where there is one.

    Nobody of a unit that recommended the case's approval goes: those who have are written down with the visit, those
    who do so later by `recommend`. Raises as `inspections.operations.request_visit`, and Refused, naming the field,
    for a number that is nobody's and for a case of another installation.
    """
    subject, units = None, []
    if number := number.strip().upper():
        check_can_request(by)
        # Locked, so that a recommendation that is being written either is seen here or sees the visit.
        found, subject = _find_subject(number)
        case = lock_case(found)
        place = case.application.installation
        if place is None or place.pk != installation.pk:
            raise Refused(
                f"{number} is about {place.name if place else 'a place that is not in the register yet'}, not about "
                f"{installation.name}. Choose that place, or leave the number empty.",
                rule="inspections.subject_place",
                field="subject_label",
            )
        units = list(
            Unit.objects.filter(
                pk__in=case.recommendations.filter(action__in=APPROVALS, author__unit__isnull=False).values(
                    "author__unit"
                )
            )
        )
    return inspections.operations.request_visit(
        kind=kind,
        installation=installation,
        occasion=occasion,
        subject=subject,
        recommended_by=units,
        needed_at=needed_at,
        candidate=candidate,
        by=by,
        at=at,
    )


def _find_subject(number: str) -> tuple[Case, tuple[str, str, str]]:
    case = Case.objects.filter(acn=number).first()
    if case is not None:
        return case, ("case", str(case.pk), number)
    license = License.objects.select_related("case").filter(number=number).first()
    if license is not None:
        return license.case, ("license", str(license.pk), number)
    raise Refused(
        f"There is no case and no license {number[:20]}. A case's number looks like C104233, a license's like D000017.",
        rule="inspections.subject",
        field="subject_label",
    )
