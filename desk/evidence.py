"""What meets a requirement: an instrument, a visit, a commitment, conditions verified one by one, or a document."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from desk.acts import answer, get_page, get_requirement
from desk.answering import bind
from desk.case_words import list_titles
from desk.forms import EvidenceForm, write_text
from desk.grounds import address_of
from licensing import operations, selectors
from licensing.operations import Tranche
from licensing.selectors import CasePage
from registry.fields import WholeNumberField
from rulebook.rules import Row

MOST_TRANCHES = 6


class GroundForm(forms.Form):
    """Which evidence of a track a requirement is to stand on."""

    evidence = forms.ChoiceField(label="What does the requirement stand on?", widget=forms.RadioSelect)
    says = write_text("Anything to add for the file", required=False, rows=2)

    def __init__(self, *args: Any, offers: list[selectors.Offer], mix: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [offer for offer in offers if offer.evidence.suffices]
        evidence = self.fields["evidence"]
        assert isinstance(evidence, forms.ChoiceField)
        evidence.choices = [(_name(offer), offer.evidence.title) for offer in choices]
        evidence.choice_hints = {_name(offer): offer.evidence.says for offer in choices}
        self.offers = {_name(offer): offer for offer in choices}
        if mix:
            self.fields["share"] = WholeNumberField(
                label="Percent of the requirement that it meets", min_value=1, max_value=100, initial=100
            )
        self.has_tranches = any(offer.evidence.kind == "investments.commitment" for offer in choices)
        if self.has_tranches:
            for place in range(1, MOST_TRANCHES + 1):
                self.fields[f"required_{place}"] = WholeNumberField(
                    label=f"Tranche {place}: verified, at least", min_value=0, required=False
                )
                self.fields[f"chips_{place}"] = WholeNumberField(
                    label=f"Tranche {place}: chips released", min_value=1, required=False
                )

    def tranche_fields(self) -> list[tuple[forms.BoundField, forms.BoundField]]:
        """The two fields of each tranche, where there is one to plan."""
        places = range(1, MOST_TRANCHES + 1) if self.has_tranches else ()
        return [(self[f"required_{place}"], self[f"chips_{place}"]) for place in places]

    def clean(self) -> dict[str, Any]:
        """A tranche has both numbers or none."""
        cleaned = super().clean() or {}
        for place in range(1, MOST_TRANCHES + 1):
            required, chips = cleaned.get(f"required_{place}"), cleaned.get(f"chips_{place}")
            if (required is None) != (chips is None):
                missing = f"required_{place}" if required is None else f"chips_{place}"
                if missing not in self.errors:
                    self.add_error(missing, f"Tranche {place} needs both numbers, or neither.")
        return cleaned

    def list_tranches(self) -> list[Tranche]:
        """The tranches as they were planned; amounts of money are written in dollars and kept in cents."""
        offer = self.offers[self.cleaned_data["evidence"]]
        if offer.evidence.kind != "investments.commitment":
            return []
        given = [
            (self.cleaned_data.get(f"required_{place}"), self.cleaned_data.get(f"chips_{place}"))
            for place in range(1, MOST_TRANCHES + 1)
        ]
        factor = selectors.get_unit_factor(offer)
        return [Tranche(required * factor, chips) for required, chips in given if required is not None and chips]


class ConditionForm(forms.Form):
    """One condition that was verified."""

    item = forms.ChoiceField(label="Which condition was verified?", widget=forms.RadioSelect)
    says = write_text("What shows that it is met?")
    file = forms.FileField(label="Evidence (PDF)", required=False)

    def __init__(self, *args: Any, rows: list[Row], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        item = self.fields["item"]
        assert isinstance(item, forms.ChoiceField)
        item.choices = [(row.id, row.title) for row in rows]
        item.choice_hints = {row.id: row.says for row in rows}


def _name(offer: selectors.Offer) -> str:
    return f"{offer.choice}|{offer.evidence.kind}|{offer.evidence.subject_id}"


@require_http_methods(["GET", "POST"])
def satisfy(request: HttpRequest, acn: str, position: int) -> HttpResponse:
    """Record what satisfies a requirement."""
    page, now = get_page(request, acn), timezone.now()
    line = get_requirement(page, position)
    track = selectors.get_evidence_page(case=page.case, requirement=line.requirement, by=request.user, at=now)
    if track.conditions:
        return _verify(request, page, line, track)
    if track.is_met_by_track:
        return _stand(request, page, line, track)
    return _judge(request, page, line)


def _stand(request: HttpRequest, page: CasePage, line: Any, track: selectors.EvidencePage) -> HttpResponse:
    form = bind(request, GroundForm, offers=track.offers, mix=track.mix_allowed and bool(line.requirement.any_of))

    def act(data: Any) -> str:
        offer = form.offers[data["evidence"]]
        operations.accept_evidence(
            requirement=line.requirement,
            choice=offer.choice,
            subject=(offer.evidence.kind, offer.evidence.subject_id),
            says=data["says"],
            share=data.get("share") or 100,
            tranches=form.list_tranches(),
            by=request.user,
            at=timezone.now(),
        )
        return f"“{line.requirement.title}” stands on {offer.evidence.title}."

    lacking = [
        {"offer": offer, "url": address_of(offer.evidence.kind, offer.evidence.subject_id)}
        for offer in track.offers
        if not offer.evidence.suffices
    ]
    return answer(
        request,
        page,
        form,
        "stand",
        act,
        checked="satisfy",
        requirement=line.requirement,
        line=line,
        track=track,
        lacking=lacking,
    )


def _verify(request: HttpRequest, page: CasePage, line: Any, track: selectors.EvidencePage) -> HttpResponse:
    form = bind(request, ConditionForm, rows=[row for row, check in track.conditions if check is None])

    def act(data: Any) -> str:
        check = operations.verify_condition(
            requirement=line.requirement,
            item=data["item"],
            says=data["says"],
            upload=data["file"],
            by=request.user,
            at=timezone.now(),
        )
        return f"“{check.title}” is verified."

    return answer(
        request, page, form, "verify", act, checked="satisfy", requirement=line.requirement, line=line, track=track
    )


def _judge(request: HttpRequest, page: CasePage, line: Any) -> HttpResponse:
    titles = list_titles(page)
    choices = [(name, titles.get(name) or line.requirement.title) for name in line.requirement.any_of]
    form = bind(request, EvidenceForm, choices=choices)

    def act(data: Any) -> str:
        operations.satisfy_requirement(
            requirement=line.requirement,
            says=data["says"],
            choice=data.get("choice", ""),
            upload=data["file"],
            by=request.user,
            at=timezone.now(),
        )
        return f"“{line.requirement.title}” is satisfied."

    return answer(request, page, form, "satisfy", act, requirement=line.requirement, line=line)
