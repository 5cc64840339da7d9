"""Shape and clean input of the registers' forms."""

from typing import Any

from django import forms

from accounts.rules import COMMERCE_ROLES
from accounts.statuses import Role
from licensing.selectors.registers import list_hold_countries
from registry.statuses import HoldCause

LONGEST_REASON = 2000


class SearchForm(forms.Form):
    """What narrows a register."""

    q = forms.CharField(required=False, max_length=100)

    def __init__(self, *args: Any, label: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["q"].label = label


class CountryForm(forms.Form):
    """The country that a hold is to be placed on."""

    country = forms.ChoiceField(label="Country", choices=lambda: [("", "Choose a country"), *list_hold_countries()])


class PlaceHoldForm(forms.Form):
    """Why something is held, and who may end that."""

    cause = forms.ChoiceField(label="Cause", choices=HoldCause.choices, widget=forms.RadioSelect)
    says = forms.CharField(
        label="Why is it held, and what would end that?",
        max_length=LONGEST_REASON,
        help_text="It is shown wherever the hold stands in the way.",
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    lifter_role = forms.ChoiceField(
        label="Who may lift it?",
        choices=[("", "Choose a role"), *((value, words) for value, words in Role.choices if value in COMMERCE_ROLES)],
    )


class LiftHoldForm(forms.Form):
    """Why a hold is lifted."""

    reason = forms.CharField(
        label="Reason",
        max_length=LONGEST_REASON,
        help_text="What has changed since it was placed?",
        widget=forms.Textarea(attrs={"rows": 4}),
    )
