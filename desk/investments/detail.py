"""The page of a commitment: the four amounts against the plan, what proves them, what is short, what it releases."""

from django.core.exceptions import ObjectDoesNotExist
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET

from deadlines.rules import day_of
from desk.investments.chart import draw_chart
from desk.investments.words import list_totals, planned_left, tell_rate, tell_step, tell_waiting, write_minor
from investments import selectors
from investments.rules import last_day_before, write_units
from investments.selectors import CommitmentPage


def read_page(request: HttpRequest, number: str) -> CommitmentPage:
    """All of a commitment for a page, or not found."""
    try:
        return selectors.get_commitment_page(number=number, by=request.user, now=timezone.now())
    except ObjectDoesNotExist as error:
        raise Http404 from error


@require_GET
def detail(request: HttpRequest, number: str) -> HttpResponse:
    """All of a commitment on one page."""
    page = read_page(request, number)
    commitment, unit = page.commitment, page.commitment.unit
    if number != commitment.number:
        return redirect("desk:commitment", number=commitment.number)
    waiting = tell_waiting(page)
    keeps = "save" in page.acts
    return render(
        request,
        "desk/investments/detail.html",
        {
            "page": page,
            "commitment": commitment,
            "waiting": waiting,
            "target": write_units(commitment.target, unit),
            "amount": write_minor(commitment.amount_minor, commitment.currency),
            "dollars": write_units(commitment.amount_cents, "cents"),
            "rate": tell_rate(commitment),
            "abroad": write_units(commitment.abroad_cents, "cents") if commitment.abroad_cents else "",
            "totals": list_totals(page),
            "in_power": unit == "kilowatts",
            "chart": draw_chart(page, day_of(timezone.now())) if page.planned else None,
            "milestones": [
                {
                    "line": line,
                    "units": write_units(line.milestone.units, unit),
                    "covered": write_units(line.reading.covered, unit),
                    "waived": write_units(line.waived, unit) if line.waived else "",
                }
                for line in page.milestones
            ],
            "unplanned": write_units(planned_left(page), unit) if keeps and planned_left(page) else "",
            "entries": [
                {
                    "entry": entry,
                    "units": write_units(entry.units, entry.unit),
                    "minor": write_minor(entry.amount_minor, entry.currency) if entry.currency != "USD" else "",
                    "rate": tell_rate(entry),
                    "is_reversed": entry.pk in page.reversed_ids,
                    "may_reverse": "record_amount" in page.acts
                    and entry.kind in ("contracted", "disbursed")
                    and entry.reverses_id is None
                    and entry.pk not in page.reversed_ids,
                }
                for entry in page.entries
            ],
            "evidence": [
                {
                    "line": line,
                    "claimed": write_units(line.evidence.claimed, unit),
                    "accepted": write_units(line.evidence.verification.accepted, unit)
                    if hasattr(line.evidence, "verification")
                    else "",
                }
                for line in page.evidence
            ],
            "shortfalls": [
                {
                    "line": line,
                    "short": write_units(line.shortfall.short or line.shortfall.waived, unit),
                    "found_short": write_units(line.shortfall.found_short, unit),
                    "last_day": last_day_before(line.shortfall.cure_due_at),
                }
                for line in page.shortfalls
            ],
            "unrecorded": write_units(page.unrecorded, unit) if page.unrecorded else "",
            "plans": [
                {
                    "line": line,
                    "steps": [
                        {"step": step, "required": write_units(step.required, unit), "words": tell_step(step)}
                        for step in line.steps
                    ],
                    "moves": [{"move": move, "verified": write_units(move.verified, unit)} for move in line.moves],
                }
                for line in page.plans
            ],
            "timeline": [
                {"at": entry.at, "actor_label": entry.actor_label, "says": entry.says} for entry in page.timeline
            ],
            "may_draft": keeps,
            "may_add_asset": "record_amount" in page.acts or keeps,
        },
    )


@require_GET
def paper(request: HttpRequest, number: str, paper_id: int) -> HttpResponse | FileResponse:
    """A paper of a commitment, as it was filed."""
    try:
        found = selectors.get_paper(number=number, paper_id=paper_id, by=request.user)
        content = found.file.open("rb")
    except (ObjectDoesNotExist, FileNotFoundError) as error:
        raise Http404 from error
    return FileResponse(content, filename=f"{number.upper()}-{found.pk}.pdf", content_type="application/pdf")
