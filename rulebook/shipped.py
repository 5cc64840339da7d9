"""The editions and the catalogue that ship with the product, read from their files and from nothing else."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from rulebook.rules import Catalogue, Edition, Supplement, compile_catalogue, compile_edition, compile_supplement

EDITIONS_DIR = Path(__file__).parent / "editions"
SUPPLEMENTS_DIR = Path(__file__).parent / "supplements"
CATALOGUE_DIR = Path(__file__).parent / "catalogue"
DEFAULT_EDITION = "reported-2026-03"


@cache
def shipped_catalogue() -> Catalogue:
    """All chips and countries of the shipped files. Raises CatalogueError when they contradict themselves."""
    return compile_catalogue(
        chips_text=(CATALOGUE_DIR / "chips.yaml").read_text(encoding="utf-8"),
        countries_text=(CATALOGUE_DIR / "countries.yaml").read_text(encoding="utf-8"),
    )


def edition_files() -> Mapping[str, Path]:
    """The file of every shipped edition, by the edition's identifier, which is the name of its file."""
    return {path.stem: path for path in sorted(EDITIONS_DIR.glob("*.yaml"))}


@cache
def shipped_edition(identifier: str) -> Edition:
    """
    One shipped edition, compiled. Raises KeyError for an unknown identifier, EditionError for a bad file.
    """
    return compile_edition(edition_files()[identifier].read_bytes().decode(), shipped_catalogue().countries)


def shipped_editions() -> Mapping[str, Edition]:
    """Every shipped edition, compiled, by identifier."""
    return {identifier: shipped_edition(identifier) for identifier in edition_files()}


def supplement_files() -> Mapping[str, Path]:
    """The file of every shipped supplement, by its identifier, which is the name of its file."""
    return {path.stem: path for path in sorted(SUPPLEMENTS_DIR.glob("*.yaml"))}


def shipped_supplements() -> Mapping[str, Supplement]:
    """Every shipped supplement, compiled, by identifier. Raises EditionError for a bad file."""
    return {name: compile_supplement(path.read_bytes().decode()) for name, path in supplement_files().items()}
