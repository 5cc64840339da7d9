"""Confirming a license or an exemption to a stranger: number, status, dates, and not a word more."""

import secrets
from dataclasses import dataclass
from datetime import date

from deadlines.rules import day_of
from ledger.selectors import get_totals
from ledger.statuses import AccountKind
from licensing.models import Exemption, License
from licensing.rules import license_status
from licensing.statuses import LicenseStatus

# Compared where no such number exists, so that a guess takes as long as a wrong code.
NO_CODE = "-" * 12


@dataclass(frozen=True, slots=True)
class Validation:
    """All that is confirmed to somebody who holds a number and its code."""

    number: str
    kind: str
    status: LicenseStatus
    valid_from: date
    expires_on: date


def get_validation(number: str, code: str, on: date) -> Validation | None:
    """What a license or an exemption is worth on a day, or None.

    None is one answer for an unknown number and for a wrong code: it does not tell which numbers exist
    (50 USC 4820(h)). Number and code are taken as a person types them.
    """
    number, code = _plain(number), _plain(code)
    license_ = License.objects.filter(number=number).first()
    exemption = Exemption.objects.filter(number=number).first()
    found = license_ or exemption
    expected = NO_CODE if found is None else found.verification_code
    if not secrets.compare_digest(expected.encode(), code.encode()) or found is None:
        return None
    return _confirm_license(found, on) if isinstance(found, License) else _confirm_exemption(found, on)


def _plain(text: str) -> str:
    return "".join(text.split()).replace("-", "").upper()


def _confirm_license(license_: License, on: date) -> Validation:
    lines = list(license_.lines.all())
    totals = get_totals(AccountKind.LICENSE_LINE_QUANTITY, lines)
    left = sum(balance.left or 0 for items in totals.values() for balance in items.values())
    status = license_status(
        on=on,
        valid_from=license_.valid_from,
        expires_on=license_.expires_on,
        suspended=license_.suspended_at is not None,
        revoked=license_.revoked_at is not None,
        surrendered=license_.surrendered_at is not None,
        quantity_left=left,
    )
    return Validation(
        number=license_.number,
        kind="License",
        status=LicenseStatus(status),
        valid_from=license_.valid_from,
        expires_on=license_.expires_on,
    )


def _confirm_exemption(exemption: Exemption, on: date) -> Validation:
    # The chips of an exemption are delivered once and for all: it runs out by its date and not by its quantity.
    accepted_on = day_of(exemption.accepted_at)
    status = license_status(
        on=on,
        valid_from=accepted_on,
        expires_on=exemption.lapses_on,
        suspended=False,
        revoked=False,
        quantity_left=exemption.chips,
    )
    return Validation(
        number=exemption.number,
        kind="Exemption",
        status=LicenseStatus(status),
        valid_from=accepted_on,
        expires_on=exemption.lapses_on,
    )
