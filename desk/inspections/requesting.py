"""Requesting a visit, what the host government does, and what follows when it cannot take place."""

from datetime import datetime, time
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone

import licensing.operations
from desk import answering
from desk.answering import bind
from desk.inspections import forms
from desk.inspections.answers import TAKES, Words, answer, given, read_visit, simple
from inspections import operations
from inspections.permissions import check_can_arrange, check_can_request, check_can_supervise
from inspections.rules.rating import tell_instant
from inspections.selectors import requests
from registry.models import Installation
from rulebook.selectors import get_operating_edition


@TAKES
def request_visit(request: HttpRequest) -> HttpResponse:
    """Request a visit of an installation, from a selection or for a case."""
    check_can_request(request.user)
    places = requests.find_places(by=request.user, text=request.GET.get("q", ""))
    candidate = requests.get_chosen(request.GET.get("candidate", ""))
    if candidate is not None:
        places = [candidate.installation]
    wanted = request.POST.get("installation") or request.GET.get("installation", "")
    if wanted.isascii() and wanted.isdigit() and len(wanted) < 19:
        places += [place for place in requests.list_places([int(wanted)]) if place not in places]
    known: dict[int, Installation] = {place.pk: place for place in places}
    choices = [(place.pk, f"{place.name}, {place.city} ({place.operator.name})") for place in places]
    initial = {
        "installation": candidate.installation_id if candidate else wanted,
        "kind": candidate.round.kind if candidate else request.GET.get("kind", ""),
        "occasion": candidate.rationale if candidate else "",
        "subject_label": request.GET.get("label", ""),
    }
    form = bind(request, forms.RequestForm, places=choices, initial=initial)
    days = get_operating_edition(timezone.now()).value("inspections.due_days")
    words = Words(
        "Request a visit",
        f"The visit is due within {days} days",
        "Request the visit",
        ["A visit that is not done by then leads its operator to the Unverified List."],
    )

    def act(data: Any) -> answering.Done:
        needed = data["needed_on"]
        made = licensing.operations.request_visit(
            number=data["subject_label"],
            kind=data["kind"],
            installation=known[data["installation"]],
            occasion=data["occasion"],
            needed_at=timezone.make_aware(datetime.combine(needed, time.min)) if needed else None,
            candidate=candidate,
            by=request.user,
            at=timezone.now(),
        )
        return f"{made.number} is requested.", reverse("desk:visit", args=[made.pk])

    return answering.answer(request, form, act, "desk/inspections/act.html", words=words)


@TAKES
def notify(request: HttpRequest, visit_id: int) -> HttpResponse:
    """Record the notice to the host government."""
    check_can_arrange(request.user, to="record what the host government does")
    words = Words("Record the notice to the host government", "The host's consent is waited for", "Record the notice")
    return simple(request, visit_id, operations.notify_host, forms.StepForm, words, "The notice for {} is recorded.")


@TAKES
def consent(request: HttpRequest, visit_id: int) -> HttpResponse:
    """Record the host government's consent."""
    check_can_arrange(request.user, to="record what the host government does")
    words = Words("Record the consent", "The visit can be scheduled", "Record the consent")
    return simple(
        request, visit_id, operations.record_consent, forms.StepForm, words, "The consent for {} is recorded."
    )


@TAKES
def refusal(request: HttpRequest, visit_id: int) -> HttpResponse:
    """Record the host government's refusal."""
    check_can_arrange(request.user, to="record what the host government does")
    words = Words("Record the refusal", "The days until the Unverified List go on", "Record the refusal", danger=True)
    return simple(
        request, visit_id, operations.record_refusal, forms.StepForm, words, "The refusal for {} is recorded."
    )


@TAKES
def unit(request: HttpRequest, visit_id: int) -> HttpResponse:
    """Bar the people of a unit from a visit."""
    check_can_request(request.user)
    visit = read_visit(request, visit_id)
    words = Words(
        f"Bar a unit from {visit.number}",
        "Nobody of a unit that recommended the approval checks it",
        "Bar the unit",
    )

    def act(data: Any) -> str:
        barred = requests.get_unit(data["unit"])
        operations.bar_unit(unit=barred, says=data["says"], **given(request, visit))
        return f"Nobody of {barred.name} goes on {visit.number}."

    return answer(request, visit, bind(request, forms.UnitForm, units=requests.list_units()), words, act)


@TAKES
def cancel(request: HttpRequest, visit_id: int) -> HttpResponse:
    """Cancel a visit that has not begun."""
    check_can_supervise(request.user, to="cancel a visit")
    words = Words("Cancel the visit", "It is over, and its officers are free", "Cancel the visit", danger=True)
    return simple(request, visit_id, operations.cancel_visit, forms.ReasonForm, words, "{} is canceled.")


@TAKES
def not_carried_out(request: HttpRequest, visit_id: int) -> HttpResponse:
    """Record that a visit cannot be carried out."""
    check_can_supervise(request.user, to="record that a visit cannot be carried out")
    words = Words(
        "Record that the visit cannot take place",
        "It is rated unable to complete, and the installation is held at once",
        "Record it and place the hold",
        ["Licenses that stand on visits of this place are held in the same transaction."],
        danger=True,
    )
    return simple(
        request, visit_id, operations.record_not_carried_out, forms.ReasonForm, words, "{} is not carried out."
    )


@TAKES
def unverified(request: HttpRequest, visit_id: int) -> HttpResponse:
    """Send the operator to the Unverified List."""
    check_can_supervise(request.user, to="send an operator to the Unverified List")
    return _list(
        request,
        visit_id,
        operations.send_to_unverified_list,
        "Send the operator to the Unverified List",
        "The installation is held, and the further 60 days begin",
    )


@TAKES
def entity(request: HttpRequest, visit_id: int) -> HttpResponse:
    """Nominate the operator for the Entity List."""
    check_can_supervise(request.user, to="nominate an operator for the Entity List")
    return _list(
        request,
        visit_id,
        operations.nominate_for_entity_list,
        "Nominate the operator for the Entity List",
        "The nomination is recorded, and its deadline is met",
    )


def _list(request: HttpRequest, visit_id: int, operation: Any, heading: str, panel: str) -> HttpResponse:
    visit = read_visit(request, visit_id)
    words = Words(
        heading,
        panel,
        "Record it",
        [f"{visit.number} was due by the end of {tell_instant(visit.due_at)}."],
        danger=True,
    )

    def act(data: Any) -> str:
        operation(reason=data["reason"], **given(request, visit))
        return f"{heading}: recorded."

    return answer(request, visit, bind(request, forms.OnlyReasonForm), words, act)
