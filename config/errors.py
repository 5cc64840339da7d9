"""What a person or a program reads when something cannot be done: an explanation, never a stack trace.

Pages get templates/errors/*.html; addresses under /api/ get a problem document (RFC 9457); a part of a page
that was asked for by htmx gets the panel alone, which appears among the page's messages.
"""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string

from accounts.permissions import NotPermitted
from accounts.rules import Refused, Stale
from accounts.views import home_of
from config.context import BANNER

API_PREFIX = "/api/"
FACES = ("portal", "desk", "oversight")

ASK = "The owner of this service. Tell them the address of the page and the time."


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400: the request itself cannot be read."""
    return _explain(
        request,
        status=400,
        title="This request cannot be read",
        why="The address or the form that your browser sent is damaged or incomplete.",
        change="Go back, load the page again and repeat the step.",
        ask=ASK,
    )


def not_permitted(request: HttpRequest, exception: Exception) -> HttpResponse:
    """403: the reason that the permission gave, as it stands."""
    why = (
        exception.reason if isinstance(exception, NotPermitted) else ("Your account has no role that opens this page.")
    )
    return _explain(
        request,
        status=403,
        title="You may not do this",
        why=why,
        change="" if isinstance(exception, NotPermitted) else "A role that covers this work.",
        ask="The administrator of your organization, who grants and revokes roles.",
    )


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404: the same answer whether there is nothing here or it belongs to somebody else."""
    return _explain(
        request,
        status=404,
        title="There is no page here for you",
        why="The address is mistyped, what it named is gone, or it belongs to another organization.",
        change="Check the number or the address, or start from your home page.",
        ask=ASK,
    )


def server_error(request: HttpRequest) -> HttpResponse:
    """500: our fault, said without detail. Needs neither the database nor a session."""
    if request.path.startswith(API_PREFIX):
        return _problem(status=500, title="The service failed", detail="Nothing was changed. The failure is logged.")
    return HttpResponse(
        render_to_string("errors/500.html", {"demonstration_banner": BANNER if settings.DEMONSTRATION else ""}),
        status=500,
    )


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403 of the protection against forged forms: almost always a page that stayed open too long."""
    return _explain(
        request,
        status=403,
        template="errors/csrf.html",
        title="This form could not be accepted",
        why="The page was open too long, you signed in or out elsewhere, or your browser keeps no cookies.",
        change="Go back, load the page again and send it once more. Nothing was changed.",
        ask=ASK,
    )


def locked_out(
    request: HttpRequest, original_response: HttpResponse | None = None, credentials: dict[str, Any] | None = None
) -> HttpResponse:
    """429: too many sign-ins failed in a row for one account from one place (called by django-axes)."""
    minutes = round(float(settings.AXES_COOLOFF_TIME) * 60)
    response = _explain(
        request,
        status=429,
        title="Too many failed sign-ins",
        why=f"The wrong password was given {settings.AXES_FAILURE_LIMIT} times in a row for this account.",
        change=f"Wait {minutes} minutes after the last try, then sign in with the right password.",
        ask="The administrator of your organization, if you no longer know your password.",
    )
    response.headers["Retry-After"] = str(minutes * 60)
    return response


def refused(request: HttpRequest, exception: Refused) -> HttpResponse:
    """409: a rule said no and the view had no form to show it beside."""
    stale = isinstance(exception, Stale)
    return _explain(
        request,
        status=409,
        title="Somebody was faster" if stale else "This cannot be done now",
        why=exception.reason,
        change=(
            "Go back, load the page again, see what has changed, and decide anew."
            if stale
            else "Put right what is named above, then do it again. Nothing was changed so far."
        ),
        ask="The officer of the case, or the administrator of your organization.",
        exception=exception,
    )


class RefusalMiddleware:
    """Turns a refusal that no view handled into its page, so that every "no" explains itself."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if isinstance(exception, NotPermitted):
            return not_permitted(request, exception)
        if isinstance(exception, Refused):
            return refused(request, exception)
        return None


def _explain(
    request: HttpRequest,
    *,
    status: int,
    title: str,
    why: str,
    change: str = "",
    ask: str = "",
    template: str = "",
    exception: Refused | None = None,
) -> HttpResponse:
    if request.path.startswith(API_PREFIX):
        return _problem(status=status, title=title, detail=why, change=change, exception=exception)
    home = _home(request)
    face = home.strip("/")
    context: dict[str, Any] = {
        "title": title,
        "what": title,
        "why": why,
        "rule": exception.rule if exception else "",
        "findings": [found for found in (exception.findings if exception else ()) if not found.met],
        "change": change,
        "ask": ask,
        "about_cases": _about_cases(request),
        "own_home": home,
        # The navigation is that of the person's own face, wherever they strayed.
        "base": f"{face}/base.html" if face in FACES else "base.html",
    }
    if request.headers.get("HX-Request") == "true" and request.headers.get("HX-Boosted") != "true":
        answer = HttpResponse(
            render_to_string("components/refusal.html", {**context, "level": 2}, request), status=status
        )
        answer.headers["HX-Retarget"] = "#messages"
        answer.headers["HX-Reswap"] = "innerHTML"
        return answer
    context["level"] = 1
    return HttpResponse(render_to_string(template or f"errors/{status}.html", context, request), status=status)


def _problem(
    *, status: int, title: str, detail: str, change: str = "", exception: Refused | None = None
) -> JsonResponse:
    body: dict[str, Any] = {"type": "about:blank", "title": title, "status": status, "detail": detail}
    if change:
        body["what_would_change_it"] = change
    if exception and exception.rule:
        body["rule"] = exception.rule
    if exception and exception.field:
        body["field"] = exception.field
    return JsonResponse(body, status=status, content_type="application/problem+json")


def _about_cases(request: HttpRequest) -> bool:
    """May the reason name something of a case? Then the page carries the marking."""
    return request.path.startswith(tuple(f"/{face}/" for face in FACES))


def _home(request: HttpRequest) -> str:
    user = getattr(request, "user", None)
    return home_of(user) if user is not None and user.is_authenticated else "/"
