"""The forms of an instrument's terms: a new one, one whose text is not agreed, and an amendment."""

from collections.abc import Iterable, Sequence
from typing import Any

from django import forms

from assurances.models import TextVersion
from assurances.rules import Given, Terms
from assurances.selectors import UndertakingLine
from assurances.statuses import InstrumentKind
from desk.assurances.forms import (
    LARGEST_CEILING,
    add_undertakings,
    day_field,
    draw_undertakings,
    read_undertakings,
    text_field,
)
from registry.fields import WholeNumberField
from registry.models import Installation, Party


class TermsForm(forms.Form):
    """What an instrument says of itself and covers. `find` looks for further end users and installations."""

    kind = forms.ChoiceField(label="Kind", choices=InstrumentKind.choices, widget=forms.RadioSelect)
    title = forms.CharField(
        label="Title", max_length=200, help_text="As people will name it, such as “Letter of assurance of Norway”."
    )
    country = forms.ChoiceField(label="Country of the government")
    government = forms.CharField(label="Government", max_length=200, help_text="In its own full name.")
    ministry = forms.CharField(label="Ministry", max_length=200)
    us_side = forms.CharField(label="Side of the United States", max_length=200)
    is_binding = forms.TypedChoiceField(
        label="Is it binding?",
        choices=[("yes", "Yes, in international or national law"), ("no", "No, a political commitment")],
        coerce=lambda value: value == "yes",
        widget=forms.RadioSelect,
    )
    marking = forms.CharField(
        label="Marking", required=False, max_length=100, help_text="As the text is marked, if it is."
    )
    occasion = forms.CharField(
        label="What is it asked for?",
        required=False,
        max_length=200,
        help_text="The number of the case, if there is one. From the receipt run the days for its license.",
    )
    countries = forms.MultipleChoiceField(
        label="Countries covered",
        help_text="Hold Ctrl (Command on a Mac) to choose several.",
        widget=forms.SelectMultiple,
    )
    ceiling = WholeNumberField(
        label="Ceiling",
        required=False,
        min_value=1,
        max_value=LARGEST_CEILING,
        help_text="The most chips that it covers. Only a security guarantee can go without one.",
    )
    from_on = day_field("First day", hint="Empty: the day on which it comes into force.", required=False)
    to_on = day_field("End", hint="The first day that it no longer covers. Empty: without an end.", required=False)
    chip_models = forms.MultipleChoiceField(
        label="Chip models", required=False, widget=forms.CheckboxSelectMultiple, help_text="None chosen: every model."
    )
    parties = forms.TypedMultipleChoiceField(
        label="End users",
        required=False,
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
        help_text="None chosen: every end user in the countries.",
    )
    installations = forms.TypedMultipleChoiceField(
        label="Installations",
        required=False,
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
        help_text="None chosen: every installation in the countries.",
    )
    find = forms.CharField(label="Find an end user or an installation", required=False, max_length=100)

    def __init__(
        self,
        *args: Any,
        countries: Sequence[tuple[str, str]],
        models: Sequence[str],
        parties: Sequence[Party],
        installations: Sequence[Installation],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["country"].choices = [("", "Choose a country"), *countries]
        self.fields["countries"].choices = list(countries)
        self.fields["chip_models"].choices = [(name, name) for name in models]
        self.fields["parties"].choices = [
            (party.pk, f"{party.name}{f', {party.headquarters.name}' if party.headquarters else ''}")
            for party in parties
        ]
        self.fields["installations"].choices = [
            (place.pk, f"{place.name}, {place.city}, {place.country.name} ({place.operator.name})")
            for place in installations
        ]

    def get_terms(self) -> Terms:
        """The terms that were entered."""
        data = self.cleaned_data
        return Terms(
            kind=data["kind"],
            title=data["title"],
            country=data["country"],
            government=data["government"],
            ministry=data["ministry"],
            us_side=data["us_side"],
            is_binding=data["is_binding"],
            countries=tuple(data["countries"]),
            party_ids=tuple(data["parties"]),
            installation_ids=tuple(data["installations"]),
            chip_models=tuple(data["chip_models"]),
            ceiling=data["ceiling"],
            from_on=data["from_on"],
            to_on=data["to_on"],
            marking=data["marking"],
            occasion=data["occasion"],
        )


class StartForm(TermsForm):
    """The terms of a new instrument, and when it was determined that one is needed."""

    needed_on = day_field(
        "Day on which the need was determined",
        hint="From it run the days to ask through State. Empty: today.",
        required=False,
    )


class ChangeTermsForm(TermsForm):
    """The terms of an instrument whose text is not agreed."""

    version = forms.IntegerField(min_value=1, widget=forms.HiddenInput)


class AmendForm(TermsForm):
    """An amendment: its text, what changes, the terms and the undertakings as amended."""

    version = forms.IntegerField(min_value=1, widget=forms.HiddenInput)
    text = forms.ChoiceField(label="Signed text of the amendment")
    says = text_field("What does the amendment change?", rows=3)

    def __init__(
        self, *args: Any, texts: Iterable[TextVersion], lines: Sequence[UndertakingLine], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.lines = lines
        add_undertakings(self, lines)
        self.fields["text"].choices = [
            ("", "Choose a version"),
            *((str(text.number), f"{text.title}: {text.says[:60]}") for text in texts),
        ]

    @property
    def rows(self) -> list[dict[str, Any]]:
        """Each undertaking with its fields."""
        return draw_undertakings(self, self.lines)

    def get_given(self) -> dict[str, Given]:
        """The clauses by the names of their undertakings."""
        return read_undertakings(self.cleaned_data, self.lines)
