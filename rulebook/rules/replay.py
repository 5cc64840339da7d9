"""Proving that a stored answer still follows from its facts under its edition."""

from collections.abc import Mapping
from typing import Any

from rulebook.rules.catalogue import Country
from rulebook.rules.compiling import compile_edition
from rulebook.rules.determination import determine
from rulebook.rules.facts import restore_facts


def replay(stored_facts: Mapping[str, Any], edition_text: str, countries: Mapping[str, Country]) -> str:
    """
    The canonical JSON of the answer to stored facts (`Facts.as_dict`) under the text of an edition.

    The stored facts hold the chip figures that were used then, so that a corrected catalogue changes no past
    answer. `countries` gives the names that the sentences use. Raises BadFacts or EditionError when what was
    stored is damaged.
    """
    return determine(restore_facts(stored_facts), compile_edition(edition_text, countries)).as_json()
