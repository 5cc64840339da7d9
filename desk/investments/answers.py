"""What every act on a commitment has in common: its page says what will happen, takes the form, and makes one call."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from accounts.rules import Refused
from desk import answering
from investments.models import Commitment
from investments.operations import PaperIn
from investments.rules import Rate

Act = Callable[[dict[str, Any]], tuple[Commitment, str]]


@dataclass(frozen=True, slots=True)
class Page:
    """The words of an act's page: its heading, what will happen, the facts it rests on, and its button."""

    title: str
    panel: str
    effects: Sequence[str]
    button: str
    danger: bool = False
    facts: Sequence[tuple[str, str]] = ()
    document_url: str = ""


def bound(request: HttpRequest, kind: type[forms.Form], commitment: Commitment | None, **options: Any) -> Any:
    """The form with what was sent, or a new one that knows the version of the commitment that it is shown with."""
    if commitment is not None:
        options["initial"] = {"version": commitment.version, **options.get("initial", {})}
    return answering.bind(request, kind, **options)


def answer(
    request: HttpRequest, page: Page, form: forms.Form, act: Act, *, commitment: Commitment | None
) -> HttpResponse:
    """Show the form, or do the act and go to the commitment."""

    def done(data: dict[str, Any]) -> answering.Done:
        changed, says = act(data)
        return says, reverse("desk:commitment", args=[changed.number])

    return answering.answer(request, form, done, "desk/investments/act.html", words=page, commitment=commitment)


def read_rate(data: dict[str, Any]) -> Rate | None:
    """The rate as the form has it. Refused, naming the field, when only a part of it was given."""
    dollars, on, source = data.get("rate"), data.get("rate_on"), data.get("rate_source", "")
    if dollars is None and on is None and not source:
        return None
    if dollars is None:
        raise Refused("Give the rate that this day and source belong to.", rule="investments.rate_given", field="rate")
    if on is None:
        raise Refused("Say of which day the rate is.", rule="investments.rate_given", field="rate_on")
    return Rate(dollars, on, source)


def read_paper(data: dict[str, Any]) -> PaperIn:
    """The document as the form has it."""
    return PaperIn(
        upload=data["file"],
        language=data["language"],
        translation=data.get("translation"),
        translator=data.get("translator", ""),
    )
