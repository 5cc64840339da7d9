"""What every page knows: whether this is the demonstration, the marking, and what waits in the inbox."""

from collections.abc import Callable
from functools import cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest

from accounts.views import home_of
from deadlines.selectors import count_unread

MARKING = "Protected from disclosure: 50 USC 4820(h)"
BANNER = "Demonstration. An unofficial reading of a draft withdrawn on March 13, 2026. Not law, not a government site."


def site(request: HttpRequest) -> dict[str, Any]:
    """The context of every page. What needs a query is asked only by a page that shows it, and then once."""
    return {
        "demonstration": settings.DEMONSTRATION,
        "demonstration_banner": BANNER,
        "marking_words": MARKING,
        "unread_count": _unread_counter(request),
        "own_home": _home_finder(request),
    }


def _unread_counter(request: HttpRequest) -> Callable[[], int]:
    @cache
    def count() -> int:
        user = getattr(request, "user", None)
        if user is None or not user.is_authenticated:
            return 0
        return count_unread(user)

    return count


def _home_finder(request: HttpRequest) -> Callable[[], str]:
    @cache
    def find() -> str:
        """Where this person works; the front door for somebody who has no face or is not signed in."""
        user = getattr(request, "user", None)
        return home_of(user) if user is not None and user.is_authenticated else "/"

    return find
