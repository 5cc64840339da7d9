"""What was contracted and what was paid, as entries; a wrong one is reversed by another."""

from __future__ import annotations

from datetime import date, datetime

from accounts.rules import Principal, Refused
from audit.operations import operation, record
from deadlines.rules import day_of
from investments.models import AmountEntry, Asset, Commitment
from investments.operations.locking import follow_table, lock_commitment, require_words, save_version, use_rate
from investments.permissions import check_can_keep_commitments
from investments.rules import Rate, convert, read_amount, read_megawatts, write_units
from investments.shipped import find_currency
from investments.statuses import AmountKind, AmountUnit

# What was pledged follows from the agreement, what is verified from a verification.
RECORDED = (AmountKind.CONTRACTED, AmountKind.DISBURSED)


@operation
def record_amount(
    *,
    commitment: Commitment,
    kind: str,
    asset: Asset,
    amount: str,
    on: date,
    says: str,
    by: Principal,
    at: datetime,
    currency: str = "USD",
    rate: Rate | None = None,
    in_megawatts: bool = False,
    version: int | None = None,
) -> AmountEntry:
    """Record what was contracted or disbursed for an asset: in a currency at a dated rate, or in megawatts.

    Raises Refused, naming the field, on amounts and rates as `draft_commitment` does, on a day that has not come,
    and on an asset that does not count for the commitment.
    """
    locked = lock_commitment(commitment, version=version)
    check_can_keep_commitments(by, to="record an amount")
    follow_table(locked, "record_amount")
    if kind not in RECORDED:
        raise Refused(
            "Choose whether the amount was contracted or disbursed. What is pledged stands in the agreement; what is "
            "verified comes from evidence.",
            rule="amount.kind",
            field="kind",
        )
    if asset.commitment_id != locked.pk or not asset.is_counted:
        raise Refused(f"This asset does not count for {locked.number}.", rule="amount.asset", field="asset")
    if on > day_of(at):
        raise Refused(
            "The day has not come yet. Record an amount once it is contracted or paid.", rule="amount.day", field="on"
        )
    entry = AmountEntry(
        commitment=locked,
        kind=kind,
        asset=asset,
        on=on,
        says=require_words(says, field="says", says="Say what the amount is, such as the contract or the payment."),
        by_label=by.actor.label,
        at=at,
    )
    if in_megawatts:
        if locked.unit != AmountUnit.KILOWATTS:
            raise Refused("This commitment is not measured in megawatts.", rule="amount.unit", field="unit")
        entry.unit, entry.units = AmountUnit.KILOWATTS, read_megawatts(amount, field="amount")
    else:
        found = find_currency(currency)
        money = convert(read_amount(amount, found), found, use_rate(found, rate, at))
        entry.unit, entry.units = AmountUnit.CENTS, money.cents
        entry.amount_minor, entry.currency = money.minor, found.code
        entry.rate, entry.rate_on, entry.rate_source = money.rate.dollars, money.rate.on, money.rate.source[:200]
    entry.save()
    save_version(locked)
    record(
        subject=locked,
        verb=f"amount.{kind}",
        says=f"{AmountKind(kind).label} for {asset.name}: {write_units(entry.units, entry.unit)}. {entry.says}",
        by=by,
        at=at,
        data={"entry": entry.pk},
        covers=[entry],
    )
    return entry


@operation
def reverse_amount(
    *, entry: AmountEntry, reason: str, by: Principal, at: datetime, version: int | None = None
) -> AmountEntry:
    """Take back a contracted or disbursed amount by a new entry; the old one stays as it was written."""
    locked = lock_commitment(entry.commitment, version=version)
    check_can_keep_commitments(by, to="reverse an amount")
    follow_table(locked, "record_amount")
    if entry.kind not in RECORDED or entry.reverses_id is not None:
        raise Refused(
            "Only a contracted or disbursed amount is reversed here. A verified one falls with its verification.",
            rule="amount.reversible",
        )
    if AmountEntry.objects.filter(reverses=entry).exists():
        raise Refused("This amount was reversed already.", rule="amount.reversed")
    why = require_words(reason, field="reason", says="Say what was wrong with the amount.")
    reversal = write_reversal(entry, why, by=by, at=at)
    save_version(locked)
    record(
        subject=locked,
        verb="amount.reversed",
        says=f"Reversed {write_units(entry.units, entry.unit)} {AmountKind(entry.kind).label.lower()}: {why}",
        by=by,
        at=at,
        data={"entry": reversal.pk, "reverses": entry.pk},
        covers=[reversal],
    )
    return reversal


def write_reversal(entry: AmountEntry, why: str, *, by: Principal, at: datetime) -> AmountEntry:
    """The entry that takes the whole of another one back."""
    return AmountEntry.objects.create(
        commitment_id=entry.commitment_id,
        kind=entry.kind,
        unit=entry.unit,
        units=-entry.units,
        amount_minor=None if entry.amount_minor is None else -entry.amount_minor,
        currency=entry.currency,
        rate=entry.rate,
        rate_on=entry.rate_on,
        rate_source=entry.rate_source,
        asset_id=entry.asset_id,
        reverses=entry,
        on=day_of(at),
        says=why,
        by_label=by.actor.label,
        at=at,
    )
