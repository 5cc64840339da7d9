"""Loading what comes with the product: countries and chip models."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

from django.db import transaction

from accounts.rules import Principal
from audit.operations import record
from deadlines.rules import day_of
from registry import permissions
from registry.models import ChipModel, Country
from registry.rules import normalize_model
from rulebook.rules import Catalogue
from rulebook.selectors import get_catalogue

CATALOGUE = ("registry.catalogue", "reference")


@dataclass(frozen=True, slots=True)
class Loaded:
    """How many rows a load added or changed; all zero when everything was there."""

    countries: int
    chip_models: int


@transaction.atomic
def load_reference(*, by: Principal, at: datetime, catalogue: Catalogue | None = None) -> Loaded:
    """Bring countries and chip models in line with the rulebook's catalogue; loading again changes nothing.

    A chip whose figures differ from those last loaded gets a new row, dated on the day of loading; what earlier
    decisions were taken under stays. Raises NotPermitted unless the system or an administrator asks.
    """
    permissions.check_can_load_reference(by)
    catalogue = catalogue or get_catalogue()
    loaded = Loaded(countries=_load_countries(catalogue), chip_models=_load_chips(catalogue, day_of(at)))
    if loaded.countries or loaded.chip_models:
        record(
            subject=CATALOGUE,
            verb="reference_loaded",
            says=f"Loaded {loaded.countries} countries and {loaded.chip_models} chip models.",
            by=by,
            at=at,
            data={
                "countries": loaded.countries,
                "chip_models": loaded.chip_models,
                "countries_as_of": catalogue.countries_as_of,
                "chips_as_of": catalogue.chips_as_of,
            },
        )
    return loaded


def _load_countries(catalogue: Catalogue) -> int:
    there = {country.pk: country for country in Country.objects.all()}
    wanted = [
        Country(alpha2=country.alpha2, alpha3=country.alpha3, numeric=country.numeric, name=country.name)
        for country in catalogue.countries.values()
    ]
    changed = [
        country
        for country in wanted
        if country.pk not in there
        or (there[country.pk].alpha3, there[country.pk].numeric, there[country.pk].name)
        != (country.alpha3, country.numeric, country.name)
    ]
    Country.objects.bulk_create(
        changed,
        update_conflicts=True,
        unique_fields=["alpha2"],
        update_fields=["alpha3", "numeric", "name"],
    )
    return len(changed)


def _decimal(value: int | Fraction) -> Decimal:
    fraction = Fraction(value)
    return (Decimal(fraction.numerator) / Decimal(fraction.denominator)).quantize(Decimal("0.001"))


def _load_chips(catalogue: Catalogue, today: date) -> int:
    latest: dict[str, ChipModel] = {}
    for row in ChipModel.objects.order_by("from_on"):
        latest[row.key] = row
    added = []
    for chip in catalogue.chips.values():
        row = ChipModel(
            name=chip.name,
            key=normalize_model(chip.name),
            maker=chip.maker,
            tpp=_decimal(chip.tpp.value),
            memory_bandwidth_gbs=_decimal(chip.memory_bandwidth_gbs.value),
            as_of=chip.as_of,
            source=f"TPP: {chip.tpp.source}. Memory bandwidth: {chip.memory_bandwidth_gbs.source}.",
            confidence=chip.confidence,
            from_on=chip.as_of,
        )
        last = latest.get(row.key)
        if last is not None:
            if _figures(last) == _figures(row):
                continue
            # Two loads on one day differ by a day, so that the later one counts.
            row.from_on = max(today, last.from_on + timedelta(days=1))
        added.append(row)
    ChipModel.objects.bulk_create(added)
    return len(added)


def _figures(row: ChipModel) -> tuple[str, str, Decimal, Decimal]:
    return row.name, row.maker, Decimal(row.tpp), Decimal(row.memory_bandwidth_gbs)
