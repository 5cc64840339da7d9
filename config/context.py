"""What every page knows: whether this is the demonstration, the marking, and what waits in the inbox."""

from collections.abc import Callable
from functools import cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest

from deadlines.selectors import count_unread

MARKING = "Protected from disclosure: 50 USC 4820(h)"
BANNER = "Demonstration. An unofficial reading of a draft withdrawn on March 13, 2026. Not law, not a government site."


def site(request: HttpRequest) -> dict[str, Any]:
    """The context of every page. The inbox is counted only when a page shows the count, and then once."""
    return {
        "demonstration": settings.DEMONSTRATION,
        "demonstration_banner": BANNER,
        "marking_words": MARKING,
        "unread_count": _unread_counter(request),
    }


def _unread_counter(request: HttpRequest) -> Callable[[], int]:
    @cache
    def count() -> int:
        user = getattr(request, "user", None)
        if user is None or not user.is_authenticated:
            return 0
        return count_unread(user)

    return count
