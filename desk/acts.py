"""The acts of staff on a case: each page says what will happen, takes the reason, and makes one call."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from accounts.permissions import NotPermitted
from accounts.rules import Refused
from accounts.selectors import list_users_with_role
from accounts.statuses import Role
from desk import answering
from desk import forms as desk_forms
from desk.answering import bind
from desk.case_words import list_books, tell_no_allocation
from desk.ceilings import tell_short
from ledger.rules import NotEnough
from licensing import operations, selectors
from licensing.addresses import on_desk
from licensing.models import Case, Requirement
from licensing.selectors import CasePage
from licensing.statuses import DecisionKind, RecommendedAction

Act = Callable[[Any], str]


def get_page(request: HttpRequest, acn: str) -> CasePage:
    try:
        return selectors.get_case_page(acn=acn, by=request.user, now=timezone.now())
    except ObjectDoesNotExist as error:
        raise Http404 from error


def answer(
    request: HttpRequest,
    page: CasePage,
    form: forms.Form,
    template: str,
    act: Act,
    *,
    checked: str = "",
    requirement: Requirement | None = None,
    **context: Any,
) -> HttpResponse:
    """Show the form, or do the act: with its errors and refusals on the same page, what was typed kept.

    Whoever would be refused before a word is read gets the reason in place of the form; `checked` is the act that
    is asked about, where it is not named as its template, and `requirement` what it changes, where that is one.
    """
    if request.method != "POST":
        try:
            selectors.check_act(page=page, act=checked or template, by=request.user, requirement=requirement)
        except (Refused, NotPermitted) as barred:
            return render(
                request, f"desk/cases/{template}.html", {"page": page, "case": page.case, "barred": barred, **context}
            )
    return answering.answer(
        request,
        form,
        lambda data: (act(data), on_desk(page.case)),
        f"desk/cases/{template}.html",
        page=page,
        case=page.case,
        **context,
    )


def _versioned(request: HttpRequest, kind: type[forms.Form], case: Case, **options: Any) -> forms.Form:
    options["initial"] = {"version": case.version, **options.get("initial", {})}
    return bind(request, kind, **options)


@require_http_methods(["GET", "POST"])
def take(request: HttpRequest, acn: str) -> HttpResponse:
    """Take a case."""
    page = get_page(request, acn)

    def act(data: Any) -> str:
        operations.assign_case(
            case=page.case, officer=request.user, version=data["version"], by=request.user, at=timezone.now()
        )
        return f"{page.case.acn} is yours now."

    return answer(request, page, _versioned(request, desk_forms.VersionedForm, page.case), "take", act)


@require_http_methods(["GET", "POST"])
def assign(request: HttpRequest, acn: str) -> HttpResponse:
    """Assign a case to an officer."""
    page = get_page(request, acn)
    officers = {user.pk: user for user in list_users_with_role(Role.LICENSING_OFFICER)}

    def act(data: Any) -> str:
        officer = officers[int(data["officer"])]
        operations.assign_case(
            case=page.case, officer=officer, version=data["version"], by=request.user, at=timezone.now()
        )
        return f"{page.case.acn} was assigned to {officer.name}."

    form = _versioned(
        request, desk_forms.AssignForm, page.case, officers=[(pk, user.name) for pk, user in officers.items()]
    )
    return answer(request, page, form, "assign", act)


@require_http_methods(["GET", "POST"])
def request_information(request: HttpRequest, acn: str) -> HttpResponse:
    """Ask the applicant a question."""
    page = get_page(request, acn)

    def act(data: Any) -> str:
        asked = operations.request_information(
            case=page.case,
            question=data["question"],
            version=data["version"],
            by=request.user,
            at=timezone.now(),
        )
        return f"Question {asked.number} was sent. The clock stands until it is answered."

    return answer(
        request,
        page,
        _versioned(request, desk_forms.QuestionForm, page.case),
        "request_information",
        act,
    )


@require_http_methods(["GET", "POST"])
def recommend(request: HttpRequest, acn: str) -> HttpResponse:
    """Write a version of the recommendation, beginning from the newest one."""
    page = get_page(request, acn)
    newest = page.newest.recommendation if page.newest else None
    lines = [(item.line_no, str(item), item.quantity) for item in page.items]
    initial: dict[str, Any] = {
        f"line_{number}": newest.lines.get(str(number), asked) if newest else asked for number, _, asked in lines
    }
    if newest:
        initial |= {
            "action": newest.action,
            "conditions": "\n".join(newest.conditions),
            "reasons": newest.reasons,
            "statutory_basis": newest.statutory_basis,
            "regulatory_basis": newest.regulatory_basis,
        }
    form = _versioned(request, desk_forms.RecommendForm, page.case, lines=lines, initial=initial)

    def act(data: Any) -> str:
        try:
            recommendation = operations.recommend(
                case=page.case,
                action=data["action"],
                lines=form.get_lines(),
                conditions=data["conditions"].splitlines(),
                reasons=data["reasons"],
                statutory_basis=data["statutory_basis"],
                regulatory_basis=data["regulatory_basis"],
                version=data["version"],
                by=request.user,
                at=timezone.now(),
            )
        except NotEnough as refusal:
            raise tell_short(get_page(request, acn), form.get_lines(), refusal) from refusal
        return f"Version {recommendation.version} was recorded and waits for countersignature."

    return answer(
        request,
        page,
        form,
        "recommend",
        act,
        newest=newest,
        books=list_books(page),
        no_allocation=tell_no_allocation(page),
    )


@require_http_methods(["GET", "POST"])
def countersign(request: HttpRequest, acn: str) -> HttpResponse:
    """Sign the newest version of the recommendation."""
    page = get_page(request, acn)
    if page.newest is None:
        raise Http404
    newest = page.newest.recommendation
    initial = {"content_hash": newest.content_hash, "recommendation": newest.pk}
    form = bind(request, desk_forms.CountersignForm, initial=initial)

    def act(data: Any) -> str:
        by_id = {line.recommendation.pk: line.recommendation for line in page.recommendations}
        recommendation = by_id.get(data["recommendation"])
        if recommendation is None:
            raise Refused("This recommendation is not of this case. Reload the page.", rule="signature.case")
        operations.countersign(
            recommendation=recommendation, content_hash=data["content_hash"], by=request.user, at=timezone.now()
        )
        return f"You countersigned version {recommendation.version}."

    return answer(
        request,
        page,
        form,
        "countersign",
        act,
        checked="sign",
        line=page.newest,
        recommendation=newest,
        version_words=str(newest.version),
    )


@require_http_methods(["GET", "POST"])
def send_back(request: HttpRequest, acn: str) -> HttpResponse:
    """Send the recommendation back to its author."""
    page = get_page(request, acn)

    def act(data: Any) -> str:
        operations.send_back(
            case=page.case, reason=data["reason"], version=data["version"], by=request.user, at=timezone.now()
        )
        return f"{page.case.acn} went back to its officer."

    return answer(request, page, _versioned(request, desk_forms.ReasonForm, page.case), "send_back", act)


@require_http_methods(["GET", "POST"])
def decide(request: HttpRequest, acn: str) -> HttpResponse:
    """Decide a countersigned case."""
    page = get_page(request, acn)
    if page.newest is None:
        raise Http404
    newest = page.newest.recommendation
    lines = [(item.line_no, str(item), item.quantity) for item in page.items]
    asked = {str(number): quantity for number, _, quantity in lines}
    approves = newest.action in (RecommendedAction.APPROVE, RecommendedAction.APPROVE_WITH_CONDITIONS)
    whole = DecisionKind.APPROVE if newest.lines == asked else DecisionKind.APPROVE_IN_PART
    initial: dict[str, Any] = {
        **{f"line_{number}": newest.lines.get(str(number), 0) for number, _, _ in lines},
        "kind": whole if approves else newest.action,
        "reasons": newest.reasons,
        "statutory_basis": newest.statutory_basis,
        "regulatory_basis": newest.regulatory_basis,
    }
    form = _versioned(request, desk_forms.DecideForm, page.case, lines=lines, initial=initial)

    def act(data: Any) -> str:
        try:
            decision = operations.decide(
                case=page.case,
                kind=data["kind"],
                lines=form.get_lines(),
                reasons=data["reasons"],
                statutory_basis=data["statutory_basis"],
                regulatory_basis=data["regulatory_basis"],
                expires_on=data["expires_on"],
                version=data["version"],
                by=request.user,
                at=timezone.now(),
            )
        except NotEnough as refusal:
            raise tell_short(get_page(request, acn), form.get_lines(), refusal) from refusal
        return f"Decided: {decision.get_kind_display().lower()}. The letter has gone out."

    # Before anything was typed, what was recommended; then what was typed, also where it was refused.
    granted = {number: newest.lines.get(str(number), 0) for number, _, _ in lines}
    if form.is_bound and form.is_valid():
        granted = form.get_lines()
    rows = [
        {
            "words": words,
            "asked": quantity,
            "granted": granted[number],
            "released": quantity - granted[number],
        }
        for number, words, quantity in lines
    ]
    return answer(
        request,
        page,
        form,
        "decide",
        act,
        line=page.newest,
        recommendation=newest,
        rows=rows,
        effects=selectors.list_effects(page, granted),
        books=list_books(page),
        no_allocation=tell_no_allocation(page),
        is_typed=form.is_bound,
    )


@require_http_methods(["GET", "POST"])
def exemption(request: HttpRequest, acn: str) -> HttpResponse:
    """Accept or refuse an exemption filing."""
    page = get_page(request, acn)

    def act(data: Any) -> str:
        common = {
            "case": page.case,
            "reasons": data["reasons"],
            "version": data["version"],
            "by": request.user,
            "at": timezone.now(),
        }
        if data["outcome"] == "accept":
            accepted = operations.accept_exemption(**common)
            return f"The exemption was accepted as {accepted.number}."
        operations.refuse_exemption(**common)
        return "The exemption was refused and the letter has gone out. The case goes on as a license case."

    return answer(
        request,
        page,
        _versioned(request, desk_forms.ExemptionForm, page.case),
        "exemption",
        act,
        checked="accept_exemption",
    )


@require_POST
def add_note(request: HttpRequest, acn: str) -> HttpResponse:
    """Add a note for colleagues."""
    page = get_page(request, acn)

    def act(data: Any) -> str:
        operations.add_note(case=page.case, text=data["text"], by=request.user, at=timezone.now())
        return "Your note was added."

    return answer(request, page, bind(request, desk_forms.NoteForm), "note", act)


def get_requirement(page: CasePage, position: int) -> Any:
    for line in page.requirements:
        if line.requirement.position == position:
            return line
    raise Http404


@require_http_methods(["GET", "POST"])
def waive(request: HttpRequest, acn: str, position: int) -> HttpResponse:
    """Sign the waiver of a requirement."""
    page = get_page(request, acn)
    line = get_requirement(page, position)

    def act(data: Any) -> str:
        operations.sign_waiver(requirement=line.requirement, reason=data["reason"], by=request.user, at=timezone.now())
        return f"You signed the waiver of “{line.requirement.title}”."

    form = bind(request, desk_forms.WaiverForm)
    return answer(
        request,
        page,
        form,
        "waive",
        act,
        requirement=line.requirement,
        line=line,
        can_sign=line.wants_waiver_of(request.user),
    )


@require_http_methods(["GET", "POST"])
def reopen(request: HttpRequest, acn: str, position: int) -> HttpResponse:
    """Open a closed requirement again."""
    page = get_page(request, acn)
    line = get_requirement(page, position)

    def act(data: Any) -> str:
        operations.reopen_requirement(
            requirement=line.requirement, reason=data["reason"], by=request.user, at=timezone.now()
        )
        return f"“{line.requirement.title}” is open again."

    return answer(
        request, page, bind(request, desk_forms.ReopenForm), "reopen", act, requirement=line.requirement, line=line
    )
