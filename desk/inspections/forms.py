"""Shape and clean input of the forms of visits; the rules say the rest."""

from __future__ import annotations

from typing import Any

from django import forms

from inspections.rules.rating import LONGEST_TEXT
from inspections.statuses import ActionOutcome, Rating, Severity, VisitKind, VisitStatus

LARGEST = 2**31 - 1


def _text(label: str, hint: str = "", rows: int = 4, **options: Any) -> forms.CharField:
    return forms.CharField(
        label=label,
        help_text=hint,
        max_length=LONGEST_TEXT,
        widget=forms.Textarea(attrs={"rows": rows}),
        **options,
    )


def _day(label: str, hint: str = "", **options: Any) -> forms.DateField:
    return forms.DateField(label=label, help_text=hint, widget=forms.DateInput(attrs={"type": "date"}), **options)


def _count(label: str, hint: str = "") -> forms.IntegerField:
    return forms.IntegerField(label=label, help_text=hint, min_value=0, max_value=LARGEST)


class VisitFilterForm(forms.Form):
    """What narrows the register."""

    view = forms.CharField(required=False, widget=forms.HiddenInput)
    # Links from what stands on the visits of a place name it; nobody types its number.
    installation = forms.IntegerField(
        label="Installation", required=False, min_value=1, max_value=2**63 - 1, widget=forms.HiddenInput
    )
    q = forms.CharField(label="Number, place or operator", required=False, max_length=100)
    kind = forms.ChoiceField(label="Kind", required=False, choices=[("", "Every kind"), *VisitKind.choices])
    status = forms.ChoiceField(label="Status", required=False, choices=[("", "Every status"), *VisitStatus.choices])
    rating = forms.ChoiceField(label="Rating", required=False, choices=[("", "Every rating"), *Rating.choices])
    country = forms.ChoiceField(label="Country", required=False)

    def __init__(self, *args: Any, countries: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["country"].choices = [("", "Every country"), *countries]


class VersionForm(forms.Form):
    """An act on the version of a visit that the page showed."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=LARGEST)


class StepForm(VersionForm):
    """What the host government heard or said, on which day."""

    happened_on = _day("On which day?")
    says = _text("What happened?", "Whom it went to and through whom; what was answered, with which conditions.")


class ReasonForm(VersionForm):
    """An act with its reason."""

    reason = _text("Why?", "It stays with the visit.")

    def __init__(self, *args: Any, label: str = "Why?", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].label = label


class OnlyReasonForm(forms.Form):
    """An act with its reason, on whatever version the visit has."""

    reason = ReasonForm.base_fields["reason"]


class UnitForm(forms.Form):
    """A unit of which nobody goes."""

    unit = forms.TypedChoiceField(label="Unit", coerce=int)
    says = forms.CharField(label="What did it recommend?", max_length=300)

    def __init__(self, *args: Any, units: list[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["unit"].choices = [("", "Choose a unit"), *units]


class RequestForm(forms.Form):
    """A visit that is wanted."""

    installation = forms.TypedChoiceField(label="Installation", coerce=int)
    kind = forms.ChoiceField(label="Kind", choices=[("", "Choose a kind"), *VisitKind.choices])
    occasion = _text("Why is it visited?", "The case, the shipment, or the selection that it follows from.")
    subject_label = forms.CharField(
        label="Case or license number",
        required=False,
        max_length=100,
        help_text="What the visit checks, such as C104233. Nobody of a unit that recommended it goes.",
    )
    needed_on = _day(
        "When was it determined that it is needed?",
        "For a pre-license check: it is requested within 5 days (15 CFR 750.4(b)(2)(i)).",
        required=False,
    )

    def __init__(self, *args: Any, places: list[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["installation"].choices = [("", "Choose an installation"), *places]


class SerialListForm(forms.Form):
    """A list of serial numbers."""

    source = forms.CharField(label="Who declared it, and when?", max_length=300)
    file = forms.FileField(
        label="List", help_text="One serial number a line, or CSV: the number first, its place second. UTF-8."
    )


class SampleForm(forms.Form):
    """A draw from a list."""

    list = forms.TypedChoiceField(label="List", coerce=int)
    tolerated_percent = forms.DecimalField(label="Share missing that must not be overlooked, in percent", max_digits=6)
    confidence_percent = forms.DecimalField(label="Confidence, in percent", max_digits=6)
    seed = forms.CharField(
        label="Seed",
        max_length=64,
        help_text="It decides which numbers are drawn. With it anybody can repeat the draw.",
    )

    def __init__(self, *args: Any, lists: list[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["list"].choices = lists


class TopologyForm(forms.Form):
    """How the chips are connected."""

    declared_chips = _count("Chips declared at the place")
    seen_chips = _count("Chips seen")
    declared_fabric = _count("Largest fabric declared", "The most chips in one fabric.")
    seen_fabric = _count("Largest fabric seen")
    declared_says = _text("Halls, racks and interconnect as declared", rows=3)
    seen_says = _text("Halls, racks and interconnect as seen", rows=3)


class PaperForm(forms.Form):
    """A photo or a document."""

    says = forms.CharField(label="What does it show?", max_length=300)
    file = forms.FileField(label="File", help_text="A JPEG or PNG image, or a PDF, of at most 10 MB.")


class FindingForm(forms.Form):
    """Something that was found."""

    severity = forms.ChoiceField(label="How severe is it?", choices=[("", "Choose"), *Severity.choices])
    title = forms.CharField(label="Title", max_length=200)
    says = _text("What was found?")


class ActionForm(forms.Form):
    """What is recommended on a finding."""

    finding = forms.TypedChoiceField(label="Finding", coerce=int)
    says = _text("What is to be done?")
    owner = forms.CharField(label="Who is to do it?", max_length=200)
    due_on = _day("By the end of which day?")

    def __init__(self, *args: Any, findings: list[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["finding"].choices = findings


class ActionAnswerForm(forms.Form):
    """What became of an action."""

    outcome = forms.ChoiceField(label="What became of it?", choices=[("", "Choose"), *ActionOutcome.choices])
    says = _text("What shows that it was done, or why is it declined or open again?")


class ReportForm(VersionForm):
    """The report with its rating."""

    summary = _text("Summary", "Who was met, what was seen, what differs.", rows=6)
    rating = forms.ChoiceField(label="Rating", choices=[("", "Choose"), *Rating.choices])
    rationale = _text("Why this rating?")


class RatingForm(VersionForm):
    """Another rating."""

    rating = forms.ChoiceField(label="New rating", choices=[("", "Choose"), *Rating.choices])
    reason = _text("Why another rating?", "Every change stays in the log of the visit.")


class SelectionForm(forms.Form):
    """A choice of targets; the rows of the candidates are read beside it."""

    kind = forms.ChoiceField(label="Kind of visit", choices=[("", "Choose a kind"), *VisitKind.choices])
    says = _text("What is the selection for?", "The occasion, and how these places were found.", rows=2)
    passed_over = _text(
        "Why are the others passed over?",
        "Counts for each place that is not chosen and has no words of its own.",
        rows=2,
        required=False,
    )
