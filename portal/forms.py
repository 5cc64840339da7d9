"""Shape and clean input of the portal's forms; what may and can be done is decided by the operations."""

import uuid
from collections.abc import Sequence
from typing import Any

from django import forms

from licensing.models import Application, ApplicationItem, ApplicationParty, InformationRequest
from licensing.selectors import list_destinations
from licensing.statuses import DocumentKind, ItemKind, PartyRole
from registry.fields import DecimalNumberField, WholeNumberField

FILED_DOCUMENTS = [(value, words) for value, words in DocumentKind.choices if value != DocumentKind.EVIDENCE]


def _longest(model: type, name: str) -> int:
    return int(model._meta.get_field(name).max_length or 200)


def _line(model: type, name: str, label: str, *, required: bool = True, hint: str = "") -> forms.CharField:
    return forms.CharField(label=label, required=required, max_length=_longest(model, name), help_text=hint)


def _country(label: str, *, required: bool = True, hint: str = "") -> forms.ChoiceField:
    return forms.ChoiceField(
        label=label,
        required=required,
        help_text=hint,
        choices=lambda: [("", "Choose a country" if required else "Not known"), *list_destinations()],
    )


def _count(label: str, hint: str) -> forms.IntegerField:
    return WholeNumberField(label=label, required=False, min_value=0, max_value=10**9, help_text=hint)


class OnceForm(forms.Form):
    """A form that is carried out once, however often its button is pressed: each page has a token of its own."""

    token = forms.UUIDField(
        required=False,
        initial=uuid.uuid4,
        widget=forms.HiddenInput,
        error_messages={
            "invalid": "The page that this was sent from was damaged, so nothing was done. Load it again and repeat."
        },
    )


class VersionedForm(OnceForm):
    """A form that knows which version of the draft its page showed."""

    version = forms.IntegerField(min_value=1, widget=forms.HiddenInput)

    # What stands in the form before anybody typed.
    given: frozenset[str] = frozenset()

    def list_typed(self) -> dict[str, Any]:
        """What was typed, as it was typed, by field; nothing where only what the page itself filled in was sent."""
        typed: dict[str, Any] = {}
        for name, field in self.fields.items():
            value = field.widget.value_from_datadict(self.data, self.files, self.add_prefix(name))
            if name not in ("version", "token") and value not in (None, "", []):
                typed[name] = value
        return typed if typed.keys() - self.given else {}

    def leave_gaps(self) -> list[str]:
        """Judge what was typed and ask for nothing more: whoever saves and leaves goes on later.

        Answers with the labels of the questions that still want an answer. What is malformed stays an error.
        """
        asked = {name: field for name, field in self.fields.items() if field.required and name != "version"}
        for field in asked.values():
            field.required = False
        self.full_clean()
        for field in asked.values():
            field.required = True
        return [
            str(field.label).rstrip("?")
            for name, field in asked.items()
            if name not in self.errors and self.cleaned_data.get(name) in (None, "", [])
        ]


class PartyForm(VersionedForm):
    """A party in its role."""

    role = forms.ChoiceField(label="What is this party’s role?", choices=PartyRole.choices, widget=forms.RadioSelect)
    name = _line(ApplicationParty, "name", "Full legal name")
    address = _line(ApplicationParty, "address", "Street address", hint="No post office box.")
    city = _line(ApplicationParty, "city", "City")
    postal_code = _line(ApplicationParty, "postal_code", "Postal code", required=False)
    country = _country("Country of this address")
    headquarters = _country("Country of the party’s headquarters", required=False)
    ultimate_parent = _line(
        ApplicationParty,
        "ultimate_parent",
        "Ultimate parent",
        required=False,
        hint="Who stands at the top of its owners. Leave empty if nobody controls it.",
    )
    ultimate_parent_headquarters = _country("Country of the ultimate parent’s headquarters", required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["role"].choice_hints = {
            PartyRole.PURCHASER: "Buys the chips.",
            PartyRole.INTERMEDIATE_CONSIGNEE: "Takes them on the way: a forwarder, a bank.",
            PartyRole.ULTIMATE_CONSIGNEE: "The principal party abroad that receives them.",
            PartyRole.END_USER: "Receives and finally uses them.",
        }


class NewPartyForm(PartyForm):
    """A party that may take part in more than one role."""

    given = frozenset({"role"})
    also = forms.MultipleChoiceField(
        label="Is it also one of these?",
        required=False,
        choices=PartyRole.choices,
        widget=forms.CheckboxSelectMultiple,
        help_text="The same entity may hold several roles.",
    )

    def list_roles(self) -> list[str]:
        """Every role that was chosen, each once."""
        return list(dict.fromkeys([self.cleaned_data["role"], *self.cleaned_data["also"]]))


class InstallationForm(VersionedForm):
    """Where the chips will stand."""

    site_name = _line(Application, "site_name", "Name of the installation", hint="As its operator calls it.")
    site_operator = _line(Application, "site_operator", "Operator, if it is not the end user", required=False)
    site_address = _line(Application, "site_address", "Street address")
    site_city = _line(Application, "site_city", "City")
    site_country = _country("Country")
    declared_installed = _count("Chips installed there now", "Of all models together, as far as you know.")
    declared_licensed = _count("Chips licensed for it that have not arrived", "From any license.")
    declared_pending = _count("Chips asked for in other applications", "That are not decided yet.")


class ItemForm(VersionedForm):
    """A line to be exported."""

    given = frozenset({"kind", "eccn"})
    kind = forms.ChoiceField(
        label="What is it?", choices=ItemKind.choices, initial=ItemKind.CHIP, widget=forms.RadioSelect
    )
    model = forms.CharField(
        label="Model",
        max_length=_longest(ApplicationItem, "model"),
        help_text="For example GB300, H200 or MI325X. Count GB200 and GB300 in GPUs, not in boards or racks.",
        widget=forms.TextInput(attrs={"list": "models", "autocomplete": "off"}),
    )
    eccn = _line(ApplicationItem, "eccn", "ECCN", hint="For example 3A090.a or 4A090.a.")
    manufacturer = _line(ApplicationItem, "manufacturer", "Manufacturer", required=False)
    quantity = WholeNumberField(label="Quantity", min_value=1, max_value=10**9)
    unit_price = DecimalNumberField(label="Price of one, in US dollars", min_value=0, max_digits=14, decimal_places=2)
    tpp = DecimalNumberField(
        label="Total processing performance (TPP)",
        required=False,
        min_value=1,
        max_digits=12,
        decimal_places=2,
        help_text="Only for a model that the catalogue does not know.",
    )
    memory_bandwidth_gbs = DecimalNumberField(
        label="Memory bandwidth in GB/s",
        required=False,
        min_value=1,
        max_digits=10,
        decimal_places=2,
        help_text="Only for a model that the catalogue does not know.",
    )


class EndUseForm(VersionedForm):
    """What the chips are for."""

    end_use = forms.CharField(
        label="What will the chips be used for?",
        max_length=_longest(Application, "end_use"),
        help_text="Who will run what on them, and for whom. Vague words bring questions, conditions and delay.",
        widget=forms.Textarea(attrs={"rows": 7}),
    )
    additional_information = forms.CharField(
        label="Anything else the officer should know",
        required=False,
        max_length=_longest(Application, "additional_information"),
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    all_or_nothing = forms.BooleanField(
        label="Decide on all or nothing",
        required=False,
        help_text="Otherwise the application may be approved in part.",
    )
    own_reference = _line(Application, "own_reference", "Your own reference", required=False)
    resubmission_of = forms.RegexField(
        r"^[A-Za-z][0-9]{6}$",
        label="Earlier application, if this one resubmits it",
        required=False,
        help_text="Its Application Control Number: a letter and six digits.",
        error_messages={"invalid": "Enter a letter and six digits, for example C100001."},
    )


class SafeguardsForm(VersionedForm):
    """What the exporter and the recipient undertake, as the edition in effect asks."""

    declared_facts = forms.MultipleChoiceField(
        label="Which of these can you prove?", required=False, widget=forms.CheckboxSelectMultiple
    )
    undertaking_signatory = _line(
        Application, "undertaking_signatory", "Who signed the recipient’s undertaking?", required=False
    )
    undertaking_signed_on = forms.DateField(
        label="Signed on", required=False, widget=forms.DateInput(attrs={"type": "date"})
    )

    def __init__(self, *args: Any, facts: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["declared_facts"].choices = [(name, words[:1].upper() + words[1:]) for name, words in facts]


class RemovalForm(VersionedForm):
    """The word that a party or a line is taken out of the draft that its page showed."""


class DocumentForm(OnceForm):
    """A PDF to attach."""

    kind = forms.ChoiceField(label="What is it?", choices=FILED_DOCUMENTS)
    title = forms.CharField(label="Title", max_length=200, required=False, help_text="Its kind, if you leave it empty.")
    file = forms.FileField(label="PDF file", help_text="At most 10 MB, without a password.")


class CertifyForm(VersionedForm):
    """The certification that files the application; its key makes one filing of a double click."""

    token = None
    key = forms.CharField(max_length=80, widget=forms.HiddenInput)
    certifier_name = _line(Application, "certifier_name", "Your full name")
    certifier_title = _line(Application, "certifier_title", "Your title", required=False)
    certified = forms.BooleanField(
        label="I certify that all of this is true and complete to the best of my knowledge, and that I will report "
        "any material change promptly, also after a license is issued."
    )


class WithdrawForm(OnceForm):
    """Why an application is withdrawn."""

    reason = forms.CharField(label="Why do you withdraw it?", max_length=1000, widget=forms.Textarea(attrs={"rows": 3}))


class SurrenderForm(OnceForm):
    """Why a license is given up."""

    reason = forms.CharField(label="Why do you give it up?", max_length=1000, widget=forms.Textarea(attrs={"rows": 3}))


class AnswerForm(OnceForm):
    """An answer to a question."""

    answer = forms.CharField(
        label="Your answer",
        max_length=_longest(InformationRequest, "answer"),
        widget=forms.Textarea(attrs={"rows": 7}),
    )
    title = forms.CharField(label="Title of the document", max_length=200, required=False)
    file = forms.FileField(label="A document that helps (PDF)", required=False)


class KeyForm(OnceForm):
    """A new API key."""

    name = forms.CharField(label="What is the key for?", max_length=100, help_text="For example: order system.")
    expires_on = forms.DateField(
        label="Last day of the key", required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
