"""The score of a place as a target: what is known of it, and the points that the edition gives for that."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from inspections.statuses import Rating


@dataclass(frozen=True, slots=True)
class TargetFacts:
    """What is known of a place when targets are chosen. Years are whole ones."""

    # The tier of the largest license or case, or of all chips counted there; empty below the smallest.
    tier: str
    tier_title: str
    country_status: str
    last_rating: str
    years_since_visit: int | None
    screening_holds: int
    anomalies: int


@dataclass(frozen=True, slots=True)
class PointsPart:
    """Some points of a score and what they count."""

    id: str
    title: str
    points: int
    says: str


@dataclass(frozen=True, slots=True)
class TierBand:
    """A tier of the edition: from how many chips on, and up to how many (None without end)."""

    id: str
    title: str
    lowest: int
    highest: int | None


def tier_of(count: int, bands: Sequence[TierBand]) -> TierBand | None:
    """The tier that so many chips fall into, or None below the smallest."""
    return next(
        (band for band in bands if band.lowest <= count and (band.highest is None or count <= band.highest)), None
    )


def score_target(facts: TargetFacts, weights: Mapping[str, int], titles: Mapping[str, str]) -> list[PointsPart]:
    """The points of a place one by one, also those that are zero, so that a reader sees what was looked at.

    `weights` and `titles` are the edition's rows by id. What it gives no points for counts nothing.
    """
    history = f"party_history.{facts.last_rating or 'never_visited'}"
    rated = f"Last rated {Rating(facts.last_rating).label.lower()}" if facts.last_rating else "Never visited"
    years = facts.years_since_visit
    return [
        _one(f"tier.{facts.tier}", weights, titles, facts.tier_title or "Below the smallest tier", "tier.small"),
        _one(
            f"country.{facts.country_status}",
            weights,
            titles,
            facts.country_status.replace("_", " ").capitalize(),
            "country.restricted",
        ),
        _one(history, weights, titles, rated, "party_history.never_visited"),
        _several("screening", facts.screening_holds, weights, titles, "open holds for a match"),
        _several("monitoring", facts.anomalies, weights, titles, "anomalies and missing reports"),
        _several("last_visit", years or 0, weights, titles, "whole years" if years is not None else "no visit before"),
    ]


def _one(name: str, weights: Mapping[str, int], titles: Mapping[str, str], says: str, like: str) -> PointsPart:
    return PointsPart(name, titles.get(name) or titles.get(like, name), weights.get(name, 0), says)


def _several(name: str, count: int, weights: Mapping[str, int], titles: Mapping[str, str], unit: str) -> PointsPart:
    each, most = weights.get(f"{name}.each", 0), weights.get(f"{name}.most", 0)
    return PointsPart(name, titles.get(f"{name}.each", name), min(count * each, most), f"{count} {unit}")


def total_of(parts: Sequence[PointsPart]) -> int:
    """The score."""
    return sum(part.points for part in parts)
