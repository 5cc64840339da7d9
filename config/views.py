"""The open pages that belong to no face: the front door, the status of the rules, accessibility."""

from collections import Counter

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.demonstration import PASSWORD, SIGN_INS
from rulebook.rules import AnyOf, Edition, Requirement
from rulebook.selectors import get_operating_edition, list_country_statuses


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
def rules(request: HttpRequest) -> HttpResponse:
    """The edition in effect: what it counts, its tiers and requirements, and the status of every country."""
    edition = get_operating_edition(timezone.now())
    statuses = list_country_statuses(edition)
    counted = Counter(status.status for status in statuses)
    return render(
        request,
        "site/rules.html",
        {
            "edition": edition,
            "tiers": [(tier, _name_requirements(tier.requires, edition)) for tier in edition.tiers],
            "requirements": edition.requirements.values(),
            "statuses": statuses,
            "groups": [(rule, counted[rule.id]) for rule in edition.country_rules.values()],
        },
    )


def _name_requirements(requires: tuple[Requirement, ...], edition: Edition) -> list[str]:
    """The requirements of a tier by their titles; a choice reads as one line."""
    return [
        " or ".join(
            edition.requirements[name].title for name in (entry.any_of if isinstance(entry, AnyOf) else [entry])
        )
        for entry in requires
    ]


@login_not_required
@require_safe
def accessibility(request: HttpRequest) -> HttpResponse:
    """What a reader can count on, and where to say that something does not work."""
    return render(request, "site/accessibility.html")
