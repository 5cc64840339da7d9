"""Chips and countries: the facts about the world that an order's facts refer to."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import Any

from rulebook.rules.sources import exact, read_yaml


class CatalogueError(ValueError):
    """A catalogue file that contradicts itself; the message says where."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure with the source it was taken from."""

    value: int | Fraction
    source: str


@dataclass(frozen=True, slots=True)
class Chip:
    """
    One accelerator. TPP as in ECCN 3A090 of 15 CFR Part 774, bandwidth in GB/s, area in square millimeters.
    """

    name: str
    maker: str
    aliases: tuple[str, ...]
    tpp: Figure
    memory_bandwidth_gbs: Figure
    die_area_mm2: Figure | None
    performance_density: Figure | None
    as_of: date
    confidence: str
    note: str


@dataclass(frozen=True, slots=True)
class Country:
    """One country or territory of ISO 3166-1; `sentence` is its name inside a sentence."""

    alpha2: str
    alpha3: str
    numeric: str
    name: str
    sentence: str


def _key(name: str) -> str:
    return "".join(name.split()).casefold()


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All chips and countries that are known, found by name or code."""

    chips: Mapping[str, Chip]
    countries: Mapping[str, Country]
    chips_as_of: date
    countries_as_of: date
    _chip_by_key: Mapping[str, Chip] = field(repr=False)

    def find_chip(self, name: str) -> Chip | None:
        """The chip of this name, case and spaces aside, with or without its maker's name."""
        chip = self.chips.get(name)
        return chip if chip is not None else self._chip_by_key.get(_key(name))


def _figure(entry: Mapping[str, Any], name: str) -> Figure | None:
    block = entry.get(name)
    if block is None:
        return None
    value = block["value"]
    if type(value) not in (int, float) or not value > 0:
        raise CatalogueError(f"{entry['name']}: {name} must be a number above 0, not {value!r}")
    return Figure(value=exact(value), source=block["source"])


def _required(entry: Mapping[str, Any], name: str) -> Figure:
    found = _figure(entry, name)
    if found is None:
        raise CatalogueError(f"{entry['name']}: {name} is missing")
    return found


def compile_catalogue(*, chips_text: str, countries_text: str) -> Catalogue:
    """
    The catalogue written in two YAML texts.

    Raises CatalogueError when a figure is missing or not above 0, when one name means two chips, or when a
    country code is written twice.
    """
    chips: dict[str, Chip] = {}
    by_key: dict[str, Chip] = {}
    chips_file = read_yaml(chips_text)
    for entry in chips_file["chips"]:
        chip = Chip(
            name=entry["name"],
            maker=entry["maker"],
            aliases=tuple(entry.get("aliases", ())),
            tpp=_required(entry, "tpp"),
            memory_bandwidth_gbs=_required(entry, "memory_bandwidth_gbs"),
            die_area_mm2=_figure(entry, "die_area_mm2"),
            performance_density=_figure(entry, "performance_density"),
            as_of=entry["as_of"],
            confidence=entry["confidence"],
            note=entry.get("note", ""),
        )
        for name in (chip.name, *chip.aliases):
            for spelled in (name, f"{chip.maker} {name}"):
                other = by_key.setdefault(_key(spelled), chip)
                if other is not chip:
                    raise CatalogueError(f"“{spelled}” means both {other.name} and {chip.name}")
        chips[chip.name] = chip
    countries: dict[str, Country] = {}
    countries_file = read_yaml(countries_text)
    for entry in countries_file["countries"]:
        country = Country(
            alpha2=entry["alpha2"],
            alpha3=entry["alpha3"],
            numeric=entry["numeric"],
            name=entry["name"],
            sentence=entry.get("sentence", entry["name"]),
        )
        if country.alpha2 in countries:
            raise CatalogueError(f"the country code {country.alpha2} is written twice")
        countries[country.alpha2] = country
    return Catalogue(
        chips=chips,
        countries=countries,
        chips_as_of=chips_file["as_of"],
        countries_as_of=countries_file["as_of"],
        _chip_by_key=by_key,
    )
