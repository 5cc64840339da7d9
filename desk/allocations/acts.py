"""The acts on allocations: each page says what will happen, takes the reason, and makes one call."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.rules import Stale
from allocations import operations
from allocations.models import Proposal
from allocations.permissions import check_can_judge, check_can_propose, check_can_withdraw
from allocations.selectors import AllocationPage
from desk.allocations.detail import read_page
from desk.allocations.forms import ChangeForm, ProposeForm, VerdictForm
from desk.allocations.words import tell_proposal
from desk.answering import Done, answer
from ledger.rules import Balance

Act = Callable[[Any], tuple[int, str]]


def _answer(request: HttpRequest, form: forms.Form, template: str, act: Act, **context: Any) -> HttpResponse:
    """Show the form, or do the act and go to its allocation."""

    def done(data: Any) -> Done:
        allocation_id, says = act(data)
        return says, reverse("desk:allocation", args=[allocation_id])

    return answer(request, form, done, f"desk/allocations/{template}.html", **context)


@require_http_methods(["GET", "POST"])
def propose(request: HttpRequest) -> HttpResponse:
    """Propose a first ceiling for a country and a period."""
    check_can_propose(request.user)
    form = ProposeForm(
        request.POST if request.method == "POST" else None, initial={"country": request.GET.get("country", "")}
    )

    def act(data: Any) -> tuple[int, str]:
        allocation = operations.propose_allocation(**data, by=request.user, at=timezone.now())
        return allocation.pk, f"A ceiling of {data['ceiling']:,} chips is proposed for {allocation.title}."

    return _answer(request, form, "propose", act)


@require_http_methods(["GET", "POST"])
def change(request: HttpRequest, allocation_id: int) -> HttpResponse:
    """Propose another ceiling for an allocation that stands."""
    check_can_propose(request.user)
    page = read_page(request, allocation_id)
    form = ChangeForm(request.POST if request.method == "POST" else None)

    def act(data: Any) -> tuple[int, str]:
        proposal = operations.propose_change(allocation=page.allocation, **data, by=request.user, at=timezone.now())
        return allocation_id, f"You proposed {tell_proposal(proposal)}."

    return _answer(request, form, "change", act, page=page, allocation=page.allocation, balance=page.balance)


def _proposal_of(request: HttpRequest, page: AllocationPage) -> Proposal:
    """The proposal that waits, or the one that the sent page showed."""
    sent = request.POST.get("proposal", "")
    if sent.isascii() and sent.isdigit():
        found = next((each for each in page.proposals if str(each.pk) == sent), None)
        if found is None:
            raise Http404
        return found
    if page.open_proposal is None:
        raise Stale("No proposed ceiling of this allocation waits for a verdict.", rule="allocations.one_verdict")
    return page.open_proposal


def _judge(request: HttpRequest, allocation_id: int, name: str, label: str, check: Any) -> HttpResponse:
    page = read_page(request, allocation_id)
    proposal = _proposal_of(request, page)
    check(request.user, proposal)
    form = VerdictForm(
        request.POST if request.method == "POST" else None, initial={"proposal": proposal.pk}, label=label
    )

    def act(data: Any) -> tuple[int, str]:
        done = getattr(operations, f"{name}_proposal")
        verdict = done(proposal=proposal, reason=data["reason"], by=request.user, at=timezone.now())
        return allocation_id, f"You {verdict.outcome} {tell_proposal(proposal)} for {page.allocation.title}."

    return _answer(
        request,
        form,
        name,
        act,
        page=page,
        allocation=page.allocation,
        proposal=proposal,
        asks=tell_proposal(proposal),
        balance=page.balance,
        after=_after(proposal, page.balance),
    )


def _after(proposal: Proposal, balance: Balance | None) -> Balance:
    """The books after an approval."""
    if balance is None:
        return Balance(ceiling=proposal.ceiling, reserved=0, drawn=0)
    return Balance(ceiling=proposal.ceiling, reserved=balance.reserved, drawn=balance.drawn)


@require_http_methods(["GET", "POST"])
def approve(request: HttpRequest, allocation_id: int) -> HttpResponse:
    """Approve a ceiling that another official proposed."""

    def check(by: Any, proposal: Proposal) -> None:
        check_can_judge(by, proposal=proposal, to="approve it")

    return _judge(request, allocation_id, "approve", "Why do you agree?", check)


@require_http_methods(["GET", "POST"])
def decline(request: HttpRequest, allocation_id: int) -> HttpResponse:
    """Decline a ceiling that another official proposed."""

    def check(by: Any, proposal: Proposal) -> None:
        check_can_judge(by, proposal=proposal, to="decline it")

    return _judge(request, allocation_id, "decline", "Why do you not agree?", check)


@require_http_methods(["GET", "POST"])
def withdraw(request: HttpRequest, allocation_id: int) -> HttpResponse:
    """Take one's own proposal back."""

    def check(by: Any, proposal: Proposal) -> None:
        check_can_withdraw(by, proposal=proposal)

    return _judge(request, allocation_id, "withdraw", "Why do you take it back?", check)
