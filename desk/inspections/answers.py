"""How the pages of acts answer: the form, its errors and refusals with what was typed, or the visit's page."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from accounts.rules import Refused
from inspections.models import Visit
from inspections.permissions import check_can_read_visits
from inspections.selectors import visits

Act = Callable[[Any], str]


@dataclass(frozen=True, slots=True)
class Words:
    """What an act's page says: its heading, what will happen, and the button, which says what it does."""

    heading: str
    panel: str
    button: str
    points: Sequence[str] = field(default=())
    danger: bool = False


def read_visit(request: HttpRequest, visit_id: int) -> Visit:
    """A visit for a page of an act, or not found. Raises NotPermitted."""
    check_can_read_visits(request.user)
    try:
        return visits.get_visit(visit_id)
    except Visit.DoesNotExist as error:
        raise Http404 from error


def bind(request: HttpRequest, kind: type[forms.Form], **options: Any) -> Any:
    """The form with what was sent, or as it begins."""
    if request.method == "POST":
        return kind(request.POST, request.FILES, **options)
    return kind(**options)


def answer(
    request: HttpRequest,
    visit: Visit | None,
    form: forms.Form,
    words: Words,
    act: Act,
    *,
    template: str = "act",
    **context: Any,
) -> HttpResponse:
    """Show the form, or do the act and go back to the visit."""
    refused, status = None, 200
    if request.method == "POST":
        if form.is_valid():
            try:
                messages.success(request, act(form.cleaned_data))
                back = context.get("back")
                return redirect(back) if back else redirect("desk:visit", visit.pk if visit else form.made)
            except Refused as refusal:
                status = 409
                if refusal.field in form.fields:
                    form.add_error(refusal.field, refusal.reason)
                else:
                    refused = refusal
        else:
            status = 400
    return render(
        request,
        f"desk/inspections/{template}.html",
        {
            "visit": visit,
            "form": form,
            "words": words,
            "refused": refused,
            "has_file": form.is_multipart(),
            **context,
        },
        status=status,
    )
