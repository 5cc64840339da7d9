"""A filed application as its applicant follows it: status, questions, decision, license, letters."""

import uuid
from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from deadlines.rules import day_of
from licensing import operations, selectors
from licensing.selectors.applications import list_exemption_views
from licensing.selectors.shipments import can_ship
from licensing.selectors.waiting import RequirementView
from licensing.statuses import RequirementStatus
from portal.answering import answer as answer_form
from portal.answering import bind
from portal.applications import find
from portal.forms import AnswerForm
from portal.wording import tell_next


@require_safe
def detail(request: HttpRequest, reference: uuid.UUID) -> HttpResponse:
    """Where the application stands, why, and what to do."""
    now = timezone.now()
    try:
        page = selectors.get_filed_page(reference=reference, by=request.user, at=now)
    except ObjectDoesNotExist:
        # Not filed yet, or nobody's: whoever has the draft goes on with it.
        find(request, reference)
        return redirect("portal:application", reference)
    license_ = getattr(page.case, "license", None)
    documents = [
        {
            "title": document.title,
            "url": f"/portal/applications/{reference}/documents/{document.pk}/",
            "kind_label": document.get_kind_display(),
            "size": document.size,
            "pages": document.pages,
            "uploaded_at": document.uploaded_at,
        }
        for document in page.documents
    ]
    return render(
        request,
        "portal/cases/detail.html",
        {
            "page": page,
            "case": page.case,
            "application": page.application,
            "says": tell_next(page.case),
            "token": uuid.uuid4(),
            "documents": documents,
            "letters": [
                {
                    "title": letter.title,
                    "url": f"/portal/letters/{letter.pk}/",
                    "kind_label": letter.get_kind_display(),
                    "uploaded_at": letter.at,
                }
                for letter in page.letters
            ],
            "can_ship": license_ is not None
            and can_ship(license_, left=sum(view.left for view in page.lines), on=day_of(now)),
            "requirements": [(view, _tell_requirement(view)) for view in page.requirements],
            "open_question": next((q for q in page.questions if q.answered_at is None), None),
        },
    )


def _tell_requirement(view: RequirementView) -> str:
    """Whom it waits for, and what would satisfy it while it is open; or until when it stands."""
    if view.requirement.status != RequirementStatus.OPEN:
        return view.told
    return f"{view.told} Satisfied by: {view.requirement.satisfied_by}".strip()


@require_http_methods(["GET", "HEAD", "POST"])
def answer(request: HttpRequest, reference: uuid.UUID, number: int) -> HttpResponse:
    """Answer a question of the officer."""
    try:
        question = selectors.get_question(reference=reference, number=number, by=request.user)
    except ObjectDoesNotExist as error:
        raise Http404 from error

    def call(data: dict[str, Any]) -> str:
        uploads = [(data["title"] or f"Answer to question {number}", data["file"])] if data["file"] else []
        operations.answer_information(
            request=question, answer=data["answer"], uploads=uploads, by=request.user, at=timezone.now()
        )
        return "Your answer was sent. The clock runs again."

    return answer_form(
        request,
        bind(request, AnswerForm, {}),
        call,
        template="cases/answer",
        onward=f"/portal/applications/{reference}/case/",
        context={"question": question, "case": question.case, "application": question.case.application},
    )


@require_safe
def document(request: HttpRequest, reference: uuid.UUID, document_id: int) -> FileResponse:
    """A document of an own application."""
    try:
        found = selectors.get_own_document(reference=reference, document_id=document_id, by=request.user)
        return FileResponse(
            found.file.open("rb"),
            as_attachment=True,
            filename=f"document-{found.pk}.pdf",
            content_type="application/pdf",
        )
    except (ObjectDoesNotExist, FileNotFoundError) as error:
        raise Http404 from error


@require_safe
def letter(request: HttpRequest, letter_id: int) -> HttpResponse:
    """A letter or license as it went out."""
    try:
        found = selectors.get_letter(letter_id=letter_id, by=request.user)
    except ObjectDoesNotExist as error:
        raise Http404 from error
    response = HttpResponse(bytes(found.pdf), content_type="application/pdf")
    response.headers["Content-Disposition"] = f'attachment; filename="{found.case.acn}-{found.kind}.pdf"'
    response.headers["Cache-Control"] = "private, no-store"
    return response


@require_safe
def licenses(request: HttpRequest) -> HttpResponse:
    """The organization's licenses and accepted exemptions with what they are worth today."""
    today = timezone.localdate()
    return render(
        request,
        "portal/cases/licenses.html",
        {
            "licenses": selectors.list_license_views(by=request.user, on=today),
            "exemptions": list_exemption_views(by=request.user, on=today),
        },
    )
