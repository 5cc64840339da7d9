"""Shape and clean input of a shipment's form; what can be shipped is decided by the operation."""

import uuid
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django import forms

from licensing.models import Shipment
from licensing.operations import Shipped
from licensing.selectors.shipments import ShippableLine
from portal.forms import DecimalNumberField, WholeNumberField

MOST_CHIPS = 10**9
_NO_VALUE = "Enter the value of what left, above zero."


class ShipmentForm(forms.Form):
    """What left: a day, and a quantity and a value for each line. Its key makes one shipment of a page sent twice."""

    key = forms.UUIDField(
        initial=uuid.uuid4,
        widget=forms.HiddenInput,
        error_messages=dict.fromkeys(
            ("invalid", "required"),
            "The page that this was sent from was damaged, so nothing was recorded. Load it again and repeat.",
        ),
    )
    shipped_on = forms.DateField(
        label="On which day did it leave?",
        help_text="The day of export. It cannot be in the future.",
        widget=forms.DateInput(attrs={"type": "date"}),
    )
    reference = forms.CharField(
        label="Reference of the export filing (AES ITN)",
        required=False,
        max_length=int(Shipment._meta.get_field("reference").max_length or 0),
        help_text="For example X20260501123456.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    late_reason = forms.CharField(
        label="Why is it recorded only now?",
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, *args: Any, lines: Sequence[ShippableLine], longest_past_days: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.lines = lines
        self.fields["late_reason"].help_text = f"Only if it left more than {longest_past_days} days ago."
        # With several lines some may have stayed; the only one is asked for outright.
        is_only = len(lines) == 1
        least = dict.fromkeys(("required", "min_value"), "Enter how many left: a whole number of at least 1.")
        for each in lines:
            number, model = each.line.line_no, each.line.model
            self.fields[f"quantity_{number}"] = WholeNumberField(
                label=f"{model}: how many left?",
                required=is_only,
                min_value=1 if is_only else 0,
                max_value=MOST_CHIPS,
                error_messages=least if is_only else None,
                help_text=f"Line {number}. {each.quantity_left:,} of {each.line.quantity:,} are left.",
            )
            self.fields[f"value_{number}"] = DecimalNumberField(
                label=f"{model}: their value, in US dollars",
                required=is_only,
                min_value=0,
                max_digits=14,
                error_messages=dict.fromkeys(("required", "min_value"), _NO_VALUE),
                decimal_places=2,
                help_text=f"As in the export filing. ${each.value_cents_left / 100:,.2f} are left of the license.",
            )

    def line_fields(self) -> list[tuple[ShippableLine, forms.BoundField, forms.BoundField]]:
        """Each line with its two fields, for the template."""
        return [
            (each, self[f"quantity_{each.line.line_no}"], self[f"value_{each.line.line_no}"]) for each in self.lines
        ]

    def clean(self) -> dict[str, Any]:
        """A quantity and a value belong together, and at least one line left."""
        data = super().clean() or self.cleaned_data
        judged = [each for each in self.lines if not self._is_malformed(each)]
        for each in judged:
            number = each.line.line_no
            quantity, value = data.get(f"quantity_{number}") or 0, data.get(f"value_{number}") or Decimal(0)
            if quantity and not value:
                self.add_error(f"value_{number}", _NO_VALUE)
            if value and not quantity:
                self.add_error(f"quantity_{number}", "Enter how many left, at least 1, or leave the value empty too.")
        if len(judged) == len(self.lines) and not any(
            data.get(f"{what}_{each.line.line_no}") for each in judged for what in ("quantity", "value")
        ):
            self.add_error(
                f"quantity_{self.lines[0].line.line_no}",
                "Enter how many left: a whole number of at least 1 on at least one line.",
            )
        return data

    def _is_malformed(self, each: ShippableLine) -> bool:
        return any(f"{what}_{each.line.line_no}" in self.errors for what in ("quantity", "value"))

    def list_shipped(self) -> dict[int, Shipped]:
        """What left of each line, from clean input."""
        shipped = {}
        for each in self.lines:
            number = each.line.line_no
            quantity = self.cleaned_data[f"quantity_{number}"]
            if quantity:
                shipped[number] = Shipped(quantity, int(self.cleaned_data[f"value_{number}"] * 100))
        return shipped

    def renew_key(self) -> None:
        """Give the page a key of its own again, after its old one was used up by another shipment."""
        self.data = self.data.copy()
        self.data["key"] = str(uuid.uuid4())
