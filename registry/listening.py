"""Who is told, inside the same transaction, when what licenses stand on falls or returns."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from accounts.rules import Principal
from registry.models import Ground, Reliance

Listener = Callable[[Ground, Sequence[Reliance], Principal, datetime], None]
_listeners: list[Listener] = []


def listen(listener: Listener) -> None:
    """Have an app above told of every ground that falls or returns, with the reliances on it.

    Registering the same function again changes nothing.
    """
    if listener not in _listeners:
        _listeners.append(listener)


def tell(ground: Ground, reliances: Sequence[Reliance], by: Principal, at: datetime) -> None:
    """Call every listener; what one of them refuses is refused for the whole act."""
    for listener in _listeners:
        listener(ground, reliances, by, at)
