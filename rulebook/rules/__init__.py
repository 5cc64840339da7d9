"""
The rules as pure functions: facts and an edition in, a determination out.

Nothing here touches a database, a clock, a setting or a file, and nothing here imports Django.
"""

from rulebook.rules.answers import Determination, Reason
from rulebook.rules.blocks import EditionError, unsourced
from rulebook.rules.catalogue import Catalogue, CatalogueError, Chip, Country, Figure, compile_catalogue
from rulebook.rules.comparison import Difference, compare_editions, describe
from rulebook.rules.compiling import compile_edition
from rulebook.rules.determination import determine
from rulebook.rules.editions import (
    AnyOf,
    CountryRule,
    CountryStatus,
    DatedStatus,
    DeclaredFact,
    Edition,
    Exemption,
    Kind,
    Limit,
    OpenPoint,
    Requirement,
    RequirementWords,
    Sourced,
    Tier,
    Unit,
    choose_edition,
)
from rulebook.rules.facts import BadFacts, Counts, Facts, Item, Problem, restore_facts
from rulebook.rules.parsing import parse_facts
from rulebook.rules.replay import replay
from rulebook.rules.supplements import Row, Supplement, compile_supplement, in_order

__all__ = [
    "AnyOf",
    "BadFacts",
    "Catalogue",
    "CatalogueError",
    "Chip",
    "Counts",
    "Country",
    "CountryRule",
    "CountryStatus",
    "DatedStatus",
    "DeclaredFact",
    "Determination",
    "Difference",
    "Edition",
    "EditionError",
    "Exemption",
    "Facts",
    "Figure",
    "Item",
    "Kind",
    "Limit",
    "OpenPoint",
    "Problem",
    "Reason",
    "Requirement",
    "RequirementWords",
    "Row",
    "Sourced",
    "Supplement",
    "Tier",
    "Unit",
    "choose_edition",
    "compare_editions",
    "compile_catalogue",
    "compile_edition",
    "compile_supplement",
    "describe",
    "determine",
    "in_order",
    "parse_facts",
    "replay",
    "restore_facts",
    "unsourced",
]
