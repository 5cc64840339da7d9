"""Shape and clean input of the desk's forms; what may and can be done is decided by the operations."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.forms.utils import flatatt
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from licensing.models import InformationRequest, Note
from licensing.permissions import OPEN_STATUSES
from licensing.selectors import CLOSED_SORTS, OPEN_SORTS
from licensing.statuses import CaseStatus, DecisionKind, RecommendedAction
from registry.fields import WholeNumberField

# A denial may have to answer a long filing. A question and a note end where their columns do.
LONGEST_TEXT = 10_000


def write_text(
    label: str, *, required: bool = True, rows: int = 4, most: int = LONGEST_TEXT, hint: str = ""
) -> forms.CharField:
    """A field for text of some lines."""
    field = forms.CharField(
        label=label, required=required, max_length=most, help_text=hint, widget=forms.Textarea(attrs={"rows": rows})
    )
    # A browser would cut what is pasted without a word; here too long a text is told and kept.
    field.widget.attrs.pop("maxlength", None)
    return field


@lru_cache(maxsize=256)
def _options(choices: tuple[tuple[str, str], ...], chosen: str) -> SafeString:
    return format_html_join(
        "", '<option value="{}"{}>{}</option>', ((v, " selected" if v == chosen else "", words) for v, words in choices)
    )


class QuickSelect(forms.Select):
    """A list whose options are drawn once: every country is among them, and a basket is opened all day."""

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        """The list as Django draws it, without a template for each option."""
        options = _options(tuple((str(key), str(words)) for key, words in self.choices), str(value or ""))
        return format_html(
            '<select name="{}"{}>{}</select>', name, flatatt(self.build_attrs(self.attrs, attrs)), options
        )


class VersionedForm(forms.Form):
    """A form that knows which version of the case its page showed."""

    version = forms.IntegerField(min_value=1, widget=forms.HiddenInput)


_SORTS = {
    "due": "Due, earliest first",
    "-due": "Due, latest first",
    "received": "Received, oldest first",
    "-received": "Received, newest first",
    "-closed": "Closed, newest first",
    "closed": "Closed, oldest first",
}


class BasketForm(forms.Form):
    """What narrows the basket. Closed cases have statuses and an order of their own."""

    view = forms.CharField(required=False, max_length=20, widget=forms.HiddenInput)
    q = forms.CharField(
        label="Number, subject, applicant or party",
        required=False,
        max_length=100,
    )
    status = forms.ChoiceField(label="Status", required=False, widget=QuickSelect)
    destination = forms.ChoiceField(label="Destination", required=False, widget=QuickSelect)
    tier = forms.ChoiceField(label="Tier", required=False, widget=QuickSelect)
    sort = forms.ChoiceField(label="Sort by", required=False, widget=QuickSelect)

    def __init__(
        self,
        *args: Any,
        destinations: Sequence[tuple[str, str]],
        tiers: Sequence[tuple[str, str]],
        closed: bool,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        statuses = [(value, words) for value, words in CaseStatus.choices if (value in OPEN_STATUSES) is not closed]
        self.fields["status"].choices = [("", "Any"), *statuses]
        self.fields["destination"].choices = [("", "Any"), *destinations]
        self.fields["tier"].choices = [("", "Any"), *tiers]
        self.fields["sort"].choices = [(name, _SORTS[name]) for name in (CLOSED_SORTS if closed else OPEN_SORTS)]

    def list_chosen(self, view: str) -> list[dict[str, str]]:
        """The filters that are set, each with the address that removes it."""
        if not self.is_valid():
            return []
        kept = {name: value for name, value in self.cleaned_data.items() if value and name != "view"}
        chosen = []
        for name, value in kept.items():
            if name == "sort":
                continue
            words = dict(getattr(self.fields[name], "choices", [])).get(value, value)
            others = {"view": view, **{other: each for other, each in kept.items() if other != name}}
            chosen.append(
                {"label": str(self.fields[name].label), "value": str(words), "remove_url": f"?{urlencode(others)}"}
            )
        return chosen


class ReasonForm(VersionedForm):
    """An act that needs nothing but its reason."""

    reason = write_text("Reason")


class AssignForm(VersionedForm):
    """Whom a case is given to."""

    officer = forms.ChoiceField(label="Licensing officer")

    def __init__(self, *args: Any, officers: list[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["officer"].choices = [("", "Choose an officer"), *officers]


class QuestionForm(VersionedForm):
    """A question to the applicant."""

    question = write_text(
        "Question to the applicant", most=InformationRequest._meta.get_field("question").max_length or 4000, rows=6
    )


class NoteForm(forms.Form):
    """A note for colleagues."""

    text = write_text("Note", rows=3, most=Note._meta.get_field("text").max_length or 4000)


class _LinesForm(VersionedForm):
    """A form with a quantity for each line of an application."""

    def __init__(self, *args: Any, lines: list[tuple[int, str, int]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.line_numbers = [number for number, _, _ in lines]
        for number, words, asked in lines:
            self.fields[f"line_{number}"] = WholeNumberField(
                label=f"Line {number}: {words}",
                min_value=0,
                max_value=asked,
                required=False,
                help_text=f"Asked: {asked:,}",
            )

    @property
    def line_fields(self) -> list[forms.BoundField]:
        """The quantities, in the order of the lines."""
        return [self[f"line_{number}"] for number in self.line_numbers]

    def get_lines(self) -> dict[int, int]:
        """The quantity for each line number; an empty field is zero."""
        return {number: self.cleaned_data.get(f"line_{number}") or 0 for number in self.line_numbers}


class RecommendForm(_LinesForm):
    """A version of a recommendation."""

    action = forms.ChoiceField(
        label="What do you recommend?", choices=RecommendedAction.choices, widget=forms.RadioSelect
    )
    conditions = write_text(
        "Conditions", required=False, rows=5, hint="One condition on each line. Only for an approval with conditions."
    )
    reasons = write_text("Reasons", rows=5)
    statutory_basis = forms.CharField(
        label="Statutory basis", required=False, max_length=500, help_text="For a denial, for example 50 USC 4813(a)."
    )
    regulatory_basis = forms.CharField(
        label="Regulatory basis", required=False, max_length=500, help_text="For a denial, for example 15 CFR 742.6(b)."
    )


class DecideForm(_LinesForm):
    """A decision."""

    kind = forms.ChoiceField(label="Decision", choices=DecisionKind.choices, widget=forms.RadioSelect)
    reasons = write_text("Reasons", rows=5)
    statutory_basis = forms.CharField(
        label="Statutory basis", required=False, max_length=500, help_text="For a denial."
    )
    regulatory_basis = forms.CharField(
        label="Regulatory basis", required=False, max_length=500, help_text="For a denial."
    )
    expires_on = forms.DateField(
        label="Last day of validity",
        required=False,
        help_text="Leave empty for the edition's term. A legal holiday rolls to the next business day.",
        widget=forms.DateInput(attrs={"type": "date"}),
    )


class CountersignForm(forms.Form):
    """Which text was read and is signed."""

    content_hash = forms.CharField(min_length=64, max_length=64, widget=forms.HiddenInput)
    recommendation = forms.IntegerField(widget=forms.HiddenInput)
    read = forms.BooleanField(label="I have read this version and sign it.")


class EvidenceForm(forms.Form):
    """What satisfies a requirement."""

    choice = forms.ChoiceField(label="Which of the alternatives?", required=False, widget=forms.RadioSelect)
    says = write_text("What satisfies the requirement, and where can that be seen?")
    file = forms.FileField(label="Evidence (PDF)", required=False)

    def __init__(self, *args: Any, choices: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if choices:
            self.fields["choice"].choices = choices
        else:
            del self.fields["choice"]


class WaiverForm(forms.Form):
    """The reason of a waiver."""

    reason = write_text("Reason for the waiver")


class ReopenForm(forms.Form):
    """Why a closed requirement is opened again."""

    reason = write_text("What turned out wrong?")


class ExemptionForm(VersionedForm):
    """The outcome of checking an exemption filing."""

    outcome = forms.ChoiceField(
        label="What did the check find?",
        choices=[
            ("accept", "The plan and the undertaking suffice: accept the exemption"),
            ("refuse", "They do not suffice: a license is needed"),
        ],
        widget=forms.RadioSelect,
    )
    reasons = write_text("Reasons")
