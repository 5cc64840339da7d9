"""Reading the YAML in which editions and catalogues are written."""

import re
from collections.abc import Hashable
from fractions import Fraction
from typing import Any

import yaml


class _UniqueKeys(yaml.CSafeLoader):
    """
    A loader that refuses a key written twice: otherwise the second value of a rule would win in silence.
    """

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Hashable, Any]:
        mapping: dict[Hashable, Any] = super().construct_mapping(node, deep=deep)
        if len(mapping) != len(node.value):
            raise yaml.constructor.ConstructorError(
                "while reading a block", node.start_mark, "a key is written twice", node.start_mark
            )
        return mapping


# YAML 1.1 reads on, off, yes and NO as truth values; here NO is Norway, and only true and false are truth
# values.
_UniqueKeys.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:bool"]
    for first, resolvers in yaml.CSafeLoader.yaml_implicit_resolvers.items()
}
_UniqueKeys.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"^(?:true|false)$"), list("tf"))


def read_yaml(text: str) -> Any:
    """The content of a YAML text. Raises ValueError, in words, when it is not YAML or repeats a key."""
    try:
        return yaml.load(text, Loader=_UniqueKeys)
    except yaml.YAMLError as error:
        raise ValueError(f"not readable as YAML: {error}") from error


def exact(number: int | float) -> int | Fraction:
    """A written figure as an exact number: 20919.2 means 209192/10, not the nearest binary fraction."""
    if type(number) is int:
        return number
    fraction = Fraction(str(number))
    return fraction.numerator if fraction.denominator == 1 else fraction


def plain(number: int | Fraction) -> int | float:
    """An exact figure as JSON writes it."""
    return number if type(number) is int else float(number)


def figure(number: int | Fraction) -> str:
    """A figure inside a sentence: 20,919.2."""
    return f"{plain(number):,}"
