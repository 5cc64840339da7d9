"""The acts on an instrument: each page says what will happen, takes the words, and makes one call."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from assurances import operations, selectors
from assurances.rules import tell_day
from assurances.selectors import InstrumentPage
from desk.answering import bind
from desk.assurances import forms
from desk.assurances.answers import Words, answer
from desk.assurances.detail import read_page

TAKES = require_http_methods(["GET", "POST"])


def versioned(request: HttpRequest, page: InstrumentPage, kind: Any, **options: Any) -> Any:
    """The form of an act, which knows the version of the page that was shown."""
    options["initial"] = {"version": page.instrument.version, **options.get("initial", {})}
    return bind(request, kind, **options)


def of_page(request: HttpRequest, page: InstrumentPage, data: Any) -> dict[str, Any]:
    """What every act is told: the instrument, the version that was shown, who acts and when."""
    return {"instrument": page.instrument, "version": data["version"], "by": request.user, "at": timezone.now()}


def tell_fall(page: InstrumentPage) -> list[str]:
    """What falls with the instrument, counted."""
    licenses = [each.label for each in page.reliances if each.dependent_kind == "license"]
    cases = [each.label for each in page.reliances if each.dependent_kind == "case"]
    return [
        f"Licenses held at once: {', '.join(licenses)}." if licenses else "No license stands on it.",
        f"Cases whose requirement reopens: {', '.join(cases)}." if cases else "No pending case stands on it.",
        "Nothing more can be reserved or drawn from its coverage.",
    ]


def tell_return(page: InstrumentPage) -> list[str]:
    """What returns with the instrument, counted."""
    licenses = [each.label for each in page.reliances if each.dependent_kind == "license"]
    return [
        f"The holds that its fall placed are lifted: {', '.join(licenses)}."
        if licenses
        else "No license stands on it.",
        "Its coverage can be used again.",
    ]


@TAKES
def request(request: HttpRequest, instrument_id: int) -> HttpResponse:
    """Ask State to seek the instrument."""
    page = read_page(request, instrument_id)
    days = page.edition.value("assurances.state_contact_days")
    words = Words(
        f"Ask for {page.instrument.number} through State",
        "The request goes to the Secretary of State",
        "Record the request",
        [
            f"State then has {days} days to contact the government (15 CFR 750.4(b)(3)(ii)).",
            "Your deadline to ask is met.",
        ],
    )

    def act(data: Any) -> str:
        operations.request_through_state(says=data["says"], **of_page(request, page, data))
        return f"{page.instrument.number} is requested through State."

    return answer(request, page, versioned(request, page, forms.SaysForm), words, act)


@TAKES
def record_contact(request: HttpRequest, instrument_id: int) -> HttpResponse:
    """Record that State has contacted the government."""
    page = read_page(request, instrument_id)
    words = Words(
        "Record State’s contact with the government",
        "The deadline of State is met, and the negotiation begins",
        "Record the contact",
    )

    def act(data: Any) -> str:
        operations.record_contact(contacted_on=data["contacted_on"], says=data["says"], **of_page(request, page, data))
        return f"{page.instrument.number} is under negotiation."

    return answer(request, page, versioned(request, page, forms.ContactForm), words, act)


@TAKES
def agree(request: HttpRequest, instrument_id: int) -> HttpResponse:
    """Record which version is agreed."""
    page = read_page(request, instrument_id)
    words = Words(
        "Record the agreed text",
        "The terms are fixed from here on",
        "Record the agreed text",
        ["While it is not signed, the negotiation can be reopened."],
    )
    newest = {"text": str(page.texts[0].number)} if page.texts else {}
    form = versioned(request, page, forms.AgreeForm, texts=page.texts, initial=newest)

    def act(data: Any) -> str:
        operations.agree_text(text=_text(page, data), **of_page(request, page, data))
        return f"Version {data['text']} is agreed."

    return answer(request, page, form, words, act)


def _text(page: InstrumentPage, data: Any) -> Any:
    return next(text for text in page.texts if str(text.number) == data["text"])


@TAKES
def reopen_negotiation(request: HttpRequest, instrument_id: int) -> HttpResponse:
    """Take an agreed text back into negotiation."""
    page = read_page(request, instrument_id)
    words = Words("Reopen the negotiation", "The terms can be changed again", "Reopen the negotiation")

    def act(data: Any) -> str:
        operations.reopen_negotiation(reason=data["reason"], **of_page(request, page, data))
        return f"{page.instrument.number} is under negotiation again."

    form = versioned(request, page, forms.ReasonForm, label="Who wants what changed?")
    return answer(request, page, form, words, act)


@TAKES
def record_receipt(request: HttpRequest, instrument_id: int) -> HttpResponse:
    """Record that Commerce has the signed instrument."""
    page = read_page(request, instrument_id)
    days = page.edition.value("assurances.license_after_receipt_days")
    words = Words(
        "Record the receipt of the signed instrument",
        f"The license that waits for it is due within {days} days (15 CFR 750.4(b)(3)(iii))"
        if page.instrument.occasion
        else "The instrument is signed; no case is named that waits for it",
        "Record the receipt",
        [
            "A signed text in another language needs its certified translation first (15 CFR 748.9(d)).",
            "The other assurance officers are told: one of them brings it into force.",
        ],
    )
    signed = [text for text in page.texts if text.is_signed]
    newest = {"text": str(signed[0].number)} if signed else {}
    form = versioned(request, page, forms.ReceiptForm, texts=signed, initial=newest)

    def act(data: Any) -> str:
        operations.record_receipt(
            text=_text(page, data),
            signatory=data["signatory"],
            signatory_title=data["signatory_title"],
            signatory_authority=data["signatory_authority"],
            signed_on=data["signed_on"],
            **of_page(request, page, data),
        )
        return f"{page.instrument.number} is signed and waits for a second officer."

    return answer(request, page, form, words, act)


@TAKES
def bring_into_force(request: HttpRequest, instrument_id: int) -> HttpResponse:
    """Bring a signed instrument into force."""
    page = read_page(request, instrument_id)
    row = page.instrument
    ceiling = f"{row.ceiling:,} chips" if row.ceiling else "chips without a ceiling"
    until = f" until {tell_day(row.to_on)}" if row.to_on else ""
    words = Words(
        f"Bring {row.number} into force",
        f"It covers {ceiling}{until}, and cases can stand on it",
        "Bring the instrument into force",
        [
            f"It was drafted by {row.drafted_by_label}; somebody else brings it into force.",
            f"Signed by {row.signatory or '—'}, {row.signatory_title or '—'}: {row.signatory_authority or '—'}.",
            *(f"Missing: {each.title}. It cannot come into force before a clause is named." for each in page.missing),
        ],
        danger=bool(page.missing),
    )

    def act(data: Any) -> str:
        operations.bring_into_force(**of_page(request, page, data))
        return f"{row.number} is in force."

    return answer(request, page, versioned(request, page, forms.IntoForceForm), words, act, template="bring_into_force")


@TAKES
def change_ceiling(request: HttpRequest, instrument_id: int) -> HttpResponse:
    """Raise or lower the ceiling."""
    page = read_page(request, instrument_id)
    balance = page.balance
    used = (balance.reserved + balance.drawn) if balance else 0
    words = Words(
        f"Change the ceiling of {page.instrument.number}",
        f"It is never below the {used:,} chips that are reserved or drawn",
        "Change the ceiling",
        ["To raise it takes somebody other than the drafter.", "The old ceiling stays in the ledger’s entries."],
        counts=True,
    )
    form = versioned(request, page, forms.CeilingForm, initial={"ceiling": page.instrument.ceiling})

    def act(data: Any) -> str:
        operations.change_ceiling(ceiling=data["ceiling"], reason=data["reason"], **of_page(request, page, data))
        return f"The ceiling is {data['ceiling']:,} chips now."

    return answer(request, page, form, words, act)


@TAKES
def renew(request: HttpRequest, instrument_id: int) -> HttpResponse:
    """Renew the instrument for a further period."""
    page = read_page(request, instrument_id)
    words = Words(
        f"Renew {page.instrument.number}",
        "It goes on under the new text; what is reserved and drawn carries over",
        "Renew the instrument",
        [*tell_return(page), "Whoever added the text of the renewal does not put it into force."],
        counts=True,
    )
    signed = [text for text in page.texts if text.is_signed]
    form = versioned(request, page, forms.RenewForm, texts=signed)

    def act(data: Any) -> str:
        operations.renew_instrument(
            text=_text(page, data),
            to_on=data["to_on"],
            ceiling=data["ceiling"],
            says=data["says"],
            **of_page(request, page, data),
        )
        return f"{page.instrument.number} is renewed."

    return answer(request, page, form, words, act)


@TAKES
def supersede(request: HttpRequest, instrument_id: int) -> HttpResponse:
    """Let another instrument take its place."""
    page = read_page(request, instrument_id)
    found = selectors.list_successors(by=request.user, instrument=page.instrument, at=timezone.now())
    drawn = page.balance.drawn if page.balance else 0
    words = Words(
        f"Let another instrument take the place of {page.instrument.number}",
        f"{drawn:,} drawn chips are counted there from now on, and this instrument is over",
        "Put the other instrument in its place",
        [
            "Licenses that stand on this one stand on the other, without a hold.",
            "Pending cases choose their evidence anew.",
        ],
        danger=True,
        counts=True,
    )
    form = versioned(request, page, forms.SupersedeForm, successors=[(each.pk, str(each)) for each in found])

    def act(data: Any) -> str:
        successor = next(each for each in found if str(each.pk) == data["successor"])
        operations.supersede_instrument(successor=successor, says=data["says"], **of_page(request, page, data))
        return f"{successor.number} took the place of {page.instrument.number}."

    return answer(request, page, form, words, act)


@TAKES
def suspend(request: HttpRequest, instrument_id: int) -> HttpResponse:
    """Suspend the instrument."""
    page = read_page(request, instrument_id)
    words = Words(
        f"Suspend {page.instrument.number}",
        "Everything that stands on it stops at once",
        "Suspend the instrument",
        tell_fall(page),
        danger=True,
    )

    def act(data: Any) -> str:
        operations.suspend_instrument(reason=data["reason"], **of_page(request, page, data))
        return f"{page.instrument.number} is suspended."

    form = versioned(request, page, forms.ReasonForm, label="Why, and what would end it?")
    return answer(request, page, form, words, act)


@TAKES
def restore(request: HttpRequest, instrument_id: int) -> HttpResponse:
    """Restore a suspended instrument."""
    page = read_page(request, instrument_id)
    words = Words(f"Restore {page.instrument.number}", "It stands again", "Restore the instrument", tell_return(page))

    def act(data: Any) -> str:
        operations.restore_instrument(reason=data["reason"], **of_page(request, page, data))
        return f"{page.instrument.number} is in force again."

    form = versioned(request, page, forms.ReasonForm, label="What has changed?")
    return answer(request, page, form, words, act)


@TAKES
def terminate(request: HttpRequest, instrument_id: int) -> HttpResponse:
    """End the instrument for good."""
    page = read_page(request, instrument_id)
    words = Words(
        f"Terminate {page.instrument.number}",
        "It ends for good and cannot be restored",
        "Terminate the instrument",
        tell_fall(page),
        danger=True,
    )

    def act(data: Any) -> str:
        operations.terminate_instrument(reason=data["reason"], **of_page(request, page, data))
        return f"{page.instrument.number} is terminated."

    form = versioned(request, page, forms.ReasonForm, label="Who ends it, and why?")
    return answer(request, page, form, words, act)


@TAKES
def withdraw(request: HttpRequest, instrument_id: int) -> HttpResponse:
    """Give up an instrument that is not in force."""
    page = read_page(request, instrument_id)
    words = Words(
        f"Withdraw {page.instrument.number}",
        "It is given up before it came into force",
        "Withdraw the instrument",
        ["Its deadlines are canceled.", "Cases that wait for it need another instrument."],
        danger=True,
    )

    def act(data: Any) -> str:
        operations.withdraw_instrument(reason=data["reason"], **of_page(request, page, data))
        return f"{page.instrument.number} is withdrawn."

    return answer(request, page, versioned(request, page, forms.ReasonForm, label="Why?"), words, act)


@TAKES
def record_expiry(request: HttpRequest, instrument_id: int) -> HttpResponse:
    """Record that the period is over."""
    page = read_page(request, instrument_id)
    words = Words(
        f"Record that {page.instrument.number} has expired",
        "It covers nothing any more; the record holds what stands on it",
        "Record the expiry",
        tell_fall(page),
    )

    def act(data: Any) -> str:
        operations.record_expiry(instrument=page.instrument, by=request.user, at=timezone.now())
        return f"{page.instrument.number} is recorded as expired."

    return answer(request, page, versioned(request, page, forms.VersionedForm), words, act)
