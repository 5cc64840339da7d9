"""What a requirement or a license stands on, as pages list it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import F
from django.db.models.functions import JSONObject

from licensing.rules import GroundState, ground_state
from registry.models import Ground
from rulebook.rules import Edition

INSTRUMENT = "assurances.instrument"
# An object that a requirement stands on is marked from as many days before its end as an instrument is.
SOON = "assurances.expiring_days"
# A ground inside another row's JSON, by the path to it.
_FIELDS = ("id", "kind", "subject_id", "title", "stands", "says", "until")


@dataclass(frozen=True, slots=True)
class GroundLine:
    """An instrument, a visit or a commitment that something stands on, and how it reads at an instant."""

    kind: str
    subject_id: str
    title: str
    says: str
    until: datetime | None
    state: GroundState

    @property
    def stands(self) -> bool:
        """Whether what stands on it can rely on it now."""
        return self.state in ("standing", "ending")


def ground_json(path: str = "ground") -> JSONObject:
    """A ground as JSON beside the row that names it; `read_ground` reads it."""
    return JSONObject(**{name: F(f"{path}__{name}") for name in _FIELDS})


def read_ground(given: Mapping[str, Any] | Ground, *, at: datetime, edition: Edition | None) -> GroundLine:
    """A ground as it reads at an instant, from its row or from `ground_json`."""
    values = {name: getattr(given, name) for name in _FIELDS} if isinstance(given, Ground) else dict(given)
    until = values["until"]
    if isinstance(until, str):
        until = datetime.fromisoformat(until)
    soon = int(edition.value(SOON)) if edition else 0
    return GroundLine(
        kind=values["kind"],
        subject_id=values["subject_id"],
        title=values["title"],
        says=values["says"],
        until=until,
        state=ground_state(stands=values["stands"], until=until, at=at, soon_days=soon),
    )
