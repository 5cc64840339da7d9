"""Facts as they come in: read strictly, with every problem named by its field and in words."""

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from rulebook.rules.catalogue import Catalogue
from rulebook.rules.editions import Edition
from rulebook.rules.facts import BadFacts, Counts, Facts, Item, Problem
from rulebook.rules.sources import exact

# More chips than were ever made: a typing error is refused before it reaches a ledger.
LARGEST_COUNT = 1_000_000_000

_TOP_KEYS = frozenset({"destination", "end_user", "items", "installation", "group_in_country"})
_END_USER_KEYS = frozenset({"headquarters", "ultimate_parent_headquarters"})
_COUNT_KEYS = frozenset({"installed", "licensed", "pending"})
_COUNTED_KEYS = frozenset({"kind", "model", "quantity", "tpp", "memory_bandwidth_gbs"})
_OTHER_KEYS = frozenset({"kind", "model", "quantity"})
_NO_COUNTS = Counts()


def parse_facts(mapping: object, edition: Edition, catalogue: Catalogue) -> Facts:
    """
    The facts in a mapping as JSON gives it, checked against what the edition reads and the catalogue knows.

    `destination` and headquarters are ISO 3166 alpha-2 codes; omitted headquarters mean unknown. A quantity
    is a whole number of chips, at least 1. `installation` and `group_in_country` are whole numbers in the
    unit of the edition (an edition that counts in equivalents reads them as equivalents); omitted ones are 0.
    A chip that the catalogue does not know brings its own `tpp` and `memory_bandwidth_gbs` (GB/s). For a chip
    that it knows, the catalogue wins.

    Raises BadFacts with every problem found, not only the first.
    """
    if not isinstance(mapping, dict):
        raise BadFacts([Problem("facts", f"must be a JSON object, not {_told(mapping)}")])
    problems: list[Problem] = []
    declared = _declared(mapping, edition, problems)
    countries = catalogue.countries
    destination: Any = mapping.get("destination")
    if type(destination) is not str or destination not in countries:
        _bad_country(problems, "destination", destination, catalogue)
    headquarters = parent = None
    end_user = mapping.get("end_user", _EMPTY)
    if type(end_user) is not dict:
        problems.append(Problem("end_user", f"must be an object, not {_told(end_user)}"))
    elif end_user:
        if not end_user.keys() <= _END_USER_KEYS:
            _unknown(problems, "end_user.", end_user, _END_USER_KEYS)
        headquarters = end_user.get("headquarters")
        if headquarters is not None and (type(headquarters) is not str or headquarters not in countries):
            _bad_country(problems, "end_user.headquarters", headquarters, catalogue)
        parent = end_user.get("ultimate_parent_headquarters")
        if parent is not None and (type(parent) is not str or parent not in countries):
            _bad_country(problems, "end_user.ultimate_parent_headquarters", parent, catalogue)
    lines = mapping.get("items")
    items: list[Item] = []
    if type(lines) is not list or not lines:
        problems.append(Problem("items", _no_items("items" in mapping, lines)))
    else:
        for position, line in enumerate(lines):
            item = _item(line, position, edition, catalogue, problems)
            if item is not None:
                items.append(item)
    installation = _counts(mapping, "installation", problems)
    group = _counts(mapping, "group_in_country", problems)
    if problems:
        raise BadFacts(problems)
    return Facts(destination, headquarters, parent, tuple(items), installation, group, declared)


_EMPTY: dict[str, Any] = {}
_NOTHING_DECLARED: frozenset[str] = frozenset()


def _declared(mapping: Mapping[str, Any], edition: Edition, problems: list[Problem]) -> frozenset[str]:
    if mapping.keys() <= _TOP_KEYS:
        return _NOTHING_DECLARED
    true: list[str] = []
    for name, value in mapping.items():
        if name in _TOP_KEYS:
            continue
        if name not in edition.facts:
            _unknown(problems, "", {name: value}, _TOP_KEYS | edition.facts.keys())
        elif value is True:
            true.append(name)
        elif value is not False:
            problems.append(Problem(name, f"must be true or false, not {_told(value)}"))
    return frozenset(true)


def _item(line: Any, position: int, edition: Edition, catalogue: Catalogue, problems: list[Problem]) -> Item | None:
    if type(line) is not dict:
        problems.append(Problem(f"items[{position}]", f"must be an object, not {_told(line)}"))
        return None
    before = len(problems)
    kind: Any = line.get("kind")
    treated = edition.kinds.get(kind) if type(kind) is str else None
    if treated is None:
        kinds = " or ".join(f"“{name}”" for name in edition.kinds)
        missing = "is missing; it" if kind is None else f"is {_told(kind)}; it"
        problems.append(Problem(f"items[{position}].kind", f"{missing} must be {kinds}"))
        return None
    counted = treated.treatment == "counted"
    keys = _COUNTED_KEYS if counted else _OTHER_KEYS
    if not line.keys() <= keys:
        _unknown(problems, f"items[{position}].", line, keys)
    quantity: Any = line.get("quantity", None if counted else 0)
    if (counted or "quantity" in line) and (type(quantity) is not int or not 1 <= quantity <= LARGEST_COUNT):
        _bad_quantity(problems, f"items[{position}].quantity", quantity, present="quantity" in line)
    model: Any = line.get("model", None if counted else "")
    if type(model) is not str or (counted and not model.strip()):
        told = (
            "is missing: give the model of the chip" if "model" not in line else f"must be a name, not {_told(model)}"
        )
        problems.append(Problem(f"items[{position}].model", told))
        return None
    if not model.isprintable():
        problems.append(Problem(f"items[{position}].model", "holds characters that cannot be shown"))
    if not counted:
        return Item(kind, model, quantity) if len(problems) == before else None
    chip = catalogue.find_chip(model)
    if chip is not None:
        if "tpp" not in line and "memory_bandwidth_gbs" not in line:
            if len(problems) != before:
                return None
            return Item(
                kind,
                chip.name,
                quantity,
                chip.tpp.value,
                chip.memory_bandwidth_gbs.value,
                "catalogue",
            )
        tpp = _own_figure(line, position, "tpp", problems)
        bandwidth = _own_figure(line, position, "memory_bandwidth_gbs", problems)
        if len(problems) != before:
            return None
        return Item(
            kind,
            chip.name,
            quantity,
            chip.tpp.value,
            chip.memory_bandwidth_gbs.value,
            "catalogue",
            tpp,
            bandwidth,
        )
    for name in ("tpp", "memory_bandwidth_gbs"):
        if line.get(name) is None:
            problems.append(
                Problem(
                    f"items[{position}].model",
                    f"“{model}” is not in the catalogue of chips; give its own figures: `{name}` is missing",
                )
            )
    tpp = _own_figure(line, position, "tpp", problems)
    bandwidth = _own_figure(line, position, "memory_bandwidth_gbs", problems)
    if len(problems) != before:
        return None
    return Item(kind, " ".join(model.split()), quantity, tpp, bandwidth, "declared")


def _own_figure(line: Mapping[str, Any], position: int, name: str, problems: list[Problem]) -> int | Fraction | None:
    value: Any = line.get(name)
    if value is None and name not in line:
        return None
    # The upper end also refuses infinity and, by not being above 0, not-a-number.
    if type(value) not in (int, float) or not 0 < value <= LARGEST_COUNT:
        problems.append(
            Problem(
                f"items[{position}].{name}",
                f"must be a number above 0 and at most 1,000,000,000, not {_told(value)}",
            )
        )
        return None
    return exact(value)


def _counts(mapping: Mapping[str, Any], name: str, problems: list[Problem]) -> Counts:
    block = mapping.get(name, _EMPTY)
    if type(block) is not dict:
        problems.append(Problem(name, f"must be an object, not {_told(block)}"))
        return _NO_COUNTS
    if not block:
        return _NO_COUNTS
    if not block.keys() <= _COUNT_KEYS:
        _unknown(problems, f"{name}.", block, _COUNT_KEYS)
    installed = block.get("installed", 0)
    licensed = block.get("licensed", 0)
    pending = block.get("pending", 0)
    if type(installed) is type(licensed) is type(pending) is int:
        if installed == licensed == pending == 0:
            return _NO_COUNTS
        if min(installed, licensed, pending) >= 0 and max(installed, licensed, pending) <= LARGEST_COUNT:
            return Counts(installed, licensed, pending)
    for key, value in (("installed", installed), ("licensed", licensed), ("pending", pending)):
        if type(value) is not int or not 0 <= value <= LARGEST_COUNT:
            problems.append(
                Problem(f"{name}.{key}", f"must be a whole number from 0 to 1,000,000,000, not {_told(value)}")
            )
    return _NO_COUNTS


def _bad_quantity(problems: list[Problem], path: str, value: Any, *, present: bool) -> None:
    if not present:
        problems.append(Problem(path, "is missing: give a whole number, at least 1"))
    else:
        problems.append(
            Problem(path, f"must be a whole number, at least 1 and at most 1,000,000,000, not {_told(value)}")
        )


def _bad_country(problems: list[Problem], path: str, value: Any, catalogue: Catalogue) -> None:
    if value is None:
        says = "is missing: give the country as a two-letter code of ISO 3166"
    elif type(value) is str and value.strip().upper() in catalogue.countries:
        says = f"is {_told(value)}; write the code as “{value.strip().upper()}”"
    else:
        says = f"is {_told(value)}, which is not a two-letter country code of ISO 3166"
    problems.append(Problem(path, says))


def _no_items(present: bool, lines: Any) -> str:
    if not present:
        return "is missing: give a list with at least one line"
    if lines == []:
        return "is empty: give at least one line"
    return f"must be a list of lines, not {_told(lines)}"


def _unknown(problems: list[Problem], prefix: str, block: Mapping[str, Any], known: frozenset[str] | set[str]) -> None:
    for name in block:
        if name not in known:
            listed = ", ".join(sorted(known))
            problems.append(Problem(f"{prefix}{name}", f"is not a field that this edition reads; it reads {listed}"))


def _told(value: Any) -> str:
    """A value as a person would name it in a sentence."""
    if value is None:
        return "nothing (null)"
    if value is True or value is False:
        return "true" if value else "false"
    if isinstance(value, str):
        shown = value if len(value) <= 40 else value[:37] + "…"
        return f"the text “{shown}”" if shown else "an empty text"
    if isinstance(value, dict):
        return "an object"
    if isinstance(value, list):
        return "a list"
    if isinstance(value, int):
        # Turning a very long number into text takes long, and Python refuses it beyond 4,300 digits.
        return str(value) if value.bit_length() <= 128 else "a number that long"
    return str(value)
