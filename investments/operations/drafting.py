"""Writing a commitment down before it is signed: its terms, its assets in the United States, its milestones."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db import IntegrityError

from accounts.rules import Principal, Refused
from audit.operations import operation, record
from deadlines.rules import day_of
from investments.models import Asset, Commitment, Milestone
from investments.operations.locking import (
    follow_table,
    lock_commitment,
    require_user,
    require_words,
    save_version,
    use_rate,
)
from investments.permissions import check_can_keep_commitments
from investments.rules import (
    Rate,
    check_asset_in_us,
    check_funds_into_us,
    check_milestone_day,
    convert,
    find_target,
    read_amount,
    read_megawatts,
    write_day,
    write_units,
)
from investments.shipped import find_currency
from investments.statuses import AmountUnit, CommitmentStatus, Instrument, Measure
from registry.models import Country, Party
from rulebook.selectors import get_operating_edition


@dataclass(frozen=True, slots=True)
class Terms:
    """What is agreed. Amounts are text as they were typed; they are read exactly or refused."""

    title: str
    obligor_country: Country | None
    obligor_party: Party | None
    instrument: str
    measure: str
    funds_from: Country
    funds_to: Country
    amount: str
    currency: str
    rate: Rate | None
    starts_on: date
    ends_on: date
    # In US dollars, with what it is; only where each dollar abroad is matched.
    abroad: str = ""
    abroad_says: str = ""
    ratio: Decimal | None = None
    megawatts: str = ""


def _write_terms(commitment: Commitment, terms: Terms, at: datetime) -> None:
    """Check the terms and write them into the row. Refused, naming the field."""
    if (terms.obligor_country is None) == (terms.obligor_party is None):
        raise Refused(
            "Name who is bound: one nation or one firm, not both.", rule="commitment.obligor", field="obligor"
        )
    if terms.instrument not in Instrument.values:
        raise Refused("Choose one of the instruments.", rule="commitment.instrument", field="instrument")
    edition = get_operating_edition(at)
    if terms.measure not in Measure.values or terms.measure not in {row.id for row in edition.rows("measures")}:
        raise Refused(
            "Choose one of the measures that the edition in effect names.", rule="commitment.measure", field="measure"
        )
    check_funds_into_us(terms.funds_to.pk, terms.funds_to.name, terms.funds_from.name)
    currency = find_currency(terms.currency)
    rate = use_rate(currency, terms.rate, at)
    money = convert(read_amount(terms.amount, currency), currency, rate)
    if terms.ends_on < terms.starts_on:
        raise Refused("The last day comes before the first.", rule="commitment.period", field="ends_on")
    if terms.ends_on < day_of(at):
        raise Refused(
            "The last day has passed, so nothing could be owed any more. Choose a later one.",
            rule="commitment.period",
            field="ends_on",
        )
    matching, power = terms.measure == Measure.MATCHING, terms.measure == Measure.MEGAWATTS
    abroad = None
    if matching and terms.abroad.strip():
        abroad = read_amount(terms.abroad, find_currency("USD"), field="abroad")
    ratio = None
    if matching:
        usual = Decimal(str(edition.value("investments.dollars_for_each_dollar_abroad")))
        ratio = usual if terms.ratio is None else terms.ratio
    kilowatts = read_megawatts(terms.megawatts) if power and terms.megawatts.strip() else None
    target, unit = find_target(terms.measure, cents=money.cents, abroad_cents=abroad, ratio=ratio, kilowatts=kilowatts)
    commitment.title = require_words(terms.title, field="title", says="Give the commitment a title.")[:200]
    commitment.obligor_country, commitment.obligor_party = terms.obligor_country, terms.obligor_party
    commitment.instrument, commitment.measure = terms.instrument, terms.measure
    commitment.funds_from, commitment.funds_to = terms.funds_from, terms.funds_to
    commitment.amount_minor, commitment.currency, commitment.amount_cents = money.minor, currency.code, money.cents
    commitment.rate, commitment.rate_on, commitment.rate_source = rate.dollars, rate.on, rate.source[:200]
    commitment.abroad_cents, commitment.ratio, commitment.kilowatts = abroad, ratio, kilowatts
    commitment.abroad_says = terms.abroad_says.strip()[:300] if matching else ""
    commitment.target, commitment.unit = target, unit
    commitment.starts_on, commitment.ends_on = terms.starts_on, terms.ends_on


@operation
def draft_commitment(*, terms: Terms, by: Principal, at: datetime) -> Commitment:
    """Write down what a nation or a firm is to bind itself to, as a draft.

    Raises NotPermitted, and Refused naming the field: money that flows out of the United States, an unknown
    currency, an amount that is negative, not finite or too fine, a rate that is old or of the future, a measure
    without its figures.
    """
    check_can_keep_commitments(by, to="draft a commitment")
    person = require_user(by)
    commitment = Commitment(created_by=person, officer=person, created_at=at)
    _write_terms(commitment, terms, at)
    commitment.save()
    record(
        subject=commitment,
        verb="commitment.drafted",
        says=f"Drafted {commitment.number}: {_sentence(commitment)}.",
        by=by,
        at=at,
    )
    return commitment


@operation
def save_commitment(
    *, commitment: Commitment, terms: Terms, by: Principal, at: datetime, version: int | None = None
) -> Commitment:
    """Change the terms of a draft. Raises as `draft_commitment` does, and Refused once it is signed."""
    locked = lock_commitment(commitment, version=version)
    check_can_keep_commitments(by, to="change a commitment")
    follow_table(locked, "save")
    _write_terms(locked, terms, at)
    for milestone in locked.milestones.all():
        try:
            check_milestone_day(milestone.due_on, starts_on=locked.starts_on, ends_on=locked.ends_on)
        except Refused as refusal:
            raise Refused(
                f"“{milestone.title}” would no longer fit: {refusal.reason} Remove it first.",
                rule=refusal.rule,
                field="ends_on",
            ) from refusal
    locked.version += 1
    locked.save()
    record(
        subject=locked,
        verb="commitment.changed",
        says=f"Changed the terms of the draft: {_sentence(locked)}.",
        by=by,
        at=at,
    )
    return locked


def _sentence(commitment: Commitment) -> str:
    what = write_units(commitment.target, commitment.unit)
    return f"{commitment.obligor}, {what}, by {write_day(commitment.ends_on)}"


# Short forms that the same address is written with (Postal Service, Publication 28).
_SHORT = {"avenue": "ave", "boulevard": "blvd", "drive": "dr", "fort": "ft", "highway": "hwy", "lane": "ln"}
_SHORT |= {"parkway": "pkwy", "road": "rd", "saint": "st", "street": "st", "north": "n", "south": "s"}


def _key(*parts: str) -> str:
    """Parts without case, accents, signs and short forms, so that another spelling is the same asset."""
    plain = (unicodedata.normalize("NFKD", part).casefold() for part in parts)
    bare = ("".join(sign for sign in part if not unicodedata.combining(sign)) for part in plain)
    words = ("".join(sign if sign.isalnum() else " " for sign in part).split() for part in bare)
    return "|".join("".join(_SHORT.get(word, word) for word in part) for part in words)[:330]


@operation
def add_asset(
    *,
    commitment: Commitment,
    name: str,
    address: str,
    city: str,
    state: str,
    country: Country,
    by: Principal,
    at: datetime,
    owner: str = "",
    version: int | None = None,
) -> Asset:
    """Name a data center in the United States that the commitment is spent on.

    Raises Refused, naming the field: a place outside the United States, and an asset that counts already, for
    this commitment or another.
    """
    locked = lock_commitment(commitment, version=version)
    check_can_keep_commitments(by, to="name an asset")
    if locked.status != CommitmentStatus.DRAFT:
        follow_table(locked, "record_amount")
    check_asset_in_us(country.pk, country.name)
    words = {
        "name": require_words(name, field="name", says="Give the name of the data center."),
        "address": require_words(address, field="address", says="Give the street address."),
        "city": require_words(city, field="city", says="Give the city."),
    }
    code = state.strip().upper()
    if len(code) != 2 or not code.isascii() or not code.isalpha():
        raise Refused("Give the state by its two letters, such as TX.", rule="asset.state", field="state")
    name_key = _key(words["name"], words["city"], code)
    address_key = _key(words["address"], words["city"], code)
    counted = Asset.objects.filter(is_counted=True).select_related("commitment")
    for field, found in (
        ("name", counted.filter(name_key=name_key).first()),
        ("address", counted.filter(address_key=address_key).first()),
    ):
        if found is not None:
            raise Refused(
                f"{found} is counted for {found.commitment.number} already, and an asset counts once. Name another "
                "one; a further building at the same address has its own name and its own line of the address.",
                rule="asset.once",
                field=field,
            )
    try:
        asset = Asset.objects.create(
            commitment=locked,
            **words,
            state=code,
            country=country,
            owner=owner.strip()[:200],
            name_key=name_key,
            address_key=address_key,
            added_by_label=by.actor.label,
            added_at=at,
        )
    except IntegrityError as error:
        raise Refused(
            "Somebody else counted this asset for a commitment at the same moment, and an asset counts once.",
            rule="asset.once",
            field="name",
        ) from error
    save_version(locked)
    record(subject=locked, verb="commitment.asset_added", says=f"Named the asset {asset}.", by=by, at=at)
    return asset


@operation
def remove_asset(*, asset: Asset, by: Principal, at: datetime, version: int | None = None) -> Asset:
    """Take an asset off its commitment, so that it may count for another; refused once anything was shown for it."""
    locked = lock_commitment(asset.commitment, version=version)
    check_can_keep_commitments(by, to="take an asset off")
    found = Asset.objects.select_for_update().get(pk=asset.pk)
    if not found.is_counted:
        raise Refused("This asset was taken off already.", rule="asset.counted")
    if found.entries.exists() or found.evidence.exists():
        raise Refused(
            f"Amounts or evidence stand for {found.name}, so it stays with {locked.number}.", rule="asset.used"
        )
    if locked.status != CommitmentStatus.DRAFT and locked.assets.filter(is_counted=True).count() == 1:
        raise Refused("This is the last asset. Name another one first.", rule="asset.last")
    found.is_counted = False
    found.save(update_fields=["is_counted"])
    save_version(locked)
    record(subject=locked, verb="commitment.asset_removed", says=f"Took the asset {found} off.", by=by, at=at)
    return found


@operation
def add_milestone(
    *,
    commitment: Commitment,
    title: str,
    due_on: date,
    amount: str,
    criteria: str,
    by: Principal,
    at: datetime,
    version: int | None = None,
) -> Milestone:
    """Add a milestone to a draft: `amount` in US dollars, or in megawatts where the commitment is measured so.

    Raises Refused, naming the field: a day after the commitment's end, an amount that cannot be, no criteria.
    """
    locked = lock_commitment(commitment, version=version)
    check_can_keep_commitments(by, to="plan a milestone")
    follow_table(locked, "save")
    check_milestone_day(due_on, starts_on=locked.starts_on, ends_on=locked.ends_on)
    units = (
        read_megawatts(amount, field="amount")
        if locked.unit == AmountUnit.KILOWATTS
        else read_amount(amount, find_currency("USD"))
    )
    planned = sum(locked.milestones.values_list("units", flat=True))
    if planned + units > locked.target:
        raise Refused(
            f"All milestones would come to {write_units(planned + units, locked.unit)}, more than the commitment of "
            f"{write_units(locked.target, locked.unit)}. {write_units(locked.target - planned, locked.unit)} are not "
            "planned yet.",
            rule="investments.plan_adds_up",
            field="amount",
        )
    milestone = Milestone.objects.create(
        commitment=locked,
        title=require_words(title, field="title", says="Give the milestone a title.")[:200],
        due_on=due_on,
        units=units,
        criteria=require_words(
            criteria, field="criteria", says="Say what must be shown for the milestone to be accepted."
        ),
    )
    save_version(locked)
    record(
        subject=locked,
        verb="commitment.milestone_added",
        says=f"Planned “{milestone.title}”: {write_units(units, locked.unit)} by {write_day(due_on)}.",
        by=by,
        at=at,
    )
    return milestone


@operation
def remove_milestone(*, milestone: Milestone, by: Principal, at: datetime, version: int | None = None) -> Commitment:
    """Take a milestone out of a draft's plan."""
    locked = lock_commitment(milestone.commitment, version=version)
    check_can_keep_commitments(by, to="change the plan")
    follow_table(locked, "save")
    title = milestone.title
    Milestone.objects.filter(pk=milestone.pk, commitment=locked).delete()
    save_version(locked)
    record(subject=locked, verb="commitment.milestone_removed", says=f"Took “{title}” out of the plan.", by=by, at=at)
    return locked


@operation
def withdraw_commitment(
    *, commitment: Commitment, reason: str, by: Principal, at: datetime, version: int | None = None
) -> Commitment:
    """Give a draft up; its assets may count for another commitment."""
    locked = lock_commitment(commitment, version=version)
    check_can_keep_commitments(by, to="withdraw a commitment")
    locked.status = follow_table(locked, "withdraw")
    locked.end_reason = require_words(reason, field="reason", says="Say why the draft is given up.")
    locked.ended_at = at
    save_version(locked, "status", "end_reason", "ended_at")
    locked.assets.filter(is_counted=True).update(is_counted=False)
    record(subject=locked, verb="commitment.withdrawn", says=f"Withdrew the draft: {locked.end_reason}", by=by, at=at)
    return locked
