"""Shape and clean input of the forms of instruments; what may and can be done is decided by the operations."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django import forms

from assurances.models import TextVersion
from assurances.rules import Given, Wanted
from assurances.selectors import UndertakingLine, list_countries
from assurances.statuses import ENGLISH, LANGUAGES, InstrumentKind, InstrumentStatus
from registry.fields import WholeNumberField

LONGEST_TEXT = 4000
# A ceiling beyond this is a slip of the finger: it is more than were ever made.
LARGEST_CEILING = 100_000_000


def text_field(label: str, *, hint: str = "", rows: int = 4, required: bool = True) -> forms.CharField:
    """A text of several lines, which is told and kept where it is too long."""
    field = forms.CharField(
        label=label,
        help_text=hint,
        required=required,
        max_length=LONGEST_TEXT,
        widget=forms.Textarea(attrs={"rows": rows}),
    )
    # A browser would cut what is pasted without a word; here too long a text is told and kept.
    field.widget.attrs.pop("maxlength", None)
    return field


def day_field(label: str, *, hint: str = "", required: bool = True) -> forms.DateField:
    """A day, with the browser's own calendar."""
    return forms.DateField(
        label=label,
        help_text=hint,
        required=required,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )


class FilterForm(forms.Form):
    """What narrows the register."""

    view = forms.CharField(required=False, max_length=20, widget=forms.HiddenInput)
    q = forms.CharField(label="Number, title, government or ministry", required=False, max_length=100)
    kind = forms.ChoiceField(label="Kind", required=False, choices=[("", "Any"), *InstrumentKind.choices])
    status = forms.ChoiceField(label="Status", required=False, choices=[("", "Any"), *InstrumentStatus.choices])
    country = forms.ChoiceField(label="Covers", required=False)

    def __init__(self, *args: Any, countries: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["country"].choices = [("", "Any country"), *countries]


class VersionedForm(forms.Form):
    """A form that knows which version of the instrument its page showed."""

    version = forms.IntegerField(min_value=1, widget=forms.HiddenInput)


class SaysForm(VersionedForm):
    """An act with its words."""

    says = text_field("What was sent, and to whom?")

    def __init__(self, *args: Any, label: str = "", hint: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if label:
            self.fields["says"].label = label
        self.fields["says"].help_text = hint


class ReasonForm(VersionedForm):
    """An act with its reason."""

    reason = text_field("Reason")

    def __init__(self, *args: Any, label: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if label:
            self.fields["reason"].label = label


class ContactForm(VersionedForm):
    """When and how State contacted the government."""

    contacted_on = day_field("Day of the first contact")
    says = text_field("Whom did State contact, and how?")


class _OfTextsForm(VersionedForm):
    """A form that chooses a version of the text."""

    text = forms.ChoiceField(label="Version of the text")

    def __init__(self, *args: Any, texts: Iterable[TextVersion], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["text"].choices = [
            ("", "Choose a version"),
            *((str(text.number), f"{text.title}: {text.says[:60]}") for text in texts),
        ]


class AgreeForm(_OfTextsForm):
    """Which version is agreed."""


class ReceiptForm(_OfTextsForm):
    """Which text was received, signed by whom."""

    signatory = forms.CharField(label="Signed by", max_length=200)
    signatory_title = forms.CharField(label="Office of the signatory", max_length=200)
    signatory_authority = forms.CharField(
        label="Authority to bind the government",
        max_length=300,
        help_text="For example full powers, or the decree that gives the ministry the competence.",
    )
    signed_on = day_field("Day of the signature")


class IntoForceForm(VersionedForm):
    """The second person's word."""

    read = forms.BooleanField(label="I have read the signed text and every clause that is named.")


class CeilingForm(VersionedForm):
    """A new ceiling, and what it rests on."""

    ceiling = WholeNumberField(label="New ceiling", min_value=1, max_value=LARGEST_CEILING)
    reason = text_field("On what does it rest?", hint="The clause of the text, or the note of the government.", rows=3)


class RenewForm(_OfTextsForm):
    """The renewal: its text, its end, its ceiling."""

    to_on = day_field("New end", hint="The first day that it no longer covers. Empty: without an end.", required=False)
    ceiling = WholeNumberField(
        label="New ceiling",
        required=False,
        min_value=1,
        max_value=LARGEST_CEILING,
        help_text="Empty: it stays. What is reserved and drawn carries over.",
    )
    says = text_field("On what does the renewal rest?", rows=3)


class SupersedeForm(VersionedForm):
    """Which instrument takes the place of this one."""

    successor = forms.ChoiceField(label="Instrument that takes its place")
    says = text_field("Why?", rows=3)

    def __init__(self, *args: Any, successors: Sequence[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["successor"].choices = [("", "Choose an instrument"), *successors]


class AllegeForm(VersionedForm):
    """An alleged breach with its evidence."""

    undertaking = forms.ChoiceField(label="Undertaking that was breached")
    allegation = text_field("What happened, when, and how is it known?", rows=5)
    file = forms.FileField(label="Evidence (PDF)", help_text="One PDF of up to 10 MB.")

    def __init__(self, *args: Any, wanted: Iterable[Wanted], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["undertaking"].choices = [
            ("", "Choose an undertaking"),
            *((each.id, each.title) for each in wanted),
        ]


class CureForm(VersionedForm):
    """The notice of breach and until when it may be cured."""

    notice_to = forms.CharField(label="To whom does the notice go?", max_length=200)
    says = text_field("What does it ask for?")
    cure_until = day_field("Cure period ends", required=False)

    def __init__(self, *args: Any, days: int = 0, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields[
            "cure_until"
        ].help_text = f"The first day on which a cure is too late. Empty: {days} days from today."


class ExtendForm(VersionedForm):
    """More time to cure a breach."""

    cure_until = day_field("Cure period ends", hint="The first day on which a cure is too late.")
    reason = text_field("Why is more time given?", rows=3)


class TextForm(forms.Form):
    """A version of the text."""

    file = forms.FileField(label="Text (PDF)", help_text="One PDF of up to 10 MB. It stays as it is.")
    language = forms.ChoiceField(
        label="Language", choices=[(ENGLISH, "English"), *(each for each in LANGUAGES if each[0] != ENGLISH)]
    )
    is_signed = forms.BooleanField(label="It is signed.", required=False)
    says = text_field("What is it, or what changed?", rows=3)


class TranslationForm(forms.Form):
    """A certified translation into English."""

    file = forms.FileField(label="Translation (PDF)", help_text="One PDF of up to 10 MB.")
    certified_by = forms.CharField(label="Certified by", max_length=200, help_text="The translator or the service.")
    certified_on = day_field("Day of the certification")


class UndertakingsForm(forms.Form):
    """For each undertaking the clause that gives it; empty is missing."""

    version = forms.IntegerField(min_value=1, widget=forms.HiddenInput)

    def __init__(self, *args: Any, lines: Sequence[UndertakingLine], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.lines = lines
        add_undertakings(self, lines)

    @property
    def rows(self) -> list[dict[str, Any]]:
        """Each undertaking with its fields."""
        return draw_undertakings(self, self.lines)

    def get_given(self) -> dict[str, Given]:
        """The clauses by the names of their undertakings."""
        return read_undertakings(self.cleaned_data, self.lines)


def add_undertakings(form: forms.Form, lines: Sequence[UndertakingLine]) -> None:
    """Put a clause (and hours, where they are taken) for each undertaking into a form."""
    for line in lines:
        form.fields[f"clause_{line.wanted.id}"] = forms.CharField(
            label="Clause", required=False, max_length=300, initial=line.given.clause
        )
        if line.wanted.takes_hours:
            form.fields[f"hours_{line.wanted.id}"] = forms.IntegerField(
                label="Notice within", required=False, min_value=1, max_value=10_000, initial=line.given.hours
            )


def draw_undertakings(form: forms.Form, lines: Sequence[UndertakingLine]) -> list[dict[str, Any]]:
    """Each undertaking with its bound fields."""
    return [
        {
            "line": line,
            "clause": form[f"clause_{line.wanted.id}"],
            "hours": form[f"hours_{line.wanted.id}"] if line.wanted.takes_hours else None,
        }
        for line in lines
    ]


def read_undertakings(data: Mapping[str, Any], lines: Sequence[UndertakingLine]) -> dict[str, Given]:
    """The clauses and hours that were entered."""
    return {
        line.wanted.id: Given(
            " ".join(data.get(f"clause_{line.wanted.id}", "").split()), data.get(f"hours_{line.wanted.id}")
        )
        for line in lines
    }


def list_country_choices() -> list[tuple[str, str]]:
    """Every country, for a list."""
    return list(list_countries().values_list("pk", "name"))
