"""The acts on a visit: each page says what will happen, takes the words, and makes one call."""

import secrets
from datetime import datetime, time
from typing import Any

from django import forms as django_forms
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

import licensing.operations
from desk import answering
from desk.answering import bind
from desk.inspections import forms
from desk.inspections.answers import Words, answer, read_visit
from inspections import operations
from inspections.models import Visit
from inspections.permissions import (
    check_can_arrange,
    check_can_request,
    check_can_supervise,
)
from inspections.rules.rating import tell_instant
from inspections.rules.sampling import plan_sample, tell_plan
from inspections.selectors import visits
from registry.models import Installation
from rulebook.selectors import get_operating_edition

TAKES = require_http_methods(["GET", "POST"])


def _given(request: HttpRequest, visit: Visit) -> dict[str, Any]:
    return {"visit": visit, "by": request.user, "at": timezone.now()}


def _versioned(request: HttpRequest, visit: Visit, kind: Any, **options: Any) -> Any:
    return bind(request, kind, initial={"version": visit.version}, **options)


def _simple(
    request: HttpRequest, visit_id: int, act: Any, form: Any, words: Words, done: str, **options: Any
) -> HttpResponse:
    """The page of an act whose form has the operation's own names."""
    visit = read_visit(request, visit_id)

    def do(data: Any) -> str:
        act(**_given(request, visit), **data)
        return done.format(visit.number)

    return answer(request, visit, _versioned(request, visit, form, **options), words, do)


@TAKES
def request_visit(request: HttpRequest) -> HttpResponse:
    """Request a visit of an installation, from a selection or for a case."""
    check_can_request(request.user)
    places = visits.find_places(by=request.user, text=request.GET.get("q", ""))
    candidate = visits.get_chosen(request.GET.get("candidate", ""))
    if candidate is not None:
        places = [candidate.installation]
    wanted = request.POST.get("installation") or request.GET.get("installation", "")
    if wanted.isascii() and wanted.isdigit() and len(wanted) < 19:
        places += [place for place in visits.list_places([int(wanted)]) if place not in places]
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
    return _simple(request, visit_id, operations.notify_host, forms.StepForm, words, "The notice for {} is recorded.")


@TAKES
def consent(request: HttpRequest, visit_id: int) -> HttpResponse:
    """Record the host government's consent."""
    check_can_arrange(request.user, to="record what the host government does")
    words = Words("Record the consent", "The visit can be scheduled", "Record the consent")
    return _simple(
        request, visit_id, operations.record_consent, forms.StepForm, words, "The consent for {} is recorded."
    )


@TAKES
def refusal(request: HttpRequest, visit_id: int) -> HttpResponse:
    """Record the host government's refusal."""
    check_can_arrange(request.user, to="record what the host government does")
    words = Words("Record the refusal", "The days until the Unverified List go on", "Record the refusal", danger=True)
    return _simple(
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
        barred = visits.get_unit(data["unit"])
        operations.bar_unit(unit=barred, says=data["says"], **_given(request, visit))
        return f"Nobody of {barred.name} goes on {visit.number}."

    return answer(request, visit, bind(request, forms.UnitForm, units=visits.list_units()), words, act)


@TAKES
def cancel(request: HttpRequest, visit_id: int) -> HttpResponse:
    """Cancel a visit that has not begun."""
    check_can_supervise(request.user, to="cancel a visit")
    words = Words("Cancel the visit", "It is over, and its officers are free", "Cancel the visit", danger=True)
    return _simple(request, visit_id, operations.cancel_visit, forms.ReasonForm, words, "{} is canceled.")


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
    return _simple(
        request, visit_id, operations.record_not_carried_out, forms.ReasonForm, words, "{} is not carried out."
    )


class _OnlyReason(django_forms.Form):
    """An act with its reason, on whatever version the visit has."""

    reason = forms.ReasonForm.base_fields["reason"]


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
        operation(reason=data["reason"], **_given(request, visit))
        return f"{heading}: recorded."

    return answer(request, visit, bind(request, _OnlyReason), words, act)


@TAKES
def begin(request: HttpRequest, visit_id: int) -> HttpResponse:
    """Record the arrival on site."""
    words = Words("Record the arrival on site", "The checklist is fixed as it stands today", "Record the arrival")
    return _simple(request, visit_id, operations.begin_visit, forms.VersionForm, words, "{} has begun.")


@TAKES
def leave(request: HttpRequest, visit_id: int) -> HttpResponse:
    """Record that the officers left."""
    words = Words(
        "Record the end on site",
        "The visit is done, and its report falls due",
        "Record the end on site",
        ["What a phone still keeps can be sent until the report is submitted."],
    )
    return _simple(request, visit_id, operations.leave_site, forms.VersionForm, words, "{} is done on site.")


@TAKES
def serials_add(request: HttpRequest, visit_id: int) -> HttpResponse:
    """Upload a list of serial numbers."""
    check_can_arrange(request.user, to="upload a list of serial numbers")
    visit = read_visit(request, visit_id)
    most = get_operating_edition(timezone.now()).value("inspections.largest_serial_list")
    words = Words(
        "Upload serial numbers",
        f"At most {most:,} numbers; a list with a bad row or a number twice is refused whole",
        "Upload the list",
    )

    def act(data: Any) -> str:
        made = operations.add_serial_list(source=data["source"], upload=data["file"], **_given(request, visit))
        return f"{made.count:,} serial numbers are stored."

    return answer(request, visit, bind(request, forms.SerialListForm), words, act)


@TAKES
def sample(request: HttpRequest, visit_id: int) -> HttpResponse:
    """Draw a sample of the serial numbers, or see how large it would be."""
    check_can_arrange(request.user, to="draw a sample")
    visit = read_visit(request, visit_id)
    edition = get_operating_edition(timezone.now())
    lists = [(row.pk, f"List {row.number}: {row.count:,}, {row.source}") for row in visit.serial_lists.all()]
    if not lists:
        raise Http404
    initial = {
        "tolerated_percent": edition.value("inspections.sample_tolerated_percent"),
        "confidence_percent": edition.value("inspections.sample_confidence_percent"),
        "seed": secrets.token_hex(16),
    }
    newest = visit.serial_lists.order_by("-number")[0]
    usual = plan_sample(newest.count, *(django_forms.DecimalField().clean(initial[name]) for name in list(initial)[:2]))
    words = Words("Draw a sample", f"With these values {usual.size:,} are drawn", "Draw the sample", tell_plan(usual))

    def act(data: Any) -> str:
        list_ = visit.serial_lists.get(pk=data.pop("list"))
        made = operations.draw_sample(list_=list_, **data, **_given(request, visit))
        return f"{made.size:,} of {made.count:,} serial numbers are drawn."

    return answer(request, visit, bind(request, forms.SampleForm, lists=lists, initial=initial), words, act)


@TAKES
def topology(request: HttpRequest, visit_id: int) -> HttpResponse:
    """Note the topology, declared and seen."""
    visit = read_visit(request, visit_id)
    words = Words("Note the topology", "A later note counts instead of an earlier one", "Save the note")

    def act(data: Any) -> str:
        operations.note_topology(**data, **_given(request, visit))
        return "The topology is noted."

    return answer(request, visit, bind(request, forms.TopologyForm), words, act)


@TAKES
def paper_add(request: HttpRequest, visit_id: int) -> HttpResponse:
    """Add a photo or a document."""
    visit = read_visit(request, visit_id)
    words = Words("Add a photo or a document", "It is known by the hash of its bytes from here on", "Add it")

    def act(data: Any) -> str:
        row = operations.add_paper(says=data["says"], upload=data["file"], **_given(request, visit))
        return f"Added with the SHA-256 {row.sha256[:12]}…"

    return answer(request, visit, bind(request, forms.PaperForm), words, act)


@TAKES
def finding(request: HttpRequest, visit_id: int) -> HttpResponse:
    """Add a finding."""
    visit = read_visit(request, visit_id)
    words = Words("Add a finding", "It goes into the report", "Add the finding")

    def act(data: Any) -> str:
        row = operations.add_finding(**data, **_given(request, visit))
        return f"Finding {row.number} is added."

    return answer(request, visit, bind(request, forms.FindingForm), words, act)


@TAKES
def finding_withdraw(request: HttpRequest, visit_id: int, number: int) -> HttpResponse:
    """Withdraw a mistaken finding."""
    visit = read_visit(request, visit_id)
    row = visits.get_finding(visit_id, number)
    if row is None:
        raise Http404
    words = Words(f"Withdraw finding {number}", f"“{row.title}” stays on record as mistaken", "Withdraw the finding")

    def act(data: Any) -> str:
        operations.withdraw_finding(finding=row, reason=data["reason"], by=request.user, at=timezone.now())
        return f"Finding {number} is withdrawn."

    return answer(request, visit, bind(request, _OnlyReason), words, act)


@TAKES
def action(request: HttpRequest, visit_id: int) -> HttpResponse:
    """Recommend a corrective action."""
    visit = read_visit(request, visit_id)
    standing = visits.list_standing_findings(visit)
    if not standing:
        raise Http404
    words = Words("Recommend an action", "The visit cannot close while it is unanswered", "Recommend the action")
    choices = [(row.number, f"{row.number}: {row.title}") for row in standing]

    def act(data: Any) -> str:
        of = next(row for row in standing if row.number == data.pop("finding"))
        row = operations.recommend_action(finding=of, **data, by=request.user, at=timezone.now())
        return f"Action {row.number} is recommended."

    return answer(request, visit, bind(request, forms.ActionForm, findings=choices), words, act)


@TAKES
def action_answer(request: HttpRequest, visit_id: int, number: int) -> HttpResponse:
    """Record what became of an action."""
    check_can_arrange(request.user, to="record what became of an action")
    visit = read_visit(request, visit_id)
    row = visits.get_action(visit_id, number)
    if row is None:
        raise Http404
    words = Words(f"Answer action {number}", f"{row.owner}: {row.says}", "Record the answer")

    def act(data: Any) -> str:
        operations.answer_action(action=row, **data, by=request.user, at=timezone.now())
        return f"Action {number} is answered."

    return answer(request, visit, bind(request, forms.ActionAnswerForm), words, act)


@TAKES
def report(request: HttpRequest, visit_id: int) -> HttpResponse:
    """Submit the report with its rating."""
    words = Words(
        "Write the report",
        "A supervisor reviews it",
        "Submit the report",
        ["Rated unfavorable or unable to complete, the installation is held at once, before the review."],
    )
    return _simple(request, visit_id, operations.submit_report, forms.ReportForm, words, "{} is reported.")


@TAKES
def review(request: HttpRequest, visit_id: int) -> HttpResponse:
    """Take up the review of a report."""
    check_can_supervise(request.user, to="review a report")
    words = Words("Take up the review", "The report waits for your word", "Take up the review")
    return _simple(request, visit_id, operations.take_up_review, forms.VersionForm, words, "You review {}.")


@TAKES
def accept(request: HttpRequest, visit_id: int) -> HttpResponse:
    """Accept a report."""
    check_can_supervise(request.user, to="accept a report")
    words = Words(
        "Accept the report",
        "With open actions the visit waits for them; without any it closes now",
        "Accept the report",
        ["Closed with a favorable rating, the place has a visit to stand on, and its holds from visits end."],
    )
    return _simple(
        request, visit_id, operations.accept_report, forms.ReasonForm, words, "The report on {} is accepted."
    )


@TAKES
def return_(request: HttpRequest, visit_id: int) -> HttpResponse:
    """Return a report to its author."""
    check_can_supervise(request.user, to="return a report")
    words = Words("Return the report", "Its author writes it again; the rating and a hold stand", "Return the report")
    return _simple(
        request, visit_id, operations.return_report, forms.ReasonForm, words, "The report on {} is returned."
    )


@TAKES
def rating(request: HttpRequest, visit_id: int) -> HttpResponse:
    """Change the rating of a visit."""
    check_can_supervise(request.user, to="change a rating")
    words = Words(
        "Change the rating",
        "An adverse rating holds the installation at once; a better one ends the hold when the visit closes",
        "Change the rating",
    )
    return _simple(request, visit_id, operations.change_rating, forms.RatingForm, words, "{} has another rating.")


@TAKES
def close(request: HttpRequest, visit_id: int) -> HttpResponse:
    """Close a visit."""
    check_can_supervise(request.user, to="close a visit")
    words = Words(
        "Close the visit",
        "Each recommended action has to be done or declined",
        "Close the visit",
        ["Rated favorable, the place has a visit to stand on, and its holds from visits end."],
    )
    return _simple(request, visit_id, operations.close_visit, forms.ReasonForm, words, "{} is closed.")


@TAKES
def reopen(request: HttpRequest, visit_id: int) -> HttpResponse:
    """Open a closed visit again."""
    check_can_supervise(request.user, to="open a visit again")
    words = Words("Open the visit again", "Its rating and its actions can change", "Open the visit again")
    return _simple(request, visit_id, operations.reopen_visit, forms.ReasonForm, words, "{} is open again.")
