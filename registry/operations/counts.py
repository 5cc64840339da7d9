"""Counting the chips that are installed."""

from __future__ import annotations

from datetime import datetime

from accounts.rules import Principal, Refused
from audit.operations import operation, record
from deadlines.rules import day_of
from ledger.models import Entry
from ledger.operations import draw, open_account
from ledger.selectors import get_account
from ledger.statuses import AccountKind
from registry import permissions
from registry.models import Installation
from registry.selectors import get_chip_model


@operation
def record_installed(
    *, installation: Installation, model: str, units: int, key: str, reason: str, by: Principal, at: datetime
) -> Entry:
    """Count chips of a model as installed at a place; the same key again counts nothing twice.

    A model that the catalogue knows is counted under its catalogue name, any other under the name as given.
    Raises NotPermitted as `permissions.check_can_count_chips`; Refused when the key stands for another count or
    the number is below 1.
    """
    locked = (
        Installation.objects.select_for_update(of=("self",), no_key=True)
        .select_related("operator")
        .get(pk=installation.pk)
    )
    permissions.check_can_count_chips(by, operator_organization_id=locked.operator.organization_id)
    known = get_chip_model(model, day_of(at))
    item = known.name if known else " ".join(model.split())
    if not item:
        raise Refused("Say which chip model is installed.", rule="registry.chip_model", field="model")
    account = get_account(AccountKind.INSTALLATION_BASE, locked, item)
    if account is None:
        account = open_account(
            kind=AccountKind.INSTALLATION_BASE,
            subject=locked,
            item=item,
            unit="chips",
            ceiling=None,
            key="open",
            reason=f"{item} at {locked.name}",
            by=by,
            at=at,
        )
    counted_before = Entry.objects.filter(account=account, key=key).exists()
    entry = draw(account=account, units=units, key=key, reason=reason, by=by, at=at)
    if not counted_before:
        record(
            subject=locked,
            verb="chips_installed",
            says=f"{units:,} {item} installed at {locked.name}: {reason}",
            by=by,
            at=at,
            data={"model": item, "units": units, "key": key, "installed": account.drawn},
        )
    return entry
