"""Editions and the catalogue, compiled once and kept."""

from dataclasses import replace
from datetime import datetime
from functools import lru_cache

from django.contrib.postgres.expressions import ArraySubquery
from django.db import connection
from django.db.models import QuerySet
from django.utils import timezone

from rulebook import rules
from rulebook.models import Edition, OperatingEdition, Supplement
from rulebook.shipped import shipped_catalogue

_compiled: dict[str, rules.Edition] = {}
_compiled_supplements: dict[str, rules.Supplement] = {}
_completed: dict[tuple[str, tuple[str, ...]], rules.Edition] = {}
# The hashes of all supplements ride along with that of the edition, so that no page asks twice.
_SUPPLEMENTS = ArraySubquery(Supplement.objects.order_by("identifier").values("content_hash"))


class NoEdition(LookupError):
    """No such edition is loaded, or none operates at an instant; the message says which."""


def get_catalogue() -> rules.Catalogue:
    """All chips and countries that are known, with their figures, dates and sources."""
    return shipped_catalogue()


def list_countries() -> list[rules.Country]:
    """All countries and territories of ISO 3166-1, by name."""
    return list(_countries_by_name())


@lru_cache(maxsize=1)
def _countries_by_name() -> tuple[rules.Country, ...]:
    return tuple(sorted(get_catalogue().countries.values(), key=lambda country: country.name))


def list_editions() -> QuerySet[Edition]:
    """The loaded editions as they are kept, the earliest first, without their texts."""
    return Edition.objects.defer("content").order_by("effective_from", "identifier")


def list_supplements() -> QuerySet[Supplement]:
    """The loaded supplements as they are kept, the earliest first, without their texts."""
    return Supplement.objects.defer("content").order_by("effective_from", "identifier")


def get_edition_row(identifier: str) -> Edition:
    """The edition as it is kept. Raises NoEdition."""
    try:
        return Edition.objects.get(identifier=identifier)
    except Edition.DoesNotExist:
        raise NoEdition(f"No edition {identifier} is loaded.") from None


def get_edition(identifier: str) -> rules.Edition:
    """The edition, compiled; one small query, and the text only the first time. Raises NoEdition."""
    found = Edition.objects.filter(identifier=identifier).values_list("content_hash", _SUPPLEMENTS).first()
    if found is None:
        raise NoEdition(f"No edition {identifier} is loaded.")
    return _complete(*found)


def _complete(content_hash: str, supplements: list[str]) -> rules.Edition:
    """The edition with the supplements that were written for it."""
    key = content_hash, tuple(supplements)
    completed = _completed.get(key)
    if completed is None:
        edition = _compile(content_hash)
        fitting = rules.in_order([_compile_supplement(each) for each in supplements], edition.id)
        completed = _completed[key] = replace(edition, supplements=fitting)
    return completed


def _compile_supplement(content_hash: str) -> rules.Supplement:
    compiled = _compiled_supplements.get(content_hash)
    if compiled is None:
        text = Supplement.objects.values_list("content", flat=True).get(content_hash=content_hash)
        compiled = _compiled_supplements[content_hash] = rules.compile_supplement(text)
    return compiled


def _compile(content_hash: str) -> rules.Edition:
    # A text never changes under its hash, so what was compiled once stays true for this process.
    compiled = _compiled.get(content_hash)
    if compiled is None:
        text = Edition.objects.values_list("content", flat=True).get(content_hash=content_hash)
        compiled = _compiled[content_hash] = rules.compile_edition(text, get_catalogue().countries)
    return compiled


def get_operating_row(at: datetime) -> OperatingEdition | None:
    """Which edition was chosen to operate at an instant, by whom and why; None before the first choice."""
    return (
        OperatingEdition.objects.filter(from_at__lte=at)
        .select_related("edition")
        .defer("edition__content")
        .order_by("-from_at")
        .first()
    )


def get_operating_edition(at: datetime) -> rules.Edition:
    """
    The edition under which determinations are made at an instant.

    Before anybody has chosen one, the date decides among the loaded editions, as in `choose_edition`. Raises
    NoEdition when none covers it.
    """
    found = (
        OperatingEdition.objects.filter(from_at__lte=at)
        .order_by("-from_at")
        .values_list("edition__content_hash", _SUPPLEMENTS)
        .first()
    )
    if found is not None:
        return _complete(*found)
    loaded = {
        edition.id: edition
        for edition in (_complete(*row) for row in Edition.objects.values_list("content_hash", _SUPPLEMENTS))
    }
    # The dates of the EAR are dates in Washington, where the product's clocks are.
    chosen = rules.choose_edition(loaded, at.astimezone(timezone.get_default_timezone()).date())
    if chosen is None:
        raise NoEdition(f"No edition operates on {at:%B %-d, %Y}.")
    return chosen


_OPERATING = """SELECT e.content_hash FROM rulebook_operatingedition o JOIN rulebook_edition e ON e.id = o.edition_id
WHERE o.from_at <= %s ORDER BY o.from_at DESC LIMIT 1"""
_tiers: dict[str, tuple[tuple[str, str], ...]] = {}


def list_operating_tiers(at: datetime) -> tuple[tuple[str, str], ...]:
    """The tiers of the edition that operates at an instant, by id and title, the smallest first.

    One bare query for its hash: a page that is drawn all day asks for no more of an edition. Raises NoEdition.
    """
    with connection.cursor() as cursor:
        cursor.execute(_OPERATING, [at])
        found = cursor.fetchone()
    known = _tiers.get(found[0]) if found else None
    if known is None:
        edition = get_operating_edition(at)
        known = tuple((tier.id, tier.title) for tier in edition.tiers)
        if found:
            _tiers[found[0]] = known
    return known


def list_country_statuses(edition: rules.Edition) -> list[rules.CountryStatus]:
    """The status of every country under an edition, since when and why, by name of the country."""
    return [edition.country(country.alpha2) for country in _countries_by_name()]
