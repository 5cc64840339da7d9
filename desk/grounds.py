"""What a requirement or a license stands on, in words and with the page that shows it."""

from collections.abc import Iterable
from dataclasses import dataclass

from accounts.rules import Principal
from licensing.rules import GroundState
from licensing.selectors import GroundLine
from registry.models import Hold
from registry.permissions import can_lift_hold

# Where the desk shows what a track holds.
ADDRESSES = {
    "assurances.instrument": "/desk/assurances/{}/",
    "inspections.installation": "/desk/visits/?installation={}",
    "investments.commitment": "/desk/commitments/{}/",
}
# A word for each state, and its shape (config/tones.py).
STATES: dict[GroundState, tuple[str, str]] = {
    "standing": ("Stands", "done"),
    "ending": ("Ends soon", "attention"),
    "ended": ("Has ended", "stopped"),
    "fallen": ("No longer stands", "stopped"),
}


@dataclass(frozen=True, slots=True)
class GroundWords:
    """A ground as a page shows it: a word with a shape, the link, its sentence, and what would help."""

    ground: GroundLine
    label: str
    tone: str
    url: str
    would: str


def address_of(kind: str, subject_id: str) -> str:
    """Where the desk shows what something stands on; empty where it has no page."""
    return ADDRESSES[kind].format(subject_id) if kind in ADDRESSES else ""


def tell_ground(ground: GroundLine, *, needed_by: str) -> GroundWords:
    """A ground in words; `needed_by` is what stands on it: “the requirement” or “the license”."""
    label, tone = STATES[ground.state]
    return GroundWords(
        ground=ground,
        label=label,
        tone=tone,
        url=address_of(ground.kind, ground.subject_id),
        would=_tell_what_would(ground, needed_by),
    )


def _tell_what_would(ground: GroundLine, needed_by: str) -> str:
    match ground.state:
        case "ending":
            return f"Unless it is renewed, {needed_by} needs other evidence from that day on."
        case "ended":
            return f"Only a renewal, or other evidence, carries {needed_by} again."
        case "fallen":
            return f"When it stands again, or other evidence is chosen, {needed_by} is carried again."
    return ""


@dataclass(frozen=True, slots=True)
class HoldWords:
    """A hold with what lifts it: the object whose return does, and whether this person can by hand."""

    hold: Hold
    lifts_url: str
    lifts_title: str
    may_lift: bool


def tell_holds(holds: Iterable[Hold], by: Principal) -> list[HoldWords]:
    """Holds as pages show them; each is read with its ground."""
    return [
        HoldWords(
            hold=hold,
            lifts_url=address_of(hold.ground.kind, hold.ground.subject_id) if hold.ground else "",
            lifts_title=hold.ground.title if hold.ground else "",
            may_lift=can_lift_hold(by, hold=hold),
        )
        for hold in holds
    ]
