"""How the pages of acts on a visit answer, and what they say."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from desk import answering
from desk.answering import bind
from inspections.models import Visit
from inspections.permissions import check_can_read_visits
from inspections.selectors import visits

Act = Callable[[Any], str]
TAKES = require_http_methods(["GET", "POST"])


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


def answer(
    request: HttpRequest,
    visit: Visit,
    form: forms.Form,
    words: Words,
    act: Act,
) -> HttpResponse:
    """Show the form, or do the act and go back to the visit."""
    back = reverse("desk:visit", args=[visit.pk])
    return answering.answer(
        request,
        form,
        lambda data: (act(data), back),
        "desk/inspections/act.html",
        visit=visit,
        words=words,
    )


def given(request: HttpRequest, visit: Visit) -> dict[str, Any]:
    """What every act is given: the visit, who acts, and when."""
    return {"visit": visit, "by": request.user, "at": timezone.now()}


def simple(
    request: HttpRequest, visit_id: int, act: Any, form: Any, words: Words, done: str, **options: Any
) -> HttpResponse:
    """The page of an act whose form has the operation's own names, on the version that the page showed."""
    visit = read_visit(request, visit_id)

    def do(data: Any) -> str:
        act(**given(request, visit), **data)
        return done.format(visit.number)

    bound = bind(request, form, initial={"version": visit.version}, **options)
    return answer(request, visit, bound, words, do)
