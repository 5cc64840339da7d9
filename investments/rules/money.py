"""Amounts in whole minor units, and the dated rate that makes dollars of them. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_DOWN, Decimal, InvalidOperation

from accounts.rules import Refused
from investments.rules.days import write_day

DOLLAR = "USD"
# Ten trillion dollars: more than any commitment, far less than what an integer of the database holds.
MOST_CENTS = 10**15
MOST_KILOWATTS = 10**9
RATE_DIGITS = 10
_GROUPED = re.compile(r"^[+-]?[0-9]{1,3}(,[0-9]{3})+(\.[0-9]*)?$")


@dataclass(frozen=True, slots=True)
class Currency:
    """A currency of ISO 4217, with the digits after its point."""

    code: str
    name: str
    digits: int


@dataclass(frozen=True, slots=True)
class Rate:
    """Dollars for one unit of a currency, on a day, and who said so."""

    dollars: Decimal
    on: date
    source: str


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in the minor units of its currency, and what it is in US cents at the rate."""

    minor: int
    currency: Currency
    rate: Rate
    cents: int


def read_amount(text: str | int | Decimal, currency: Currency, *, field: str = "amount") -> int:
    """The amount in whole minor units of its currency.

    Refused, naming the field: what is no number, not finite, zero or negative, finer than the currency, or
    larger than any commitment.
    """
    exact = _read_number(text, field=field, example="1,250,000.00")
    if exact <= 0:
        raise Refused(
            f"An amount is more than zero, not {exact:,f}. What was counted too high is reversed, not entered as "
            "negative.",
            rule="investments.amount_positive",
            field=field,
        )
    minor = exact.scaleb(currency.digits)
    if minor != minor.to_integral_value():
        finest = "no digit" if currency.digits == 0 else f"at most {currency.digits} digits"
        raise Refused(
            f"An amount in {currency.code} has {finest} after the point. Round it as the agreement does.",
            rule="investments.amount_precision",
            field=field,
        )
    if minor > MOST_CENTS * 1000:
        raise Refused(
            "This amount is larger than any commitment can be. Check the number of zeros.",
            rule="investments.amount_size",
            field=field,
        )
    return int(minor)


def read_megawatts(text: str | int | Decimal, *, field: str = "megawatts") -> int:
    """Megawatts as whole kilowatts. Refused, naming the field, as `read_amount` refuses."""
    exact = _read_number(text, field=field, example="250")
    if exact <= 0:
        raise Refused(
            f"Power is more than zero megawatts, not {exact:,f}.", rule="investments.amount_positive", field=field
        )
    kilowatts = exact * 1000
    if kilowatts != kilowatts.to_integral_value():
        raise Refused(
            "Megawatts have at most 3 digits after the point, which is whole kilowatts.",
            rule="investments.amount_precision",
            field=field,
        )
    if kilowatts > MOST_KILOWATTS:
        raise Refused(
            "This is more power than any commitment can bring. Check the number of zeros.",
            rule="investments.amount_size",
            field=field,
        )
    return int(kilowatts)


def _read_number(text: str | int | Decimal, *, field: str, example: str) -> Decimal:
    written = str(text).strip()
    # A comma in another place may be meant as the point: “1,5” would become 15.
    if "," in written and not _GROUPED.match(written):
        raise Refused(
            f"“{written[:40]}” is not clear. Put commas between groups of three digits and a point before the "
            f"rest, as in {example}.",
            rule="investments.amount_number",
            field=field,
        )
    try:
        exact = Decimal(written.replace(",", ""))
    except InvalidOperation:
        raise Refused(
            f"“{str(text)[:40]}” is not a number. Enter digits, such as {example}.",
            rule="investments.amount_number",
            field=field,
        ) from None
    if not exact.is_finite():
        raise Refused(
            f"An amount is a number with an end, not “{str(text)[:40]}”.", rule="investments.amount_finite", field=field
        )
    # Beyond this a number cannot be meant, and arithmetic with it would take long.
    if abs(exact.adjusted()) > 40 or len(exact.as_tuple().digits) > 60:
        raise Refused("This number is too long to be an amount.", rule="investments.amount_size", field=field)
    return exact


def check_rate(currency: Currency, rate: Rate | None, *, on: date, longest_days: int) -> Rate:
    """The rate to use on a day, checked; for dollars it is 1 and needs no source.

    Refused, naming the field: no rate, one that is not above zero or too fine, one without a source, one of a
    later day, or one that is older than the edition allows.
    """
    if currency.code == DOLLAR:
        return Rate(Decimal(1), on, "US dollars")
    if rate is None:
        raise Refused(
            f"Give the rate: US dollars for 1 {currency.code}, with its day and its source.",
            rule="investments.rate_given",
            field="rate",
        )
    if not rate.dollars.is_finite() or rate.dollars <= 0:
        raise Refused("A rate is a number above zero.", rule="investments.rate_positive", field="rate")
    if rate.dollars.adjusted() > 9 or rate.dollars != rate.dollars.quantize(Decimal(1).scaleb(-RATE_DIGITS)):
        raise Refused(
            f"A rate has at most {RATE_DIGITS} digits after the point, and 9 before it.",
            rule="investments.rate_precision",
            field="rate",
        )
    if not rate.source.strip():
        raise Refused(
            "Say where the rate comes from, such as the H.10 release of the Federal Reserve.",
            rule="investments.rate_source",
            field="rate_source",
        )
    if rate.on > on:
        raise Refused(
            f"The rate is of {write_day(rate.on)}, which has not come yet. Use one of {write_day(on)} or earlier.",
            rule="investments.rate_future",
            field="rate_on",
        )
    if rate.on < on - timedelta(days=longest_days):
        raise Refused(
            f"The rate of {write_day(rate.on)} is {(on - rate.on).days} days old; at most {longest_days} are allowed. "
            f"Use a rate of {write_day(on - timedelta(days=longest_days))} or later.",
            rule="investments.rate_age",
            field="rate_on",
        )
    return Rate(rate.dollars, rate.on, rate.source.strip())


def convert(minor: int, currency: Currency, rate: Rate, *, field: str = "amount") -> Money:
    """Money with its value in US cents at the rate; a part of a cent is not counted."""
    cents = int((Decimal(minor).scaleb(-currency.digits) * rate.dollars * 100).to_integral_value(rounding=ROUND_DOWN))
    if cents < 1:
        raise Refused("At this rate the amount is less than a US cent.", rule="investments.amount_cents", field=field)
    if cents > MOST_CENTS:
        raise Refused(
            "At this rate the amount is larger than any commitment can be. Check amount and rate.",
            rule="investments.amount_size",
            field=field,
        )
    return Money(minor=minor, currency=currency, rate=rate, cents=cents)


def write_amount(minor: int, code: str, digits: int) -> str:
    """An amount with its currency: `write_amount(120050, "USD", 2)` is USD 1,200.50."""
    return f"{code} {Decimal(minor).scaleb(-digits):,.{digits}f}"


def write_units(units: int, unit: str) -> str:
    """Units of a measure in words: US cents as dollars, kilowatts as megawatts."""
    if unit == "kilowatts":
        exact = Decimal(units) / 1000
        return f"{exact:,.3f}".rstrip("0").rstrip(".") + " MW"
    return write_amount(units, DOLLAR, 2)
