"""Shape and clean input of the forms of commitments; what may and can be done is decided by the operations."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms

from investments.models import Asset, Milestone
from investments.statuses import AmountKind, CommitmentStatus, Instrument, Verdict
from registry.models import Country
from rulebook.rules import Row

LONGEST_TEXT = 4000


def _text(label: str, *, hint: str = "", rows: int = 3, required: bool = True) -> forms.CharField:
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


def _day(label: str, *, hint: str = "", required: bool = True) -> forms.DateField:
    return forms.DateField(
        label=label,
        help_text=hint,
        required=required,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )


def _countries(label: str, *, hint: str = "", required: bool = True) -> forms.ModelChoiceField:
    return forms.ModelChoiceField(
        queryset=Country.objects.all(), label=label, help_text=hint, required=required, empty_label="Choose a country"
    )


class SearchForm(forms.Form):
    """What narrows the register."""

    view = forms.CharField(required=False, max_length=20, widget=forms.HiddenInput)
    q = forms.CharField(label="Number, title, who is bound or agreement", required=False, max_length=100)
    status = forms.ChoiceField(label="Status", required=False, choices=[("", "Any"), *CommitmentStatus.choices])


class VersionedForm(forms.Form):
    """A form that knows which version of the commitment its page showed."""

    version = forms.IntegerField(min_value=1, widget=forms.HiddenInput)


class ReasonForm(VersionedForm):
    """An act that needs nothing but its reason."""

    reason = _text("Reason")


class SaysForm(VersionedForm):
    """An act that needs words on what it rests on."""

    says = _text("What brought it into force?", hint="Such as an exchange of notices on a day.")


class MoneyForm(VersionedForm):
    """An amount in a currency, with the dated rate that makes dollars of it."""

    amount = forms.CharField(label="Amount", max_length=60, help_text="In digits, such as 1,250,000.00.")
    currency = forms.CharField(
        label="Currency", max_length=10, initial="USD", help_text="Its code of three letters (ISO 4217)."
    )
    rate = forms.DecimalField(
        label="Rate",
        required=False,
        help_text="US dollars for one unit of the currency. Leave the three fields of the rate empty for dollars.",
    )
    rate_on = _day("Day of the rate", required=False)
    rate_source = forms.CharField(
        label="Source of the rate", required=False, max_length=200, help_text="Such as the Federal Reserve, H.10."
    )


class TermsForm(MoneyForm):
    """What is agreed."""

    field_order = [
        "version",
        "title",
        "obligor",
        "obligor_country",
        "obligor_firm",
        "instrument",
        "funds_from",
        "funds_to",
        "amount",
        "currency",
        "rate",
        "rate_on",
        "rate_source",
        "measure",
        "abroad",
        "abroad_says",
        "ratio",
        "megawatts",
        "starts_on",
        "ends_on",
    ]

    title = forms.CharField(label="Title", max_length=200, help_text="Such as “Data centers in Texas”.")
    obligor = forms.ChoiceField(
        label="Who is bound?", choices=[("nation", "A nation"), ("firm", "A firm")], widget=forms.RadioSelect
    )
    obligor_country = _countries("Nation", required=False)
    obligor_firm = forms.CharField(
        label="Firm",
        required=False,
        max_length=250,
        help_text="Its whole name, as Commerce’s register of parties has it.",
    )
    instrument = forms.ChoiceField(label="Instrument", choices=Instrument.choices, widget=forms.RadioSelect)
    funds_from = _countries("Where does the money come from?")
    funds_to = _countries("Where is it paid?", hint="Only money that is paid in the United States counts.")
    measure = forms.ChoiceField(label="What is it measured by?", widget=forms.RadioSelect)
    abroad = forms.CharField(
        label="Invested in the installation abroad, in US dollars",
        required=False,
        max_length=60,
        help_text="Only where each dollar abroad is matched.",
    )
    abroad_says = forms.CharField(label="Which installation abroad", required=False, max_length=300)
    ratio = forms.DecimalField(
        label="Dollars for each dollar abroad",
        required=False,
        help_text="Leave empty for the edition’s own; name it where the agreement does.",
    )
    megawatts = forms.CharField(
        label="Megawatts", required=False, max_length=30, help_text="Only where it is measured in megawatts."
    )
    starts_on = _day("First day")
    ends_on = _day("Last day", hint="No milestone may be due after it.")

    def __init__(self, *args: Any, measures: Iterable[Row], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["measure"]
        rows = list(measures)
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(row.id, row.title) for row in rows]
        field.choice_hints = {row.id: row.says for row in rows}  # read by components/field.html


class DraftForm(TermsForm):
    """What is to be agreed: there is no version yet."""

    version = forms.IntegerField(required=False, widget=forms.HiddenInput)


class AssetForm(VersionedForm):
    """A data center in the United States."""

    name = forms.CharField(label="Name of the data center", max_length=200)
    address = forms.CharField(
        label="Street address",
        max_length=250,
        help_text="A further building at the same address has its own line here, such as “Building 2”.",
    )
    city = forms.CharField(label="City", max_length=120)
    state = forms.CharField(label="State", max_length=2, help_text="Two letters, such as TX.")
    country = _countries("Country")
    owner = forms.CharField(label="Owner", required=False, max_length=200)


class MilestoneForm(VersionedForm):
    """A step of the plan."""

    title = forms.CharField(label="Title", max_length=200)
    due_on = _day("Due on", hint="Its own day still counts.")
    amount = forms.CharField(label="Amount in US dollars", max_length=60)
    criteria = _text("What must be shown for it to be accepted?")

    def __init__(self, *args: Any, in_megawatts: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if in_megawatts:
            self.fields["amount"].label = "Megawatts"


class _PaperForm(forms.Form):
    """A document, with its certified translation where it is not in English."""

    file = forms.FileField(label="Document (PDF)", help_text="One PDF of up to 10 MB. It stays as it is.")
    language = forms.CharField(
        label="Language", max_length=8, initial="en", help_text="Its code of ISO 639: en, ar, ja …"
    )
    translation = forms.FileField(
        label="Certified translation (PDF)", required=False, help_text="Where the document is not in English."
    )
    translator = forms.CharField(label="Who certified the translation", required=False, max_length=200)


class SignForm(_PaperForm, VersionedForm):
    """The agreement."""

    field_order = ["version", "reference", "signed_on"]

    reference = forms.CharField(label="Agreement", max_length=200, help_text="Its title and number.")
    signed_on = _day("Signed on")


class AmountForm(MoneyForm):
    """What was contracted or paid."""

    field_order = ["version", "kind", "asset", "amount", "unit", "currency", "rate", "rate_on", "rate_source", "on"]

    kind = forms.ChoiceField(
        label="What was it?",
        choices=[(kind.value, kind.label) for kind in (AmountKind.CONTRACTED, AmountKind.DISBURSED)],
        widget=forms.RadioSelect,
    )
    asset = forms.ChoiceField(label="Asset")
    on = _day("Day", hint="When the contract was made or the payment left.")
    says = _text("What is it?", hint="Such as the contract’s number or the payment’s reference.")

    def __init__(self, *args: Any, assets: Iterable[Asset], in_megawatts: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _choose(self, "asset", [(str(asset.pk), str(asset)) for asset in assets], "Choose an asset")
        if in_megawatts:
            self.fields["unit"] = forms.ChoiceField(
                label="The amount is in",
                choices=[("money", "Money"), ("megawatts", "Megawatts")],
                widget=forms.RadioSelect,
                initial="money",
            )
            self.order_fields(self.field_order)


class EvidenceForm(_PaperForm, MoneyForm):
    """A paper for a milestone."""

    field_order = ["version", "milestone", "asset", "says", "amount", "currency", "rate", "rate_on", "rate_source"]

    milestone = forms.ChoiceField(label="Milestone")
    asset = forms.ChoiceField(label="Asset")
    says = _text("What does it show?")

    def __init__(
        self,
        *args: Any,
        milestones: Iterable[Milestone],
        assets: Iterable[Asset],
        in_megawatts: bool,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        _choose(self, "milestone", [(str(each.pk), each.title) for each in milestones], "Choose a milestone")
        _choose(self, "asset", [(str(asset.pk), str(asset)) for asset in assets], "Choose an asset")
        if in_megawatts:
            self.fields["amount"].label = "Megawatts that it shows"
            self.fields["amount"].help_text = "Such as 120.5."
            for name in ("currency", "rate", "rate_on", "rate_source"):
                del self.fields[name]


def _choose(form: forms.Form, name: str, choices: list[tuple[str, str]], first: str) -> None:
    field = form.fields[name]
    assert isinstance(field, forms.ChoiceField)
    # A list of one needs no choosing.
    field.choices = choices if len(choices) == 1 else [("", first), *choices]


class VerifyForm(VersionedForm):
    """What evidence is worth."""

    verdict = forms.ChoiceField(label="What is it worth?", choices=Verdict.choices, widget=forms.RadioSelect)
    accepted = forms.CharField(
        label="Accepted, in US dollars", required=False, max_length=60, help_text="Only at a discount."
    )
    reason = _text("Why does it not count in full?", hint="For a discount or a refusal.", required=False)
    method = _text("How was it verified?", hint="Such as a visit to the site, or a bank’s own record.")

    def __init__(self, *args: Any, in_megawatts: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if in_megawatts:
            self.fields["accepted"].label = "Accepted, in megawatts"


class CurePlanForm(_PaperForm, VersionedForm):
    """The obligor's plan to cure a shortfall."""

    field_order = ["version", "says", "cure_by"]

    says = _text("How is the shortfall to be cured?")
    cure_by = _day("By which day?")
