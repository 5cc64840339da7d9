"""How the pages of acts answer: the form, its errors and refusals with what was typed, or the instrument's page."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from accounts.rules import Refused
from assurances.selectors import InstrumentPage

Act = Callable[[Any], str]


@dataclass(frozen=True, slots=True)
class Words:
    """What an act's page says: its heading, what will happen, and the button, which says what it does."""

    heading: str
    panel: str
    button: str
    points: Sequence[str] = field(default=())
    danger: bool = False
    # Whether the chips of its coverage are shown before the act.
    counts: bool = False


def bind(request: HttpRequest, kind: type[forms.Form], **options: Any) -> Any:
    """The form with what was sent, or as it begins."""
    if request.method == "POST":
        return kind(request.POST, request.FILES, **options)
    return kind(**options)


def answer(
    request: HttpRequest,
    page: InstrumentPage,
    form: forms.Form,
    words: Words,
    act: Act,
    *,
    template: str = "act",
    **context: Any,
) -> HttpResponse:
    """Show the form, or do the act and go back to the instrument."""
    refused, status = None, 200
    if request.method == "POST":
        if form.is_valid():
            try:
                messages.success(request, act(form.cleaned_data))
                return redirect("desk:assurance", page.instrument.pk)
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
        f"desk/assurances/{template}.html",
        {
            "page": page,
            "instrument": page.instrument,
            "form": form,
            "words": words,
            "refused": refused,
            "has_file": form.is_multipart(),
            **context,
        },
        status=status,
    )
