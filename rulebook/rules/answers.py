"""An answer and its reasons, as the rules hand them out."""

from dataclasses import dataclass
from json.encoder import encode_basestring as _quoted
from typing import Any

from rulebook.rules.editions import AnyOf, Requirement


@dataclass(frozen=True, slots=True)
class Reason:
    """One rule that was applied, what it says about this order, and where it comes from."""

    rule: str
    says: str
    source: str


@dataclass(frozen=True, slots=True)
class Determination:
    """
    What an edition requires of an order.

    `quantity` is in whole units of the edition (`unit`), counted over `measure`. `tier` is None where no tier
    applies.
    """

    edition: str
    disposition: str
    tier: str | None
    unit: str
    measure: str
    quantity: int
    requirements: tuple[Requirement, ...]
    reasons: tuple[Reason, ...]

    def requirement_ids(self) -> frozenset[str]:
        """Every requirement named, those offered as a choice included."""
        names: set[str] = set()
        for requirement in self.requirements:
            names.update(requirement.any_of if isinstance(requirement, AnyOf) else (requirement,))
        return frozenset(names)

    def as_dict(self) -> dict[str, Any]:
        """The answer as JSON gives it, keys in their fixed order."""
        return {
            "edition": self.edition,
            "disposition": self.disposition,
            "tier": self.tier,
            "counted": {"unit": self.unit, "measure": self.measure, "quantity": self.quantity},
            "requirements": [
                {"any_of": list(entry.any_of)} if isinstance(entry, AnyOf) else entry for entry in self.requirements
            ],
            "reasons": [{"rule": entry.rule, "says": entry.says, "source": entry.source} for entry in self.reasons],
        }

    def as_json(self) -> str:
        """Canonical JSON, on one line: the same answer is always the same text."""
        # Written by hand, as the generic encoder costs more than the answer itself. A test holds the two
        # equal.
        wanted = ",".join(
            [
                '{"any_of":[' + ",".join([_quoted(name) for name in entry.any_of]) + "]}"
                if isinstance(entry, AnyOf)
                else _quoted(entry)
                for entry in self.requirements
            ]
        )
        reasons = ",".join(
            [
                f'{{"rule":{_quoted(entry.rule)},"says":{_quoted(entry.says)},"source":{_quoted(entry.source)}}}'
                for entry in self.reasons
            ]
        )
        tier = "null" if self.tier is None else _quoted(self.tier)
        return (
            f'{{"edition":{_quoted(self.edition)},"disposition":{_quoted(self.disposition)},"tier":{tier},'
            f'"counted":{{"unit":{_quoted(self.unit)},"measure":{_quoted(self.measure)},"quantity":{self.quantity}}},'
            f'"requirements":[{wanted}],"reasons":[{reasons}]}}'
        )
