"""What accounts count, and what an entry can do to one."""

from django.db import models


class AccountKind(models.TextChoices):
    INSTALLATION_ORDERS = "installation.orders", "Chips on order for an installation"
    INSTALLATION_BASE = "installation.base", "Chips installed"
    LICENSE_LINE_QUANTITY = "license_line.quantity", "Licensed quantity"
    LICENSE_LINE_VALUE = "license_line.value", "Licensed value"
    COUNTRY_CHIPS = "country.chips", "Chips licensed for a country"
    ASSURANCE_COVERAGE = "assurance.coverage", "Chips covered by an instrument"
    ALLOCATION = "allocation.chips", "Chips allocated to a country"
    TRANCHE = "license.tranche", "Chips released by tranches of a license"


class EntryKind(models.TextChoices):
    OPEN = "open", "Opened"
    RESERVE = "reserve", "Reserved"
    RELEASE = "release", "Released"
    DRAW = "draw", "Drawn"
    DRAW_RESERVED = "draw_reserved", "Drawn from what was reserved"
    RETURN = "return", "Returned"
    RAISE = "raise", "Ceiling raised"
    LOWER = "lower", "Ceiling lowered"
