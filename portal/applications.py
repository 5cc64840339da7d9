"""An exporter's applications: the list, the draft's overview, its review, its certification."""

import uuid
from typing import Any

from django.contrib import messages
from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.rules import Refused
from licensing import operations, selectors
from licensing.models import Application
from licensing.selectors import ApplicationPage
from licensing.statuses import ApplicationStatus
from portal.answering import answer, bind, make_once
from portal.forms import CertifyForm, WithdrawForm
from portal.wording import PROGRESS, list_tasks, present_application


def find(request: HttpRequest, reference: uuid.UUID) -> Application:
    """An application of this person's organization, or 404 as if it were not there."""
    try:
        return selectors.get_application(reference, request.user)
    except ObjectDoesNotExist as error:
        raise Http404 from error


def find_page(request: HttpRequest, reference: uuid.UUID) -> ApplicationPage:
    """A draft with all its steps show, or 404."""
    try:
        return selectors.get_application_page(reference=reference, by=request.user, at=timezone.now())
    except ObjectDoesNotExist as error:
        raise Http404 from error


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Drafts and filed applications, each with what happens next in plain words."""
    now = timezone.now()
    found = selectors.get_applications_from(by=request.user, before=request.GET.get("before", ""))
    return render(
        request,
        "portal/applications/home.html",
        {
            "drafts": [present_application(a, now) for a in found.rows if a.status == ApplicationStatus.DRAFT],
            "filed": [present_application(a, now) for a in found.rows if a.status != ApplicationStatus.DRAFT],
            "next_url": f"?before={found.before}" if found.before else "",
            "first_url": request.path if request.GET.get("before") else "",
            "token": uuid.uuid4(),
        },
    )


@require_POST
def start(request: HttpRequest) -> HttpResponse:
    """Begin a draft; the same button again leads to the same draft."""

    def make() -> str:
        draft = operations.start_application(organization=request.user.organization, by=request.user, at=timezone.now())
        return reverse("portal:application", args=[draft.reference])

    return redirect(make_once(request, make).made)


@require_safe
def overview(request: HttpRequest, reference: uuid.UUID) -> HttpResponse:
    """The draft as a list of steps; a filed application is followed on its case's page."""
    page = find_page(request, reference)
    if page.application.submitted_at is not None:
        return redirect("portal:case", reference)
    return render(
        request,
        "portal/applications/overview.html",
        {"page": page, "application": page.application, "tasks": list_tasks(page), "token": uuid.uuid4()},
    )


@require_safe
def review(request: HttpRequest, reference: uuid.UUID) -> HttpResponse:
    """Everything as it would be filed, what the rules would answer, and what is still missing."""
    page = find_page(request, reference)
    if page.application.submitted_at is not None:
        return redirect("portal:case", reference)
    determination, undetermined = None, None
    try:
        determination = operations.determine_draft(application=page.application, at=timezone.now())
    except Refused as refused:
        undetermined = refused
    return render(
        request,
        "portal/applications/review.html",
        {
            "page": page,
            "application": page.application,
            "determination": determination.as_dict() if determination else None,
            "undetermined": undetermined,
            "steps": PROGRESS,
            "current": len(PROGRESS) - 1,
        },
    )


@require_http_methods(["GET", "HEAD", "POST"])
def certify(request: HttpRequest, reference: uuid.UUID) -> HttpResponse:
    """Certify the draft and file it."""
    initial: dict[str, Any] = {}
    if request.method != "POST":
        application = find(request, reference)
        if application.submitted_at is not None:
            return redirect("portal:case", reference)
        initial = {"version": application.version, "key": uuid.uuid4().hex, "certifier_name": request.user.name}

    def call(data: dict[str, Any]) -> str:
        case = operations.certify_and_submit(
            application=reference,
            name=data["certifier_name"],
            title=data["certifier_title"],
            certified=data["certified"],
            version=data["version"],
            key=data["key"],
            by=request.user,
            at=timezone.now(),
        )
        return f"Your application was filed. Its Application Control Number is {case.acn}."

    form = bind(request, CertifyForm, initial)
    if request.method == "POST" and not form.is_valid():
        find(request, reference)
    try:
        return answer(
            request,
            form,
            call,
            template="applications/certify",
            onward=f"/portal/applications/{reference}/case/",
            context={"reference": reference, "steps": PROGRESS, "current": len(PROGRESS)},
        )
    except ObjectDoesNotExist as error:
        raise Http404 from error


@require_http_methods(["GET", "HEAD", "POST"])
def withdraw(request: HttpRequest, reference: uuid.UUID) -> HttpResponse:
    """Withdraw a draft or a pending application."""
    application = find(request, reference)

    def call(data: dict[str, Any]) -> str:
        operations.withdraw_application(
            application=application, reason=data["reason"], by=request.user, at=timezone.now()
        )
        return "The application was withdrawn."

    return answer(
        request,
        bind(request, WithdrawForm, {}),
        call,
        template="applications/withdraw",
        onward="/portal/",
        context={"application": application},
    )


@require_POST
def copy(request: HttpRequest, reference: uuid.UUID) -> HttpResponse:
    """Begin a draft with what an earlier application says; the same button again leads to the same draft."""
    application = find(request, reference)

    def make() -> str:
        draft = operations.copy_application(application=application, by=request.user, at=timezone.now())
        return reverse("portal:application", args=[draft.reference])

    sent = make_once(request, make)
    if not sent.repeated:
        messages.success(request, "A draft was made with the same parties, site, items and end use.")
    return redirect(sent.made)
