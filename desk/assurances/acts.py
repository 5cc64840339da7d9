"""The acts on an instrument: each page says what will happen, takes the words, and makes one call."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from assurances import operations, selectors
from assurances.rules import tell_day
from assurances.selectors import InstrumentPage
from desk.assurances import forms
from desk.assurances.answers import Words, answer, bind
from desk.assurances.detail import read_page

_TAKES = require_http_methods(["GET", "POST"])


def _versioned(request: HttpRequest, page: InstrumentPage, kind: Any, **options: Any) -> Any:
    options["initial"] = {"version": page.instrument.version, **options.get("initial", {})}
    return bind(request, kind, **options)


def _by(request: HttpRequest, page: InstrumentPage, data: Any) -> dict[str, Any]:
    return {"instrument": page.instrument, "version": data["version"], "by": request.user, "at": timezone.now()}


def _tell_fall(page: InstrumentPage) -> list[str]:
    """What falls with the instrument, counted."""
    licenses = [each.label for each in page.reliances if each.dependent_kind == "license"]
    cases = [each.label for each in page.reliances if each.dependent_kind == "case"]
    return [
        f"Licenses held at once: {', '.join(licenses)}." if licenses else "No license stands on it.",
        f"Cases whose requirement reopens: {', '.join(cases)}." if cases else "No pending case stands on it.",
        "Nothing more can be reserved or drawn from its coverage.",
    ]


def _tell_return(page: InstrumentPage) -> list[str]:
    licenses = [each.label for each in page.reliances if each.dependent_kind == "license"]
    return [
        f"The holds that its fall placed are lifted: {', '.join(licenses)}."
        if licenses
        else "No license stands on it.",
        "Its coverage can be used again.",
    ]


@_TAKES
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
        operations.request_through_state(says=data["says"], **_by(request, page, data))
        return f"{page.instrument.number} is requested through State."

    return answer(request, page, _versioned(request, page, forms.SaysForm), words, act)


@_TAKES
def record_contact(request: HttpRequest, instrument_id: int) -> HttpResponse:
    """Record that State has contacted the government."""
    page = read_page(request, instrument_id)
    words = Words(
        "Record State’s contact with the government",
        "The deadline of State is met, and the negotiation begins",
        "Record the contact",
    )

    def act(data: Any) -> str:
        operations.record_contact(contacted_on=data["contacted_on"], says=data["says"], **_by(request, page, data))
        return f"{page.instrument.number} is under negotiation."

    return answer(request, page, _versioned(request, page, forms.ContactForm), words, act)


@_TAKES
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
    form = _versioned(request, page, forms.AgreeForm, texts=page.texts, initial=newest)

    def act(data: Any) -> str:
        operations.agree_text(text=_text(page, data), **_by(request, page, data))
        return f"Version {data['text']} is agreed."

    return answer(request, page, form, words, act)


def _text(page: InstrumentPage, data: Any) -> Any:
    return next(text for text in page.texts if str(text.number) == data["text"])


@_TAKES
def reopen_negotiation(request: HttpRequest, instrument_id: int) -> HttpResponse:
    """Take an agreed text back into negotiation."""
    page = read_page(request, instrument_id)
    words = Words("Reopen the negotiation", "The terms can be changed again", "Reopen the negotiation")

    def act(data: Any) -> str:
        operations.reopen_negotiation(reason=data["reason"], **_by(request, page, data))
        return f"{page.instrument.number} is under negotiation again."

    form = _versioned(request, page, forms.ReasonForm, label="Who wants what changed?")
    return answer(request, page, form, words, act)


@_TAKES
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
    form = _versioned(request, page, forms.ReceiptForm, texts=signed, initial=newest)

    def act(data: Any) -> str:
        operations.record_receipt(
            text=_text(page, data),
            signatory=data["signatory"],
            signatory_title=data["signatory_title"],
            signatory_authority=data["signatory_authority"],
            signed_on=data["signed_on"],
            **_by(request, page, data),
        )
        return f"{page.instrument.number} is signed and waits for a second officer."

    return answer(request, page, form, words, act)


@_TAKES
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
        operations.bring_into_force(**_by(request, page, data))
        return f"{row.number} is in force."

    return answer(
        request, page, _versioned(request, page, forms.IntoForceForm), words, act, template="bring_into_force"
    )


@_TAKES
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
    form = _versioned(request, page, forms.CeilingForm, initial={"ceiling": page.instrument.ceiling})

    def act(data: Any) -> str:
        operations.change_ceiling(ceiling=data["ceiling"], reason=data["reason"], **_by(request, page, data))
        return f"The ceiling is {data['ceiling']:,} chips now."

    return answer(request, page, form, words, act)


@_TAKES
def renew(request: HttpRequest, instrument_id: int) -> HttpResponse:
    """Renew the instrument for a further period."""
    page = read_page(request, instrument_id)
    words = Words(
        f"Renew {page.instrument.number}",
        "It goes on under the new text; what is reserved and drawn carries over",
        "Renew the instrument",
        [*_tell_return(page), "Whoever added the text of the renewal does not put it into force."],
        counts=True,
    )
    signed = [text for text in page.texts if text.is_signed]
    form = _versioned(request, page, forms.RenewForm, texts=signed)

    def act(data: Any) -> str:
        operations.renew_instrument(
            text=_text(page, data),
            to_on=data["to_on"],
            ceiling=data["ceiling"],
            says=data["says"],
            **_by(request, page, data),
        )
        return f"{page.instrument.number} is renewed."

    return answer(request, page, form, words, act)


@_TAKES
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
    form = _versioned(request, page, forms.SupersedeForm, successors=[(each.pk, str(each)) for each in found])

    def act(data: Any) -> str:
        successor = next(each for each in found if str(each.pk) == data["successor"])
        operations.supersede_instrument(successor=successor, says=data["says"], **_by(request, page, data))
        return f"{successor.number} took the place of {page.instrument.number}."

    return answer(request, page, form, words, act)


@_TAKES
def suspend(request: HttpRequest, instrument_id: int) -> HttpResponse:
    """Suspend the instrument."""
    page = read_page(request, instrument_id)
    words = Words(
        f"Suspend {page.instrument.number}",
        "Everything that stands on it stops at once",
        "Suspend the instrument",
        _tell_fall(page),
        danger=True,
    )

    def act(data: Any) -> str:
        operations.suspend_instrument(reason=data["reason"], **_by(request, page, data))
        return f"{page.instrument.number} is suspended."

    form = _versioned(request, page, forms.ReasonForm, label="Why, and what would end it?")
    return answer(request, page, form, words, act)


@_TAKES
def restore(request: HttpRequest, instrument_id: int) -> HttpResponse:
    """Restore a suspended instrument."""
    page = read_page(request, instrument_id)
    words = Words(f"Restore {page.instrument.number}", "It stands again", "Restore the instrument", _tell_return(page))

    def act(data: Any) -> str:
        operations.restore_instrument(reason=data["reason"], **_by(request, page, data))
        return f"{page.instrument.number} is in force again."

    form = _versioned(request, page, forms.ReasonForm, label="What has changed?")
    return answer(request, page, form, words, act)


@_TAKES
def terminate(request: HttpRequest, instrument_id: int) -> HttpResponse:
    """End the instrument for good."""
    page = read_page(request, instrument_id)
    words = Words(
        f"Terminate {page.instrument.number}",
        "It ends for good and cannot be restored",
        "Terminate the instrument",
        _tell_fall(page),
        danger=True,
    )

    def act(data: Any) -> str:
        operations.terminate_instrument(reason=data["reason"], **_by(request, page, data))
        return f"{page.instrument.number} is terminated."

    form = _versioned(request, page, forms.ReasonForm, label="Who ends it, and why?")
    return answer(request, page, form, words, act)


@_TAKES
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
        operations.withdraw_instrument(reason=data["reason"], **_by(request, page, data))
        return f"{page.instrument.number} is withdrawn."

    return answer(request, page, _versioned(request, page, forms.ReasonForm, label="Why?"), words, act)


@_TAKES
def record_expiry(request: HttpRequest, instrument_id: int) -> HttpResponse:
    """Record that the period is over."""
    page = read_page(request, instrument_id)
    words = Words(
        f"Record that {page.instrument.number} has expired",
        "It covers nothing any more; the record holds what stands on it",
        "Record the expiry",
        _tell_fall(page),
    )

    def act(data: Any) -> str:
        operations.record_expiry(instrument=page.instrument, by=request.user, at=timezone.now())
        return f"{page.instrument.number} is recorded as expired."

    return answer(request, page, _versioned(request, page, forms.VersionedForm), words, act)


@_TAKES
def allege_breach(request: HttpRequest, instrument_id: int) -> HttpResponse:
    """Allege a breach, with evidence."""
    page = read_page(request, instrument_id)
    words = Words(
        f"Allege a breach of {page.instrument.number}",
        "Everything that stands on it stops until the allegation is dismissed or the breach cured",
        "Allege the breach",
        _tell_fall(page),
        danger=True,
    )
    form = _versioned(request, page, forms.AllegeForm, wanted=[line.wanted for line in page.undertakings])

    def act(data: Any) -> str:
        breach = operations.allege_breach(
            undertaking=data["undertaking"],
            allegation=data["allegation"],
            upload=data["file"],
            **_by(request, page, data),
        )
        return f"Breach {breach.number} is alleged."

    return answer(request, page, form, words, act)


@_TAKES
def begin_cure(request: HttpRequest, instrument_id: int) -> HttpResponse:
    """Give notice of the breach and begin the cure period."""
    page = read_page(request, instrument_id)
    words = Words("Give notice of the breach", "The cure period begins", "Record the notice")
    form = _versioned(request, page, forms.CureForm, days=page.edition.value("assurances.cure_days"))

    def act(data: Any) -> str:
        operations.begin_cure(
            notice_to=data["notice_to"],
            says=data["says"],
            cure_until=data["cure_until"],
            **_by(request, page, data),
        )
        return "Notice was given. The cure period runs."

    return answer(request, page, form, words, act)


@_TAKES
def extend_cure(request: HttpRequest, instrument_id: int) -> HttpResponse:
    """Give more time to cure a breach."""
    page = read_page(request, instrument_id)
    words = Words("Extend the cure period", "The instrument stays stopped until then", "Extend the cure period")

    def act(data: Any) -> str:
        operations.extend_cure(cure_until=data["cure_until"], reason=data["reason"], **_by(request, page, data))
        return "The cure period is extended."

    return answer(request, page, _versioned(request, page, forms.ExtendForm), words, act)


@_TAKES
def accept_cure(request: HttpRequest, instrument_id: int) -> HttpResponse:
    """Accept that a breach was cured."""
    page = read_page(request, instrument_id)
    words = Words("Accept the cure", "The instrument stands again", "Accept the cure", _tell_return(page))

    def act(data: Any) -> str:
        operations.accept_cure(reason=data["reason"], **_by(request, page, data))
        return f"The breach is cured, and {page.instrument.number} stands again."

    form = _versioned(request, page, forms.ReasonForm, label="How was it cured, and how was that verified?")
    return answer(request, page, form, words, act)


@_TAKES
def dismiss_breach(request: HttpRequest, instrument_id: int) -> HttpResponse:
    """Dismiss an allegation that was not borne out."""
    page = read_page(request, instrument_id)
    words = Words(
        "Dismiss the allegation",
        "The instrument stands again",
        "Dismiss the allegation",
        [*_tell_return(page), "Whoever alleged the breach does not dismiss it."],
    )

    def act(data: Any) -> str:
        operations.dismiss_breach(reason=data["reason"], **_by(request, page, data))
        return f"The allegation is dismissed, and {page.instrument.number} stands again."

    form = _versioned(request, page, forms.ReasonForm, label="Why is it not borne out?")
    return answer(request, page, form, words, act)
