"""Drafting pages: the terms, the texts with their translations, the undertakings, and an amendment of all of them."""

from dataclasses import asdict
from datetime import datetime, time
from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from assurances import operations, selectors
from assurances.permissions import check_can_keep_instruments
from assurances.rules import Terms
from assurances.selectors import InstrumentPage
from deadlines.rules import AGENCY_ZONE, day_of
from desk import answering
from desk.answering import Done, bind
from desk.assurances import forms
from desk.assurances.answers import Words, answer
from desk.assurances.detail import read_page
from desk.assurances.terms import AmendForm, ChangeTermsForm, StartForm

US_SIDE = "Department of Commerce, Bureau of Industry and Security"
_TAKES = require_http_methods(["GET", "POST"])


def _ids(values: list[str]) -> list[int]:
    return [int(each) for each in values if each.isascii() and each.isdigit() and len(each) < 19]


def _options(request: HttpRequest, terms: Terms | None) -> dict[str, Any]:
    """The lists of a form of terms: end users and installations are those chosen, and those that were looked for."""
    sent = request.POST if request.method == "POST" else None
    parties, installations = selectors.list_candidates(
        by=request.user,
        text=sent.get("find", "").replace("\0", "")[:100] if sent else "",
        party_ids=_ids(sent.getlist("parties")) if sent else (terms.party_ids if terms else ()),
        installation_ids=_ids(sent.getlist("installations")) if sent else (terms.installation_ids if terms else ()),
    )
    return {
        "countries": forms.list_country_choices(),
        "models": selectors.list_models(),
        "parties": parties,
        "installations": installations,
    }


def _initial(terms: Terms) -> dict[str, Any]:
    values = asdict(terms)
    values["parties"], values["installations"] = values.pop("party_ids"), values.pop("installation_ids")
    values["is_binding"] = "yes" if terms.is_binding else "no"
    return values


def _found_only(request: HttpRequest, kind: Any, form: Any, **options: Any) -> Any:
    """The form again with what was typed and what was found, without any complaint about what is still missing."""
    again = kind(initial={name: form[name].value() for name in form.fields}, **options)
    again.found = True
    return again


@_TAKES
def start(request: HttpRequest) -> HttpResponse:
    """Draft an instrument."""
    check_can_keep_instruments(request.user, to="draft an instrument")
    options = _options(request, None)
    initial = {"us_side": US_SIDE, "occasion": request.GET.get("occasion", "")[:200]}
    form = bind(request, StartForm, initial=initial, **options)
    template = "desk/assurances/start.html"
    if request.method == "POST" and "look" in request.POST:
        return render(request, template, {"form": _found_only(request, StartForm, form, **options)})

    def act(data: Any) -> Done:
        needed_on, now = data["needed_on"], timezone.now()
        needed_at = None
        if needed_on is not None and needed_on != day_of(now):
            needed_at = datetime.combine(needed_on, time(12), tzinfo=AGENCY_ZONE)
        instrument = operations.start_instrument(terms=form.get_terms(), needed_at=needed_at, by=request.user, at=now)
        return f"{instrument.number} is drafted.", reverse("desk:assurance", args=[instrument.pk])

    return answering.answer(request, form, act, template)


@_TAKES
def change_terms(request: HttpRequest, instrument_id: int) -> HttpResponse:
    """Write the terms anew."""
    page = read_page(request, instrument_id)
    options = _options(request, page.terms)
    form = bind(
        request,
        ChangeTermsForm,
        initial={"version": page.instrument.version, **_initial(page.terms)},
        **options,
    )
    words = Words(f"Change the terms of {page.instrument.number}", "", "Save the terms")

    def act(data: Any) -> str:
        operations.change_terms(
            instrument=page.instrument,
            terms=form.get_terms(),
            version=data["version"],
            by=request.user,
            at=timezone.now(),
        )
        return "The terms are saved."

    if request.method == "POST" and "look" in request.POST:
        return _show(request, page, _found_only(request, ChangeTermsForm, form, **options), words, "terms")
    return answer(request, page, form, words, act, template="terms")


def _show(request: HttpRequest, page: InstrumentPage, form: Any, words: Words, template: str) -> HttpResponse:
    return render(
        request,
        f"desk/assurances/{template}.html",
        {"page": page, "instrument": page.instrument, "form": form, "words": words},
    )


@_TAKES
def amend(request: HttpRequest, instrument_id: int) -> HttpResponse:
    """Put an amended text into force."""
    page = read_page(request, instrument_id)
    signed = [text for text in page.texts if text.is_signed]
    options = {**_options(request, page.terms), "texts": signed, "lines": page.undertakings}
    form = bind(
        request,
        AmendForm,
        initial={"version": page.instrument.version, **_initial(page.terms)},
        **options,
    )
    words = Words(
        f"Amend {page.instrument.number}",
        "The amended terms count at once; the instrument keeps standing",
        "Put the amendment into force",
        [
            "The signed text of the amendment is a version that was added after it came into force.",
            "Whoever added that text does not put it into force.",
        ],
        counts=True,
    )

    def act(data: Any) -> str:
        operations.amend_instrument(
            instrument=page.instrument,
            text=next(text for text in signed if str(text.number) == data["text"]),
            terms=form.get_terms(),
            given=form.get_given(),
            says=data["says"],
            version=data["version"],
            by=request.user,
            at=timezone.now(),
        )
        return f"{page.instrument.number} is amended."

    if request.method == "POST" and "look" in request.POST:
        return _show(request, page, _found_only(request, AmendForm, form, **options), words, "amend")
    return answer(request, page, form, words, act, template="amend")


@_TAKES
def note_undertakings(request: HttpRequest, instrument_id: int) -> HttpResponse:
    """Name the clause that gives each undertaking."""
    page = read_page(request, instrument_id)
    form = bind(request, forms.UndertakingsForm, lines=page.undertakings, initial={"version": page.instrument.version})
    words = Words(f"Undertakings of {page.instrument.number}", "", "Save the undertakings")

    def act(data: Any) -> str:
        notes = operations.note_undertakings(
            instrument=page.instrument,
            given=form.get_given(),
            version=data["version"],
            by=request.user,
            at=timezone.now(),
        )
        return "The undertakings are saved." if notes else "Nothing was changed."

    longest = page.edition.value("assurances.notice_hours")
    return answer(request, page, form, words, act, template="undertakings", longest=longest)


@_TAKES
def add_text(request: HttpRequest, instrument_id: int) -> HttpResponse:
    """Add a version of the text."""
    page = read_page(request, instrument_id)
    words = Words(
        f"Add a text to {page.instrument.number}",
        "It becomes the next version and stays as it is",
        "Add the text",
        ["A text in another language needs a certified translation before it counts as signed."],
    )

    def act(data: Any) -> str:
        added = operations.add_text(
            instrument=page.instrument,
            upload=data["file"],
            language=data["language"],
            is_signed=data["is_signed"],
            says=data["says"],
            by=request.user,
            at=timezone.now(),
        )
        return f"Version {added.number} was added."

    return answer(request, page, bind(request, forms.TextForm), words, act)


@_TAKES
def add_translation(request: HttpRequest, instrument_id: int, text_number: int) -> HttpResponse:
    """Add the certified translation of a version."""
    page = read_page(request, instrument_id)
    try:
        text = selectors.get_text(instrument_id=instrument_id, number=text_number, by=request.user)
    except ObjectDoesNotExist as error:
        raise Http404 from error
    words = Words(
        f"Add a translation of version {text.number}",
        "It is certified to be true and complete (15 CFR 748.9(d))",
        "Add the translation",
    )

    def act(data: Any) -> str:
        operations.add_translation(
            text=text,
            upload=data["file"],
            certified_by=data["certified_by"],
            certified_on=data["certified_on"],
            by=request.user,
            at=timezone.now(),
        )
        return f"The translation of version {text.number} was added."

    return answer(request, page, bind(request, forms.TranslationForm), words, act)
