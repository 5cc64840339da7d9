"""The acts by which amounts are recorded and proved, and shortfalls cured or waived."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from deadlines.rules import day_of
from desk.investments import forms as investment_forms
from desk.investments.acts import METHODS, find
from desk.investments.answers import Page, answer, bound, read_paper, read_rate
from desk.investments.words import tell_rate, write_minor
from investments import operations, selectors
from investments.models import Commitment, Evidence
from investments.rules import last_day_before, write_day, write_units
from investments.statuses import AmountUnit


def _find(read: Callable[[], Any]) -> Any:
    try:
        return read()
    except ObjectDoesNotExist as error:
        raise Http404 from error


@require_http_methods(METHODS)
def commitment_record_amount(request: HttpRequest, number: str) -> HttpResponse:
    """Record what was contracted or disbursed."""
    commitment = find(request, number)
    assets = {asset.pk: asset for asset in selectors.list_assets(commitment)}
    form = bound(
        request,
        investment_forms.AmountForm,
        commitment,
        assets=assets.values(),
        in_megawatts=commitment.unit == AmountUnit.KILOWATTS,
    )

    def act(data: dict[str, Any]) -> tuple[Commitment, str]:
        entry = operations.record_amount(
            commitment=commitment,
            kind=data["kind"],
            asset=assets[int(data["asset"])],
            amount=data["amount"],
            currency=data["currency"],
            rate=read_rate(data),
            in_megawatts=data.get("unit") == "megawatts",
            on=data["on"],
            says=data["says"],
            version=data["version"],
            by=request.user,
            at=timezone.now(),
        )
        return commitment, f"{write_units(entry.units, entry.unit)} were recorded as {entry.kind}."

    page = Page(
        title="Record an amount",
        panel="Contracted and disbursed amounts release nothing",
        effects=[
            "They are shown beside what is pledged and verified, and are never added to either.",
            "A wrong entry is reversed by a new one; it is never edited.",
        ],
        button="Record the amount",
    )
    return answer(request, page, form, act, commitment=commitment)


@require_http_methods(METHODS)
def commitment_reverse_amount(request: HttpRequest, number: str, entry_id: int) -> HttpResponse:
    """Reverse a contracted or disbursed amount."""
    entry = _find(lambda: selectors.get_entry(number=number, entry_id=entry_id, by=request.user))
    commitment = entry.commitment

    def act(data: dict[str, Any]) -> tuple[Commitment, str]:
        operations.reverse_amount(
            entry=entry, reason=data["reason"], version=data["version"], by=request.user, at=timezone.now()
        )
        return commitment, "The amount was reversed by a new entry."

    page = Page(
        title="Reverse an amount",
        panel=f"{write_units(entry.units, entry.unit)} no longer count as {entry.get_kind_display().lower()}",
        effects=["A new entry takes the whole of it back. The old one stays readable."],
        button="Reverse the amount",
        danger=True,
        facts=[("Recorded", f"{entry.says} ({write_day(entry.on)}, {entry.by_label})")],
    )
    return answer(request, page, bound(request, investment_forms.ReasonForm, commitment), act, commitment=commitment)


@require_http_methods(METHODS)
def commitment_submit_evidence(request: HttpRequest, number: str) -> HttpResponse:
    """Submit evidence for a milestone."""
    commitment = find(request, number)
    milestones = {each.pk: each for each in selectors.list_milestones(commitment)}
    assets = {asset.pk: asset for asset in selectors.list_assets(commitment)}
    form = bound(
        request,
        investment_forms.EvidenceForm,
        commitment,
        milestones=milestones.values(),
        assets=assets.values(),
        in_megawatts=commitment.unit == AmountUnit.KILOWATTS,
    )

    def act(data: dict[str, Any]) -> tuple[Commitment, str]:
        operations.submit_evidence(
            commitment=commitment,
            milestone=milestones[int(data["milestone"])],
            asset=assets[int(data["asset"])],
            says=data["says"],
            amount=data["amount"],
            currency=data.get("currency", "USD"),
            rate=read_rate(data),
            paper=read_paper(data),
            version=data["version"],
            by=request.user,
            at=timezone.now(),
        )
        return commitment, "The evidence waits for another officer to verify it."

    page = Page(
        title="Submit evidence",
        panel="Another officer verifies what you submit",
        effects=[
            "Nothing counts before that. The other commitment officers are told.",
            "The same document counts once, for this or any other commitment.",
        ],
        button="Submit the evidence",
    )
    return answer(request, page, form, act, commitment=commitment)


def _facts(evidence: Evidence) -> list[tuple[str, str]]:
    commitment = evidence.commitment
    facts = [
        ("Milestone", f"{evidence.milestone.title}, due on {write_day(evidence.milestone.due_on)}"),
        ("What must be shown", evidence.milestone.criteria),
        ("Asset", str(evidence.asset)),
        ("What it is to show", evidence.says),
        ("Claimed", write_units(evidence.claimed, commitment.unit)),
    ]
    if evidence.currency not in ("", "USD"):
        facts.append(("In its currency", write_minor(evidence.amount_minor, evidence.currency)))
        facts.append(("Rate", tell_rate(evidence)))
    facts.append(("Submitted by", f"{evidence.submitted_by_label}, {write_day(day_of(evidence.submitted_at))}"))
    facts.append(("SHA-256", evidence.sha256))
    return facts


def _document_url(evidence: Evidence) -> str:
    return reverse("desk:commitment_paper", args=[evidence.commitment.number, evidence.paper_id])


@require_http_methods(METHODS)
def commitment_verify(request: HttpRequest, number: str, evidence_id: int) -> HttpResponse:
    """Judge evidence that somebody else submitted."""
    evidence = _find(lambda: selectors.get_evidence(number=number, evidence_id=evidence_id, by=request.user))
    commitment = evidence.commitment
    form = bound(
        request,
        investment_forms.VerifyForm,
        commitment,
        in_megawatts=commitment.unit == AmountUnit.KILOWATTS,
    )

    def act(data: dict[str, Any]) -> tuple[Commitment, str]:
        made = operations.verify_evidence(
            evidence=evidence,
            verdict=data["verdict"],
            accepted=data["accepted"],
            reason=data["reason"],
            method=data["method"],
            version=data["version"],
            by=request.user,
            at=timezone.now(),
        )
        return commitment, f"{made.get_verdict_display()}: {write_units(made.accepted, commitment.unit)} were verified."

    page = Page(
        title=f"Verify evidence for “{evidence.milestone.title}”",
        panel="What you accept counts at once",
        effects=[
            "Tranches that it reaches are released with your act, and shortfalls that it covers are cured.",
            "Read the document before you judge it.",
        ],
        button="Record my verdict",
        facts=_facts(evidence),
        document_url=_document_url(evidence),
    )
    return answer(request, page, form, act, commitment=commitment)


@require_http_methods(METHODS)
def commitment_withdraw_evidence(request: HttpRequest, number: str, evidence_id: int) -> HttpResponse:
    """Take evidence back before it is verified."""
    evidence = _find(lambda: selectors.get_evidence(number=number, evidence_id=evidence_id, by=request.user))
    commitment = evidence.commitment

    def act(data: dict[str, Any]) -> tuple[Commitment, str]:
        operations.withdraw_evidence(
            evidence=evidence, reason=data["reason"], version=data["version"], by=request.user, at=timezone.now()
        )
        return commitment, "The evidence was withdrawn."

    page = Page(
        title="Withdraw evidence",
        panel="The evidence is no longer judged",
        effects=["The same document may be submitted again, for this or another commitment."],
        button="Withdraw the evidence",
        danger=True,
        facts=_facts(evidence),
        document_url=_document_url(evidence),
    )
    return answer(request, page, bound(request, investment_forms.ReasonForm, commitment), act, commitment=commitment)


@require_http_methods(METHODS)
def commitment_reverse(request: HttpRequest, number: str, evidence_id: int) -> HttpResponse:
    """Take a verification back."""
    evidence = _find(lambda: selectors.get_evidence(number=number, evidence_id=evidence_id, by=request.user))
    commitment = evidence.commitment

    def act(data: dict[str, Any]) -> tuple[Commitment, str]:
        operations.reverse_verification(
            evidence=evidence, reason=data["reason"], version=data["version"], by=request.user, at=timezone.now()
        )
        return commitment, "The verification was reversed."

    page = Page(
        title=f"Reverse the verification for “{evidence.milestone.title}”",
        panel="What was verified no longer counts",
        effects=[
            "Tranches that are no longer reached are taken back, down to what was shipped already.",
            "Nothing more is released until enough is verified again.",
            "Past its due date a milestone may fall short by it, at once.",
        ],
        button="Reverse the verification",
        danger=True,
        facts=_facts(evidence),
        document_url=_document_url(evidence),
    )
    return answer(request, page, bound(request, investment_forms.ReasonForm, commitment), act, commitment=commitment)


@require_http_methods(METHODS)
def commitment_plan(request: HttpRequest, number: str, shortfall_id: int) -> HttpResponse:
    """Record the obligor's plan to cure a shortfall."""
    shortfall = _find(lambda: selectors.get_shortfall(number=number, shortfall_id=shortfall_id, by=request.user))
    commitment = shortfall.commitment

    def act(data: dict[str, Any]) -> tuple[Commitment, str]:
        operations.record_cure_plan(
            shortfall=shortfall,
            says=data["says"],
            cure_by=data["cure_by"],
            paper=read_paper(data),
            version=data["version"],
            by=request.user,
            at=timezone.now(),
        )
        return commitment, "The plan was recorded."

    page = Page(
        title=f"Record the plan to cure “{shortfall.milestone.title}”",
        panel="The commitment is in cure under this plan",
        effects=[
            f"The cure period ends on {write_day(last_day_before(shortfall.cure_due_at))}; a plan keeps to it.",
            "The next tranche stays held until what is short is verified or waived.",
        ],
        button="Record the cure plan",
        facts=[("Short", write_units(shortfall.short, commitment.unit))],
    )
    return answer(request, page, bound(request, investment_forms.CurePlanForm, commitment), act, commitment=commitment)


@require_http_methods(METHODS)
def commitment_waive(request: HttpRequest, number: str, shortfall_id: int) -> HttpResponse:
    """Sign the waiver of a shortfall."""
    shortfall = _find(lambda: selectors.get_shortfall(number=number, shortfall_id=shortfall_id, by=request.user))
    commitment = shortfall.commitment
    signers = selectors.list_signers(shortfall)

    def act(data: dict[str, Any]) -> tuple[Commitment, str]:
        operations.sign_waiver(
            shortfall=shortfall, reason=data["reason"], version=data["version"], by=request.user, at=timezone.now()
        )
        return commitment, "The waiver counts now." if signers else "You signed. A second official must sign too."

    page = Page(
        title=f"Sign the waiver of “{shortfall.milestone.title}”",
        panel="With two signatures what is short is no longer owed",
        effects=[
            "It takes two officials. Each signs once, with a reason, and a signature is not taken back.",
            "The next tranche is no longer held by this shortfall; what it releases still asks for verified amounts.",
        ],
        button="Sign the waiver",
        facts=[
            ("Short", write_units(shortfall.short, commitment.unit)),
            ("Signed so far", ", ".join(signers) or "Nobody"),
        ],
    )
    return answer(request, page, bound(request, investment_forms.ReasonForm, commitment), act, commitment=commitment)
