"""The acts by which a commitment is agreed, planned, brought into force and ended."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from accounts.rules import Refused
from desk.investments import forms as investment_forms
from desk.investments.answers import Page, answer, bound, read_paper, read_rate
from investments import operations, selectors
from investments.models import Commitment
from investments.operations import Terms
from investments.permissions import check_can_keep_commitments
from investments.rules import write_amount, write_day, write_units
from investments.shipped import shipped_currencies
from investments.statuses import AmountUnit

METHODS = ["GET", "POST"]


def find(request: HttpRequest, number: str) -> Commitment:
    """The commitment of an act's page, or not found."""
    try:
        return selectors.get_commitment(number=number, by=request.user)
    except ObjectDoesNotExist as error:
        raise Http404 from error


def _read_terms(data: dict[str, Any]) -> Terms:
    firm = None
    if data["obligor"] == "firm":
        firm = selectors.find_firm(data["obligor_firm"])
    elif data["obligor_country"] is None:
        raise Refused("Choose the nation that is bound.", rule="commitment.obligor", field="obligor_country")
    return Terms(
        title=data["title"],
        obligor_country=data["obligor_country"] if data["obligor"] == "nation" else None,
        obligor_party=firm,
        instrument=data["instrument"],
        measure=data["measure"],
        funds_from=data["funds_from"],
        funds_to=data["funds_to"],
        amount=data["amount"],
        currency=data["currency"],
        rate=read_rate(data),
        starts_on=data["starts_on"],
        ends_on=data["ends_on"],
        abroad=data["abroad"],
        abroad_says=data["abroad_says"],
        ratio=data["ratio"],
        megawatts=data["megawatts"],
    )


def _digits(minor: int, code: str) -> str:
    return write_amount(minor, code, shipped_currencies().by_code[code].digits).removeprefix(f"{code} ")


@require_http_methods(METHODS)
def commitment_draft(request: HttpRequest) -> HttpResponse:
    """Write down a new commitment as a draft."""
    check_can_keep_commitments(request.user, to="draft a commitment")
    now = timezone.now()
    form = bound(request, investment_forms.DraftForm, None, measures=selectors.list_measures(now))

    def act(data: dict[str, Any]) -> tuple[Commitment, str]:
        made = operations.draft_commitment(terms=_read_terms(data), by=request.user, at=timezone.now())
        return made, f"{made.number} was drafted. Name its assets and its milestones next."

    page = Page(
        title="Draft a commitment",
        panel="Nothing is bound by a draft",
        effects=[
            "It names who is bound, what they invest in AI data centers of the United States, and until when.",
            "Assets and milestones follow on its own page; then the signed agreement is recorded.",
            "Money that flows out of the United States is refused.",
        ],
        button="Save the draft",
    )
    return answer(request, page, form, act, commitment=None)


@require_http_methods(METHODS)
def commitment_terms(request: HttpRequest, number: str) -> HttpResponse:
    """Change the terms of a draft."""
    commitment = find(request, number)
    in_power, is_dollars = commitment.unit == AmountUnit.KILOWATTS, commitment.currency == "USD"
    initial = {
        "title": commitment.title,
        "obligor": "nation" if commitment.obligor_country_id else "firm",
        "obligor_country": commitment.obligor_country_id,
        "obligor_firm": commitment.obligor_party.name if commitment.obligor_party else "",
        "instrument": commitment.instrument,
        "funds_from": commitment.funds_from_id,
        "funds_to": commitment.funds_to_id,
        "amount": _digits(commitment.amount_minor, commitment.currency),
        "currency": commitment.currency,
        "rate": None if is_dollars else commitment.rate.normalize(),
        "rate_on": None if is_dollars else commitment.rate_on,
        "rate_source": "" if is_dollars else commitment.rate_source,
        "measure": commitment.measure,
        "abroad": _digits(commitment.abroad_cents, "USD") if commitment.abroad_cents else "",
        "abroad_says": commitment.abroad_says,
        "ratio": commitment.ratio.normalize() if commitment.ratio else None,
        "megawatts": write_units(commitment.target, commitment.unit).removesuffix(" MW") if in_power else "",
        "starts_on": commitment.starts_on,
        "ends_on": commitment.ends_on,
    }
    form = bound(
        request,
        investment_forms.TermsForm,
        commitment,
        initial=initial,
        measures=selectors.list_measures(timezone.now()),
    )

    def act(data: dict[str, Any]) -> tuple[Commitment, str]:
        changed = operations.save_commitment(
            commitment=commitment, terms=_read_terms(data), version=data["version"], by=request.user, at=timezone.now()
        )
        return changed, "The terms were changed."

    page = Page(
        title="Change the terms",
        panel="The terms can change until the agreement is signed",
        effects=["Milestones that would no longer fit stand in the way: remove them first."],
        button="Save the terms",
    )
    return answer(request, page, form, act, commitment=commitment)


@require_http_methods(METHODS)
def commitment_add_asset(request: HttpRequest, number: str) -> HttpResponse:
    """Name a data center in the United States."""
    commitment = find(request, number)
    form = bound(request, investment_forms.AssetForm, commitment, initial={"country": "US"})

    def act(data: dict[str, Any]) -> tuple[Commitment, str]:
        version = data.pop("version")
        asset = operations.add_asset(commitment=commitment, version=version, by=request.user, at=timezone.now(), **data)
        return commitment, f"{asset.name} counts for {commitment.number} now."

    page = Page(
        title="Name an asset",
        panel="An asset counts once",
        effects=[
            "It lies in the United States. What is built abroad is counted as the installation it belongs to.",
            "No other commitment can name it while it counts for this one.",
        ],
        button="Name the asset",
    )
    return answer(request, page, form, act, commitment=commitment)


@require_http_methods(METHODS)
def commitment_remove_asset(request: HttpRequest, number: str, asset_id: int) -> HttpResponse:
    """Take an asset off."""
    commitment = find(request, number)
    try:
        asset = selectors.get_asset(number=number, asset_id=asset_id, by=request.user)
    except ObjectDoesNotExist as error:
        raise Http404 from error

    def act(data: dict[str, Any]) -> tuple[Commitment, str]:
        operations.remove_asset(asset=asset, version=data["version"], by=request.user, at=timezone.now())
        return commitment, f"{asset.name} was taken off."

    page = Page(
        title="Take an asset off",
        panel=f"{asset} no longer counts for {commitment.number}",
        effects=["Another commitment may name it then. An asset with amounts or evidence stays."],
        button="Take the asset off",
        danger=True,
    )
    return answer(request, page, bound(request, investment_forms.VersionedForm, commitment), act, commitment=commitment)


@require_http_methods(METHODS)
def commitment_add_milestone(request: HttpRequest, number: str) -> HttpResponse:
    """Add a milestone to a draft."""
    commitment = find(request, number)
    planned = sum(each.units for each in selectors.list_milestones(commitment))
    form = bound(
        request,
        investment_forms.MilestoneForm,
        commitment,
        in_megawatts=commitment.unit == AmountUnit.KILOWATTS,
    )

    def act(data: dict[str, Any]) -> tuple[Commitment, str]:
        version = data.pop("version")
        made = operations.add_milestone(
            commitment=commitment, version=version, by=request.user, at=timezone.now(), **data
        )
        return commitment, f"“{made.title}” was planned."

    page = Page(
        title="Add a milestone",
        panel=f"{write_units(commitment.target - planned, commitment.unit)} are not planned yet",
        effects=[
            f"It is due between {write_day(commitment.starts_on)} and {write_day(commitment.ends_on)}.",
            "What is not verified when its day is over is a shortfall: the next tranche is held.",
        ],
        button="Add the milestone",
    )
    return answer(request, page, form, act, commitment=commitment)


@require_http_methods(METHODS)
def commitment_remove_milestone(request: HttpRequest, number: str, milestone_id: int) -> HttpResponse:
    """Take a milestone out of a draft."""
    commitment = find(request, number)
    try:
        milestone = selectors.get_milestone(number=number, milestone_id=milestone_id, by=request.user)
    except ObjectDoesNotExist as error:
        raise Http404 from error

    def act(data: dict[str, Any]) -> tuple[Commitment, str]:
        operations.remove_milestone(milestone=milestone, version=data["version"], by=request.user, at=timezone.now())
        return commitment, f"“{milestone.title}” was taken out of the plan."

    page = Page(
        title="Take a milestone out",
        panel=f"“{milestone.title}” is no longer planned",
        effects=["Plan its amount anew before the agreement is signed."],
        button="Take the milestone out",
        danger=True,
    )
    return answer(request, page, bound(request, investment_forms.VersionedForm, commitment), act, commitment=commitment)


@require_http_methods(METHODS)
def commitment_sign(request: HttpRequest, number: str) -> HttpResponse:
    """Record the signed agreement."""
    commitment = find(request, number)

    def act(data: dict[str, Any]) -> tuple[Commitment, str]:
        signed = operations.sign_commitment(
            commitment=commitment,
            reference=data["reference"],
            signed_on=data["signed_on"],
            paper=read_paper(data),
            version=data["version"],
            by=request.user,
            at=timezone.now(),
        )
        return signed, f"{signed.number} is signed. It can be brought into force."

    page = Page(
        title="Record the signature",
        panel=f"{write_units(commitment.target, commitment.unit)} of {commitment.obligor} are pledged",
        effects=[
            "Terms and milestones stay as they are from now on; the database keeps them.",
            "Nothing stands on it before it is brought into force.",
        ],
        button="Record the signed agreement",
    )
    return answer(request, page, bound(request, investment_forms.SignForm, commitment), act, commitment=commitment)


@require_http_methods(METHODS)
def commitment_bring_into_force(request: HttpRequest, number: str) -> HttpResponse:
    """Bring a signed commitment into force."""
    commitment = find(request, number)

    def act(data: dict[str, Any]) -> tuple[Commitment, str]:
        changed = operations.bring_into_force(
            commitment=commitment, says=data["says"], version=data["version"], by=request.user, at=timezone.now()
        )
        return changed, f"{changed.number} is in force."

    page = Page(
        title="Bring it into force",
        panel=f"{commitment.number} is in force as soon as you say so",
        effects=[
            "Cases for its nation, or for end users of its firm, may stand on it.",
            "You are reminded of its milestones. What is not verified by then is short.",
        ],
        button="Bring it into force",
    )
    return answer(request, page, bound(request, investment_forms.SaysForm, commitment), act, commitment=commitment)


def _with_reason(request: HttpRequest, number: str, operation: Any, page: Page, says: str) -> HttpResponse:
    commitment = find(request, number)

    def act(data: dict[str, Any]) -> tuple[Commitment, str]:
        changed = operation(
            commitment=commitment, reason=data["reason"], version=data["version"], by=request.user, at=timezone.now()
        )
        return changed, f"{changed.number} {says}"

    return answer(request, page, bound(request, investment_forms.ReasonForm, commitment), act, commitment=commitment)


@require_http_methods(METHODS)
def commitment_withdraw(request: HttpRequest, number: str) -> HttpResponse:
    """Give a draft up."""
    page = Page(
        title="Withdraw the draft",
        panel="The draft is over",
        effects=["It stays readable. Its assets may count for another commitment."],
        button="Withdraw the draft",
        danger=True,
    )
    return _with_reason(request, number, operations.withdraw_commitment, page, "was withdrawn.")


@require_http_methods(METHODS)
def commitment_complete(request: HttpRequest, number: str) -> HttpResponse:
    """Declare a commitment completed."""
    page = Page(
        title="Declare it completed",
        panel="All of it is verified or waived",
        effects=[
            "What stands on it keeps standing, without an end.",
            "A verification can still be reversed; the commitment is open again then.",
        ],
        button="Declare the commitment completed",
    )
    return _with_reason(request, number, operations.complete_commitment, page, "is completed.")


@require_http_methods(METHODS)
def commitment_terminate(request: HttpRequest, number: str) -> HttpResponse:
    """End a commitment before its time."""
    page = Page(
        title="Terminate it",
        panel="Every license that stands on it is held at once",
        effects=[
            "Nothing is shipped under those licenses until a commitment officer lifts the hold.",
            "No tranche is released any more. What was released and shipped stays counted.",
            "It cannot be taken back: draft a new commitment instead.",
        ],
        button="Terminate the commitment",
        danger=True,
    )
    return _with_reason(request, number, operations.terminate_commitment, page, "is terminated.")


@require_POST
def commitment_assess(request: HttpRequest, number: str) -> HttpResponse:
    """Write down what the dates have made short."""
    commitment = find(request, number)

    def act(data: dict[str, Any]) -> tuple[Commitment, str]:
        changed = operations.assess_commitment(commitment=commitment, by=request.user, at=timezone.now())
        return changed, f"{changed.number} is “{changed.get_status_display().lower()}” as of now."

    page = Page(title="Record what is short", panel="", effects=[], button="Record what is short")
    form = investment_forms.SearchForm(request.POST)
    return answer(request, page, form, act, commitment=commitment)
