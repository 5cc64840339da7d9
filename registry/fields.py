"""Fields of forms for numbers as these pages write them, for every face."""

import re
from typing import Any

from django import forms

GROUPED = re.compile(r"[0-9]{1,3}(,[0-9]{3})+(\.[0-9]*)?")


class DigitsInput(forms.NumberInput):
    """A number as text: a browser's own number input sends nothing where letters were typed, and loses them."""

    input_type = "text"

    def build_attrs(self, base_attrs: dict[str, Any], extra_attrs: dict[str, Any] | None = None) -> dict[str, Any]:
        attrs = super().build_attrs(base_attrs, extra_attrs)
        kept = {name: value for name, value in attrs.items() if name not in ("min", "max", "step")}
        return {"inputmode": "decimal" if attrs.get("step") != "1" and "step" in attrs else "numeric", **kept}


def _ungrouped(value: Any) -> Any:
    """35,000 as 35000: as these pages write numbers, people type them."""
    if isinstance(value, str) and GROUPED.fullmatch(value.strip()):
        return value.replace(",", "")
    return value


class WholeNumberField(forms.IntegerField):
    """A whole number, with or without commas between its thousands."""

    widget = DigitsInput

    def to_python(self, value: Any) -> int | None:
        return super().to_python(_ungrouped(value))


class DecimalNumberField(forms.DecimalField):
    """A number with decimals, with or without commas between its thousands."""

    widget = DigitsInput

    def to_python(self, value: Any) -> Any:
        return super().to_python(_ungrouped(value))
