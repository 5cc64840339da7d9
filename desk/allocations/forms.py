"""Shape and clean input of the allocations' forms."""

from typing import Any

from django import forms

from allocations.models import LONGEST_REASON
from allocations.rules import LARGEST_CEILING
from allocations.selectors import list_countries
from registry.fields import WholeNumberField


def _reason(label: str, hint: str) -> forms.CharField:
    return forms.CharField(
        label=label, max_length=LONGEST_REASON, help_text=hint, widget=forms.Textarea(attrs={"rows": 4})
    )


def _ceiling(label: str) -> forms.IntegerField:
    return WholeNumberField(label=label, min_value=0, max_value=LARGEST_CEILING)


class SearchForm(forms.Form):
    """What narrows the board."""

    view = forms.CharField(required=False, widget=forms.HiddenInput)
    q = forms.CharField(label="Country", required=False, max_length=100)


class ProposeForm(forms.Form):
    """A first ceiling for a country and a period."""

    country = forms.ChoiceField(label="Country", choices=lambda: [("", "Choose a country"), *list_countries()])
    starts_on = forms.DateField(label="First day", widget=forms.DateInput(attrs={"type": "date"}))
    ends_on = forms.DateField(
        label="Ends before",
        help_text="The first day that no longer belongs to the period. For a calendar year, January 1 of the next.",
        widget=forms.DateInput(attrs={"type": "date"}),
    )
    ceiling = _ceiling("Ceiling")
    reason = _reason("Why this ceiling?", "The second official reads it, and it stays with the allocation.")


class ChangeForm(forms.Form):
    """Another ceiling for an allocation that stands."""

    ceiling = _ceiling("New ceiling")
    reason = _reason("Why another ceiling?", "The second official reads it, and it stays with the allocation.")


class VerdictForm(forms.Form):
    """What comes of the proposal that the page showed."""

    proposal = forms.IntegerField(min_value=1, max_value=2**63 - 1, widget=forms.HiddenInput)
    reason = _reason("Why?", "It stays with the allocation.")

    def __init__(self, *args: Any, label: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].label = label
