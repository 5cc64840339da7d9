"""Using the coverage of an instrument: reserve, draw, release, give back. The ledger keeps the ceiling.

`key` names the act, such as "case:7:3" for version 3 of a case's recommendation: the same key again is the same
act. Each of the four has its keys for itself, so that one key can follow a case through all of them.
"""

from datetime import datetime

from accounts.rules import Principal
from assurances.models import Instrument
from assurances.permissions import check_can_return_coverage, check_can_use_coverage
from audit.operations import operation, record
from deadlines.operations import meet_deadline
from ledger.models import Account, Entry
from ledger.operations import draw, draw_reserved, give_back, release, reserve

from .forcing import get_coverage
from .standing import LICENSE, check_stands

# An instrument in hand, or its id.
Which = Instrument | int | str


def _lock(which: Which, *, at: datetime, must_stand: bool) -> tuple[Instrument, Account]:
    """The instrument and its account. Whoever makes it fall waits for us, and we for them."""
    pk = which.pk if isinstance(which, Instrument) else int(which)
    locked = Instrument.objects.select_for_update(no_key=True).get(pk=pk)
    if must_stand:
        check_stands(locked, at=at)
    return locked, get_coverage(locked)


def _record(instrument: Instrument, entry: Entry, verb: str, says: str, *, by: Principal, at: datetime) -> Entry:
    # A second send of the same is the entry that was there, and was journaled then.
    if entry.at == at:
        record(
            subject=instrument,
            verb=f"coverage.{verb}",
            says=f"{says}: {entry.reason}",
            by=by,
            at=at,
            data={"units": entry.units, "key": entry.key},
        )
    return entry


@operation
def reserve_coverage(*, instrument: Which, units: int, key: str, reason: str, by: Principal, at: datetime) -> Entry:
    """Set chips of an instrument's ceiling aside for a case. Raises Stale when it does not stand, NotEnough."""
    check_can_use_coverage(by)
    locked, account = _lock(instrument, at=at, must_stand=True)
    entry = reserve(account=account, units=units, key=f"reserve:{key}", reason=reason, by=by, at=at)
    return _record(locked, entry, "reserved", f"Reserved {units:,} chips", by=by, at=at)


@operation
def draw_coverage(
    *,
    instrument: Which,
    units: int,
    key: str,
    reason: str,
    by: Principal,
    at: datetime,
    from_reserved: bool = True,
) -> Entry:
    """Use chips up for a license: those that were reserved, or with `from_reserved=False` of what is left.

    The first license meets the limit of 15 CFR 750.4(b)(3)(iii). Raises Stale when it does not stand, NotEnough.
    """
    check_can_use_coverage(by)
    locked, account = _lock(instrument, at=at, must_stand=True)
    act = draw_reserved if from_reserved else draw
    entry = act(account=account, units=units, key=f"draw:{key}", reason=reason, by=by, at=at)
    meet_deadline(subject=locked, kind=LICENSE, by=by, at=at)
    return _record(locked, entry, "drawn", f"Drew {units:,} chips", by=by, at=at)


@operation
def release_coverage(*, instrument: Which, units: int, key: str, reason: str, by: Principal, at: datetime) -> Entry:
    """Let reserved chips go, whatever became of the instrument. Raises NotEnough when fewer are reserved."""
    check_can_return_coverage(by)
    locked, account = _lock(instrument, at=at, must_stand=False)
    entry = release(account=account, units=units, key=f"release:{key}", reason=reason, by=by, at=at)
    return _record(locked, entry, "released", f"Released {units:,} chips", by=by, at=at)


@operation
def give_back_coverage(*, instrument: Which, units: int, key: str, reason: str, by: Principal, at: datetime) -> Entry:
    """Return drawn chips, as when a license is surrendered or expires. Raises NotEnough when fewer are drawn."""
    check_can_return_coverage(by)
    locked, account = _lock(instrument, at=at, must_stand=False)
    entry = give_back(account=account, units=units, key=f"return:{key}", reason=reason, by=by, at=at)
    return _record(locked, entry, "returned", f"Gave back {units:,} chips", by=by, at=at)
