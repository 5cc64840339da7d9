"""The currencies that ship with the product, read from their file and from nothing else."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

from accounts.rules import Refused
from investments.rules import Currency

_FILE = Path(__file__).parent / "currencies.yaml"


@dataclass(frozen=True, slots=True)
class Currencies:
    """All currencies by code, and the source of the list."""

    source: str
    by_code: Mapping[str, Currency]


@cache
def shipped_currencies() -> Currencies:
    """The list of currencies with its source."""
    content = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    rows = content["currencies"].items()
    return Currencies(
        source=content["source"],
        by_code={code: Currency(code, str(row["name"]), int(row["digits"])) for code, row in rows},
    )


def find_currency(code: str) -> Currency:
    """The currency of a code of ISO 4217, however it is cased. Refused, naming the field, when it is unknown."""
    found = shipped_currencies().by_code.get(code.strip().upper())
    if found is None:
        raise Refused(
            f"“{code.strip()[:10]}” is not the code of a currency in use (ISO 4217). Enter a code of three letters, "
            "such as USD, SAR or JPY.",
            rule="investments.currency",
            field="currency",
        )
    return found
