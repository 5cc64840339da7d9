"""The register of visits, a visit's page, its papers and its serial numbers."""

from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET

from desk.exports import Column, export, walk
from desk.inspections.forms import VisitFilterForm
from inspections.models import Visit
from inspections.permissions import can_request, can_select_targets, check_can_read_visits
from inspections.rules.rating import tell_instant
from inspections.rules.sampling import SamplePlan, tell_plan
from inspections.selectors import entries, requests, visits
from inspections.selectors.page import VisitPage, get_visit_page
from inspections.selectors.visits import VisitFilters, VisitRegister
from inspections.statuses import Rating

VIEWS = {
    "open": "Open",
    "mine": "Mine",
    "late": "Late",
    "review": "For review",
    "actions": "Actions open",
    "over": "Over",
    "all": "All",
}
ACTS = {
    "begin": ("visit_begin", "Record the arrival on site"),
    "leave_site": ("visit_leave", "Record the end on site"),
    "submit_report": ("visit_report", "Write the report"),
    "notify_host": ("visit_notify", "Record the notice to the host"),
    "record_consent": ("visit_consent", "Record the consent"),
    "record_refusal": ("visit_refusal", "Record a refusal"),
    "schedule": ("visit_schedule", "Schedule the visit"),
    "reschedule": ("visit_reschedule", "Move to other days"),
    "unschedule": ("visit_unschedule", "Take off the calendar"),
    "take_up_review": ("visit_review", "Take up the review"),
    "accept_report": ("visit_accept", "Accept the report"),
    "return_report": ("visit_return", "Return the report"),
    "change_rating": ("visit_rating", "Change the rating"),
    "close": ("visit_close", "Close the visit"),
    "reopen": ("visit_reopen", "Open again"),
    "field": ("visit_field", "Enter on site"),
    "topology": ("visit_topology", "Note the topology"),
    "paper": ("visit_paper_add", "Add a photo or document"),
    "finding": ("visit_finding", "Add a finding"),
    "action": ("visit_action", "Recommend an action"),
    "serials": ("visit_serials_add", "Upload serial numbers"),
    "sample": ("visit_sample", "Draw a sample"),
    "bar_unit": ("visit_unit", "Bar a unit"),
    "record_not_carried_out": ("visit_not_carried_out", "Record that it cannot take place"),
    "cancel": ("visit_cancel", "Cancel the visit"),
    "unverified": ("visit_unverified", "Send to the Unverified List"),
    "entity": ("visit_entity", "Nominate for the Entity List"),
}
COLUMNS = (
    Column("Number", lambda row: row.number),
    Column("Kind", lambda row: row.get_kind_display()),
    Column("Installation", lambda row: row.installation.name),
    Column("Operator", lambda row: row.installation.operator.name),
    Column("Country", lambda row: row.installation.country.name),
    Column("For", lambda row: row.subject_label),
    Column("Status", lambda row: row.get_status_display()),
    Column("Rating", lambda row: row.get_rating_display()),
    Column("Lead", lambda row: row.lead or ""),
    Column("First day on site", lambda row: row.days and row.days.lower),
    Column("Requested", lambda row: row.requested_at),
    Column("Due by the end of", lambda row: tell_instant(row.due_at)),
    Column("Closed", lambda row: row.closed_at),
)


@require_GET
def register(request: HttpRequest) -> HttpResponseBase:
    """Visits in one of the views, narrowed by filters, the newest first."""
    now = timezone.now()
    asked = request.GET.get("view", "")
    # A place is asked for by what stands on its visits, and those are over.
    usual = "all" if request.GET.get("installation") else "open"
    view = asked if asked in VIEWS else usual
    check_can_read_visits(request.user)
    form = VisitFilterForm(request.GET, countries=visits.list_countries())
    understood = form.is_valid()
    data = form.cleaned_data if understood else {}
    kept = {name: data[name] for name in ("q", "kind", "status", "rating", "country", "installation") if data.get(name)}
    filters = VisitFilters(view=view, text=kept.get("q", ""), **{name: kept[name] for name in kept if name != "q"})

    def read(place: str) -> VisitRegister:
        return visits.list_visits(by=request.user, at=now, filters=filters, after=place)

    if file := export(request, rows=walk(read), columns=COLUMNS, name="visits"):
        return file
    after = request.GET.get("after", "")
    page = read(after)
    base = {"view": view, **kept}
    place_name = _name_place(kept["installation"]) if "installation" in kept else ""
    return render(
        request,
        "desk/inspections/register.html",
        {
            "rows": [{"visit": visit, "late": _is_late(visit, now)} for visit in page.rows],
            "form": form,
            "view": view,
            "view_words": VIEWS[view],
            "tabs": [
                {"label": label, "url": f"?{urlencode({**kept, 'view': name})}", "current": name == view}
                for name, label in VIEWS.items()
            ],
            "chosen": [
                {
                    "label": form.fields[name].label,
                    "value": place_name if name == "installation" else _word(form.fields[name], value),
                    "remove_url": f"?{urlencode({key: each for key, each in base.items() if key != name})}",
                }
                for name, value in kept.items()
            ],
            "clear_url": f"?{urlencode({'view': view})}",
            "first_url": f"?{urlencode(base)}" if after else "",
            "next_url": f"?{urlencode({**base, 'after': page.after})}" if page.after else "",
            "request_url": reverse("desk:visit_request") if can_request(request.user) else "",
            "may_select": can_select_targets(request.user),
            "unknown_view": bool(asked) and asked not in VIEWS,
        },
        status=200 if understood and (not asked or asked in VIEWS) else 400,
    )


def _word(field: Any, value: Any) -> Any:
    return dict(getattr(field, "choices", [])).get(value, value)


def _name_place(installation_id: int) -> str:
    found = requests.list_places([installation_id])
    return found[0].name if found else f"Number {installation_id}, which is not known"


def _is_late(visit: Visit, now: datetime) -> bool:
    return visit.closed_at is None and visit.left_at is None and visit.due_at < now


def read_page(request: HttpRequest, visit_id: int) -> VisitPage:
    """All of a visit for a page, or not found."""
    try:
        return get_visit_page(visit_id=visit_id, by=request.user)
    except Visit.DoesNotExist as error:
        raise Http404 from error


@require_GET
def detail(request: HttpRequest, visit_id: int) -> HttpResponse:
    """All of a visit on one page."""
    page = read_page(request, visit_id)
    visit, now = page.visit, timezone.now()
    links = [{"url": reverse(f"desk:{ACTS[act][0]}", args=[visit.pk]), "label": ACTS[act][1]} for act in page.acts]
    return render(
        request,
        "desk/inspections/detail.html",
        {
            "page": page,
            "visit": visit,
            "subject": f"{visit.get_kind_display()} of {visit.installation.name}, {visit.installation.city}",
            "waiting": _tell_waiting(visit, now),
            "act": links[0] if links else None,
            "others": links[1:],
            "samples": [{"sample": sample, "says": tell_plan(plan_of(sample))} for sample in page.samples],
            "tally": [
                {"label": label.replace("_", " ").capitalize(), "count": count} for label, count in page.tally.items()
            ],
            "documents": [
                {
                    "title": paper.says,
                    "url": reverse("desk:visit_paper", args=[visit.pk, paper.pk]),
                    "kind_label": f"{paper.get_kind_display()} ({paper.get_media_type_display()})",
                    "size": paper.size,
                    "uploaded_by_label": paper.made_by_label,
                    "uploaded_at": paper.at,
                    "sha256": paper.sha256,
                }
                for paper in page.papers
            ],
            "timeline": [
                {"at": entry.at, "actor_label": entry.actor_label, "says": entry.says, "kind_label": ""}
                for entry in page.timeline
            ],
            "can_answer": visit.status in ("reporting", "reported", "under_review", "corrective_actions"),
            "deadlines": [{"row": row, "late": row.status == "open" and row.due_at < now} for row in page.deadlines],
        },
    )


def plan_of(sample: Any) -> SamplePlan:
    """The plan that a stored sample followed."""
    return SamplePlan(
        sample.count, sample.tolerated_percent, sample.confidence_percent, sample.missing_to_meet, sample.size
    )


def _tell_waiting(visit: Visit, now: datetime) -> str:
    says = visits.tell_waiting(visit)
    if visit.closed_at is not None:
        rated = f", rated {Rating(visit.rating).label.lower()}" if visit.rating else ""
        return f"{says}{rated}."
    if visit.left_at is not None:
        return f"{says}."
    if now >= visit.due_at:
        return f"{says}. It was due by the end of {tell_instant(visit.due_at)}: its operator can go to a list."
    return f"{says}; the visit is due by the end of {tell_instant(visit.due_at)}."


@require_GET
def paper(request: HttpRequest, visit_id: int, paper_id: int) -> FileResponse:
    """The bytes of a photo or a document, for keeping; nothing of it runs in this site's name."""
    check_can_read_visits(request.user)
    found = entries.get_paper(visit_id, paper_id)
    if found is None:
        raise Http404
    name = f"{found.visit.number}-{found.pk}.{found.file.name.rsplit('.', 1)[-1]}"
    response = FileResponse(found.file.open("rb"), as_attachment=True, filename=name, content_type=found.media_type)
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response
