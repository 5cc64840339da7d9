"""Fields that take what they say and nothing like it, and explain a refusal with what they were given."""

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from rulebook.selectors import get_catalogue

# More chips than were ever made: a typing error is refused before it reaches a ledger.
LARGEST_COUNT = 1_000_000_000
_PRICE = re.compile(r"[0-9]{1,12}(\.[0-9]{1,2})?", re.ASCII)
_SERIAL = re.compile(r"[A-Z][0-9]{6}", re.ASCII)
MISSING = "is missing"
NOTHING = "must not be null"


def told(value: Any) -> str:
    """A value as a person would name it in a sentence."""
    if value is None:
        return "nothing (null)"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return f"the text “{value if len(value) <= 40 else value[:37] + '…'}”" if value else "an empty text"
    if isinstance(value, Mapping):
        return "an object"
    if isinstance(value, list):
        return "a list"
    if isinstance(value, int) and value.bit_length() > 128:
        return "a number that long"
    return str(value) if isinstance(value, int | float) else "something else"


class Strict(serializers.Serializer):
    """An object whose every field is known; an unknown one is named, with those that are read."""

    default_error_messages = {"required": MISSING, "null": NOTHING}

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, Mapping):
            raise serializers.ValidationError({"non_field_errors": [f"must be an object, not {told(data)}"]})
        known = self.fields
        unknown = [name for name in data if name not in known]
        if unknown:
            reads = ", ".join(known) or "none"
            raise serializers.ValidationError(
                {str(name)[:60]: [f"is not a field that is read here; read are {reads}"] for name in unknown}
            )
        return super().to_internal_value(data)


class Several(serializers.ListField):
    """A list of at most so many."""

    default_error_messages = {
        "required": MISSING,
        "null": NOTHING,
        "not_a_list": "must be a list",
        "max_length": "holds more than {max_length}, which is the most that is taken",
    }


class Objects(serializers.ListSerializer):
    """A list of objects, each checked on its own and named by its place."""

    default_error_messages = {
        "required": MISSING,
        "null": NOTHING,
        "not_a_list": "must be a list of objects",
        "max_length": "holds more than {max_length}, which is the most that is taken",
    }


class Text(serializers.CharField):
    """A text, and never a number that could be one."""

    default_error_messages = {
        "required": MISSING,
        "null": NOTHING,
        "blank": "must not be empty",
        "max_length": "is longer than {max_length} characters",
        "not_text": "must be a text, not {told}",
    }

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("not_text", told=told(data))
        return str(super().to_internal_value(data))


class Whole(serializers.IntegerField):
    """A whole number in its bounds: not true, not 1.0, not "5"."""

    default_error_messages = {
        "required": MISSING,
        "null": NOTHING,
        "not_whole": "must be a whole number from {lowest:,} to {highest:,}, not {told}",
    }

    def __init__(self, *, lowest: int = 0, highest: int = LARGEST_COUNT, **kwargs: Any) -> None:
        self.lowest, self.highest = lowest, highest
        super().__init__(min_value=lowest, max_value=highest, **kwargs)

    def to_internal_value(self, data: Any) -> int:
        if type(data) is not int or not self.lowest <= data <= self.highest:
            self.fail("not_whole", lowest=self.lowest, highest=self.highest, told=told(data))
        return int(data)


class Flag(serializers.BooleanField):
    """True or false, and not "yes", 1 or null."""

    default_error_messages = {"required": MISSING, "null": NOTHING, "not_a_flag": "must be true or false, not {told}"}

    def to_internal_value(self, data: Any) -> bool:
        if not isinstance(data, bool):
            self.fail("not_a_flag", told=told(data))
        return bool(data)


@extend_schema_field({"type": "number", "minimum": 0, "exclusiveMinimum": True})
class Figure(serializers.Field):
    """A performance figure above 0 with at most two decimals, as a Decimal."""

    default_error_messages = {
        "required": MISSING,
        "null": NOTHING,
        "not_a_figure": "must be a number above 0 and below {below:,} with at most two decimals, not {told}",
    }

    def __init__(self, *, below: int, **kwargs: Any) -> None:
        self.below = below
        super().__init__(**kwargs)

    def to_internal_value(self, data: Any) -> Decimal:
        value = Decimal(str(data)) if type(data) in (int, float) else None
        if value is None or not 0 < value < self.below or value != round(value, 2):
            self.fail("not_a_figure", below=self.below, told=told(data))
        return value

    def to_representation(self, value: Decimal) -> int | float:
        return int(value) if value == int(value) else float(value)


@extend_schema_field({"type": "string", "format": "decimal", "example": "30000.00"})
class Price(serializers.Field):
    """US dollars and cents, written as a text so that no cent is lost on the way."""

    default_error_messages = {
        "required": MISSING,
        "null": NOTHING,
        "not_a_price": "must be US dollars as a text such as “30000.00”, not below 0 and with at most two decimals; "
        "it is {told}",
    }

    def to_internal_value(self, data: Any) -> Decimal:
        # A JSON number is taken too: twelve digits and two decimals survive as one.
        text = str(data) if type(data) in (int, float) else data
        if not isinstance(text, str) or not _PRICE.fullmatch(text):
            self.fail("not_a_price", told=told(data))
        return Decimal(text)

    def to_representation(self, value: Decimal) -> str:
        return f"{value:.2f}"


@extend_schema_field({"type": "string", "pattern": "^[A-Z]{2}$", "example": "SE"})
class CountryCode(Text):
    """A country by its ISO 3166 alpha-2 code."""

    default_error_messages = {
        "not_a_country": "is {told}, which is not a two-letter country code of ISO 3166 in capitals"
    }

    def to_internal_value(self, data: Any) -> str:
        code = super().to_internal_value(data)
        if code not in get_catalogue().countries:
            self.fail("not_a_country", told=told(data))
        return code


@extend_schema_field({"type": "string", "pattern": "^([A-Z][0-9]{6})?$", "example": "C000042"})
class Serial(Text):
    """A number of a case: a letter and six digits."""

    default_error_messages = {"not_a_serial": "is {told}, which is not one letter and six digits, such as C000042"}

    def to_internal_value(self, data: Any) -> str:
        serial = super().to_internal_value(data).upper()
        if serial and not _SERIAL.fullmatch(serial):
            self.fail("not_a_serial", told=told(data))
        return serial


class Day(serializers.DateField):
    """A day as YYYY-MM-DD."""

    default_error_messages = {
        "required": MISSING,
        "null": NOTHING,
        "not_a_day": "must be a day as YYYY-MM-DD, not {told}",
    }

    def to_internal_value(self, value: Any) -> date:
        try:
            if isinstance(value, str) and len(value) == 10:
                return date.fromisoformat(value)
        except ValueError:
            pass
        return self.fail("not_a_day", told=told(value))


class Choice(serializers.ChoiceField):
    """One of a few words."""

    default_error_messages = {"required": MISSING, "null": NOTHING, "invalid_choice": ""}

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str) or data not in self.choices:
            listed = ", ".join(map(str, self.choices))
            raise serializers.ValidationError(f"is {told(data)}; it must be one of {listed}")
        return data


class Pdf(serializers.FileField):
    """A PDF as a part of a multipart request. What it is, its bytes say later."""

    default_error_messages = {
        "required": "is missing: send the PDF as a part of a multipart/form-data request",
        "null": NOTHING,
        "invalid": "must be a file, not a text",
        "no_name": "has no file name",
        "empty": "is empty",
        "max_length": "has a file name longer than {max_length} characters",
    }
