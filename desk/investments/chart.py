"""The four amounts against the plan over time, as lines that are worked out here; the page draws them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from investments.rules import write_units
from investments.selectors import CommitmentPage

WIDTH, HEIGHT = 400, 160


@dataclass(frozen=True, slots=True)
class Line:
    """One amount: its points in the picture, and what it came to."""

    name: str
    label: str
    points: str
    total: str


@dataclass(frozen=True, slots=True)
class Row:
    """A day of the table beside the picture."""

    on: date
    is_today: bool
    # What each amount is called, and how much it is.
    cells: list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Chart:
    """The picture with its scale, and the table that says the same."""

    lines: list[Line]
    most: str
    first: date
    last: date
    today: float | None
    rows: list[Row]
    labels: list[str]


def draw_chart(page: CommitmentPage, today: date) -> Chart:
    """The plan and the four amounts in the commitment's unit, each for itself."""
    commitment = page.commitment
    series: list[tuple[str, str, list[tuple[date, int]]]] = [("plan", "Planned", page.planned)]
    series += [(each.kind, each.label, each.points) for each in page.charted]
    days = [on for _, _, points in series for on, _ in points]
    first = min([commitment.starts_on, *days])
    last = max([commitment.ends_on, *days])
    most = max([commitment.target, *(units for _, _, points in series for _, units in points)])
    span = max((last - first).days, 1)

    def across(on: date) -> float:
        return round((on - first).days / span * WIDTH, 1)

    lines = []
    for name, label, points in series:
        # What is planned goes on to the end; what happened ends today.
        until = last if name == "plan" else max(min(today, last), first)
        lines.append(
            Line(
                name=name,
                label=label,
                points=_steps(points, across, until=until, most=most),
                total=write_units(points[-1][1] if points else 0, commitment.unit),
            )
        )
    shown = sorted({*(on for on, _ in page.planned), first, *([today] if first <= today <= last else [])})
    rows = [
        Row(
            on=on,
            is_today=on == today,
            cells=[
                (label, write_units(_at(points, on), commitment.unit) if name == "plan" or on <= today else "—")
                for name, label, points in series
            ],
        )
        for on in shown
    ]
    return Chart(
        lines=lines,
        most=write_units(most, commitment.unit),
        first=first,
        last=last,
        today=across(today) if first <= today <= last else None,
        rows=rows,
        labels=[label for _, label, _ in series],
    )


def _at(points: Sequence[tuple[date, int]], on: date) -> int:
    standing = 0
    for day, units in points:
        if day <= on:
            standing = units
    return standing


def _steps(points: Sequence[tuple[date, int]], across: Callable[[date], float], *, until: date, most: int) -> str:
    """Level until the next day on which it changes, then up or down: amounts do not grow between entries."""
    drawn, level = [f"0,{HEIGHT}"], float(HEIGHT)
    for on, units in points:
        x = across(on)
        drawn.append(f"{x},{level}")
        level = round(HEIGHT - units / most * HEIGHT, 1)
        drawn.append(f"{x},{level}")
    drawn.append(f"{across(until)},{level}")
    return " ".join(drawn)
