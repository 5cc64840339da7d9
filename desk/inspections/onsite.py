"""What a team enters besides its phone: arriving and leaving, serial numbers, samples, the topology, papers."""

import secrets
from typing import Any

from django import forms as django_forms
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone

from desk.answering import bind
from desk.inspections import forms
from desk.inspections.answers import TAKES, Words, answer, given, read_visit, simple
from inspections import operations
from inspections.permissions import check_can_arrange
from inspections.rules.sampling import plan_sample, tell_plan
from rulebook.selectors import get_operating_edition


@TAKES
def begin(request: HttpRequest, visit_id: int) -> HttpResponse:
    """Record the arrival on site."""
    words = Words("Record the arrival on site", "The checklist is fixed as it stands today", "Record the arrival")
    return simple(request, visit_id, operations.begin_visit, forms.VersionForm, words, "{} has begun.")


@TAKES
def leave(request: HttpRequest, visit_id: int) -> HttpResponse:
    """Record that the officers left."""
    words = Words(
        "Record the end on site",
        "The visit is done, and its report falls due",
        "Record the end on site",
        ["What a phone still keeps can be sent until the report is submitted."],
    )
    return simple(request, visit_id, operations.leave_site, forms.VersionForm, words, "{} is done on site.")


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
        made = operations.add_serial_list(source=data["source"], upload=data["file"], **given(request, visit))
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
        made = operations.draw_sample(list_=list_, **data, **given(request, visit))
        return f"{made.size:,} of {made.count:,} serial numbers are drawn."

    return answer(request, visit, bind(request, forms.SampleForm, lists=lists, initial=initial), words, act)


@TAKES
def topology(request: HttpRequest, visit_id: int) -> HttpResponse:
    """Note the topology, declared and seen."""
    visit = read_visit(request, visit_id)
    words = Words("Note the topology", "A later note counts instead of an earlier one", "Save the note")

    def act(data: Any) -> str:
        operations.note_topology(**data, **given(request, visit))
        return "The topology is noted."

    return answer(request, visit, bind(request, forms.TopologyForm), words, act)


@TAKES
def paper_add(request: HttpRequest, visit_id: int) -> HttpResponse:
    """Add a photo or a document."""
    visit = read_visit(request, visit_id)
    words = Words("Add a photo or a document", "It is known by the hash of its bytes from here on", "Add it")

    def act(data: Any) -> str:
        row = operations.add_paper(says=data["says"], upload=data["file"], **given(request, visit))
        return f"Added with the SHA-256 {row.sha256[:12]}…"

    return answer(request, visit, bind(request, forms.PaperForm), words, act)
