"""The acts on an alleged breach: allegation, notice, cure, outcome."""

from typing import Any

from django.http import HttpRequest, HttpResponse

from assurances import operations
from assurances.selectors import InstrumentPage
from desk.assurances import forms
from desk.assurances.acts import TAKES, of_page, tell_fall, tell_return, versioned
from desk.assurances.answers import Words, answer
from desk.assurances.detail import read_page


@TAKES
def allege_breach(request: HttpRequest, instrument_id: int) -> HttpResponse:
    """Allege a breach, with evidence."""
    page = read_page(request, instrument_id)
    words = Words(
        f"Allege a breach of {page.instrument.number}",
        "Everything that stands on it stops until the allegation is dismissed or the breach cured",
        "Allege the breach",
        tell_fall(page),
        danger=True,
    )
    form = versioned(request, page, forms.AllegeForm, wanted=[line.wanted for line in page.undertakings])

    def act(data: Any) -> str:
        breach = operations.allege_breach(
            undertaking=data["undertaking"],
            allegation=data["allegation"],
            upload=data["file"],
            **of_page(request, page, data),
        )
        return f"Breach {breach.number} is alleged."

    return answer(request, page, form, words, act)


@TAKES
def begin_cure(request: HttpRequest, instrument_id: int) -> HttpResponse:
    """Give notice of the breach and begin the cure period."""
    page = read_page(request, instrument_id)
    words = Words("Give notice of the breach", "The cure period begins", "Record the notice")
    form = versioned(request, page, forms.CureForm, days=page.edition.value("assurances.cure_days"))

    def act(data: Any) -> str:
        operations.begin_cure(
            notice_to=data["notice_to"],
            says=data["says"],
            cure_until=data["cure_until"],
            **of_page(request, page, data),
        )
        return "Notice was given. The cure period runs."

    return answer(request, page, form, words, act)


@TAKES
def extend_cure(request: HttpRequest, instrument_id: int) -> HttpResponse:
    """Give more time to cure a breach."""
    page = read_page(request, instrument_id)
    words = Words("Extend the cure period", "The instrument stays stopped until then", "Extend the cure period")

    def act(data: Any) -> str:
        operations.extend_cure(cure_until=data["cure_until"], reason=data["reason"], **of_page(request, page, data))
        return "The cure period is extended."

    return answer(request, page, versioned(request, page, forms.ExtendForm), words, act)


def _tell_end(page: InstrumentPage) -> tuple[str, list[str]]:
    """What the end of the open breach does: the instrument stands again, unless it was suspended before."""
    line = page.open_breach
    if line is not None and line.breach.was_suspended:
        return "The instrument stays suspended, as it was before", ["Restoring it is an act of its own."]
    return "The instrument stands again", tell_return(page)


@TAKES
def accept_cure(request: HttpRequest, instrument_id: int) -> HttpResponse:
    """Accept that a breach was cured."""
    page = read_page(request, instrument_id)
    panel, points = _tell_end(page)
    words = Words("Accept the cure", panel, "Accept the cure", points)

    def act(data: Any) -> str:
        operations.accept_cure(reason=data["reason"], **of_page(request, page, data))
        return f"The breach is cured. {panel}."

    form = versioned(request, page, forms.ReasonForm, label="How was it cured, and how was that verified?")
    return answer(request, page, form, words, act)


@TAKES
def dismiss_breach(request: HttpRequest, instrument_id: int) -> HttpResponse:
    """Dismiss an allegation that was not borne out."""
    page = read_page(request, instrument_id)
    panel, points = _tell_end(page)
    words = Words(
        "Dismiss the allegation",
        panel,
        "Dismiss the allegation",
        [*points, "Whoever alleged the breach does not dismiss it."],
    )

    def act(data: Any) -> str:
        operations.dismiss_breach(reason=data["reason"], **of_page(request, page, data))
        return f"The allegation is dismissed. {panel}."

    form = versioned(request, page, forms.ReasonForm, label="Why is it not borne out?")
    return answer(request, page, form, words, act)
