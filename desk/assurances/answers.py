"""How the pages of acts on an instrument answer, and what they say."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from assurances.selectors import InstrumentPage
from desk import answering

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
    back = reverse("desk:assurance", args=[page.instrument.pk])
    return answering.answer(
        request,
        form,
        lambda data: (act(data), back),
        f"desk/assurances/{template}.html",
        page=page,
        instrument=page.instrument,
        words=words,
        **context,
    )
