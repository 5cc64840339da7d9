"""The open pages that belong to no face: the front door, the status of the rules, accessibility."""

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.demonstration import PASSWORD, SIGN_INS


@login_not_required
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """The front door: what this is, the two doors, and the check of a license that anybody may make."""
    return render(
        request,
        "site/home.html",
        {
            "sign_ins": SIGN_INS if settings.DEMONSTRATION else (),
            "sign_in_password": PASSWORD if settings.DEMONSTRATION else "",
        },
    )


@login_not_required
@require_safe
def about(request: HttpRequest) -> HttpResponse:
    """The status of the framework, with its dates."""
    return render(request, "site/about.html")


@login_not_required
@require_safe
def accessibility(request: HttpRequest) -> HttpResponse:
    """What a reader can count on, and where to say that something does not work."""
    return render(request, "site/accessibility.html")
