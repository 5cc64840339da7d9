"""How numbers, money and dates are written on every page.

Load with `{% load values %}`. Nothing here decides anything: a filter gets a value and writes it.
"""

from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation

from django import template
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
NOTHING = "—"


@register.filter
def number(value: object) -> str:
    """A number with thousands separators; its own decimals are kept. `{{ 35000|number }}` → 35,000."""
    if value is None or value == "":
        return NOTHING
    try:
        exact = Decimal(str(value))
    except InvalidOperation:
        return str(value)
    return f"{exact:,f}"


@register.filter
def chips(value: object) -> str:
    """A count of chips in words. `{{ 1|chips }}` → 1 chip, `{{ 35000|chips }}` → 35,000 chips."""
    written = number(value)
    if written == NOTHING:
        return NOTHING
    return f"{written} chip" if written == "1" else f"{written} chips"


@register.filter
def money(value: object, currency: str = "USD") -> str:
    """Money with its currency and two decimals. `{{ 1200.5|money }}` → USD 1,200.50."""
    if value is None or value == "":
        return NOTHING
    try:
        exact = Decimal(str(value))
    except InvalidOperation:
        return str(value)
    return f"{currency} {exact:,.2f}"


@register.filter
def cents(value: object, currency: str = "USD") -> str:
    """Money that is kept in hundredths, as the ledger keeps it. `{{ 120050|cents }}` → USD 1,200.50."""
    if value is None or value == "":
        return NOTHING
    return money(Decimal(str(value)) / 100, currency)


@register.filter
def percent(value: object) -> str:
    """A share of a hundred, without idle decimals. `{{ 51.50|percent }}` → 51.5 %."""
    if value is None or value == "":
        return NOTHING
    exact = Decimal(str(value)).normalize()
    return f"{exact:f}%"


@register.filter
def file_size(octets: int | None) -> str:
    """The size of a file in the unit a person would choose. `{{ 482133|file_size }}` → 471 KB."""
    if octets is None:
        return NOTHING
    if octets < 1024:
        return f"{octets} bytes"
    if octets < 1024 * 1024:
        return f"{octets / 1024:.0f} KB"
    return f"{octets / (1024 * 1024):.1f} MB"


@register.filter
def day(value: date | datetime | None) -> SafeString | str:
    """A day as "Mar 9, 2026" in a <time>; its title has the exact instant, if there is one, and how long ago."""
    if value is None or value == "":
        return NOTHING
    local = _local(value)
    title = relative(value)
    if isinstance(local, datetime):
        title = f"{_instant_words(local)}, {title}"
        machine = local.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    else:
        machine = local.isoformat()
    return format_html('<time datetime="{}" title="{}">{}</time>', machine, title, _day_words(local))


@register.filter
def instant(value: datetime | None) -> SafeString | str:
    """The exact instant with its zone, as the journal shows it: "Mar 9, 2026, 14:30:05 EDT"."""
    if value is None or value == "":
        return NOTHING
    local = _local(value)
    if not isinstance(local, datetime):
        return day(value)
    machine = local.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return format_html('<time datetime="{}" title="{}">{}</time>', machine, relative(value), _instant_words(local))


@register.filter
def relative(value: date | datetime | None) -> str:
    """How far a day or an instant is from now, in words: "3 days ago", "today", "in 2 months"."""
    if value is None or value == "":
        return NOTHING
    now = timezone.localtime()
    local = _local(value)
    days = ((local.date() if isinstance(local, datetime) else local) - now.date()).days
    if isinstance(local, datetime) and abs((local - now).total_seconds()) < 24 * 3600 and abs(days) <= 1:
        minutes = round((local - now).total_seconds() / 60)
        if minutes == 0:
            return "now"
        if abs(minutes) < 60:
            return _span(minutes, "minute")
        return _span(round(minutes / 60), "hour")
    if days in (-1, 0, 1):
        return {-1: "yesterday", 0: "today", 1: "tomorrow"}[days]
    if abs(days) < 60:
        return _span(days, "day")
    if abs(days) < 730:
        return _span(round(days / 30.44), "month")
    return _span(round(days / 365.25), "year")


def _span(count: int, unit: str) -> str:
    words = f"{abs(count):,} {unit}" if abs(count) == 1 else f"{abs(count):,} {unit}s"
    return f"in {words}" if count > 0 else f"{words} ago"


def _local(value: date | datetime) -> date | datetime:
    if isinstance(value, datetime):
        return timezone.localtime(value) if timezone.is_aware(value) else timezone.make_aware(value)
    return value


def _day_words(value: date | datetime) -> str:
    return f"{MONTHS[value.month - 1]} {value.day}, {value.year}"


def _instant_words(value: datetime) -> str:
    return f"{_day_words(value)}, {value:%H:%M:%S} {value.tzname()}"
