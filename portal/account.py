"""What belongs to a person and an organization: the inbox, the people, the API keys."""

from datetime import datetime, time
from typing import Any

from django.contrib import messages
from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from accounts.operations import create_api_key, revoke_api_key
from accounts.permissions import check_can_manage_api_keys
from accounts.rules import Refused
from accounts.selectors import list_api_keys, list_users
from deadlines.operations import mark_all_read, mark_read
from deadlines.selectors import get_notification, list_notifications
from licensing.permissions import check_is_exporter
from portal.answering import make_once
from portal.forms import KeyForm


@require_http_methods(["GET", "HEAD", "POST"])
def inbox(request: HttpRequest) -> HttpResponse:
    """What was sent to this person, the newest first; a POST marks one message (`read`) or all of them as read."""
    check_is_exporter(request.user)
    sent = {name: int(request.GET.get(name, "")[:18]) for name in ("before", "read") if _is_number(request, name)}
    here = f"?before={sent['before']}&" if "before" in sent else "?"
    if request.method == "POST":
        if "read" in request.GET:
            try:
                found = get_notification(request.user, sent.get("read", 0))
            except ObjectDoesNotExist as error:
                raise Http404 from error
            mark_read(notification=found, by=request.user, at=timezone.now())
        else:
            mark_all_read(user=request.user, by=request.user, at=timezone.now())
        return redirect(f"{request.path}{here[:-1]}")
    lines = list_notifications(request.user, before=sent.get("before"))
    return render(request, "portal/account/inbox.html", {"lines": [(line, f"{here}read={line.pk}") for line in lines]})


def _is_number(request: HttpRequest, name: str) -> bool:
    sent = request.GET.get(name, "")
    return sent.isascii() and sent.isdigit()


@require_safe
def organization(request: HttpRequest) -> HttpResponse:
    """The organization and its people."""
    check_is_exporter(request.user)
    people = list(list_users(request.user.organization).prefetch_related("grants"))
    return render(request, "portal/account/organization.html", {"people": people})


@require_safe
def keys(request: HttpRequest) -> HttpResponse:
    """The API keys of the organization."""
    check_can_manage_api_keys(request.user, organization_id=request.user.organization_id)
    found = list(list_api_keys(request.user.organization))
    return render(request, "portal/account/keys.html", {"keys": found, "now": timezone.now()})


@require_http_methods(["GET", "HEAD", "POST"])
def new_key(request: HttpRequest) -> HttpResponse:
    """Make a key; its secret is shown on this answer and never again. The same page again says which key it made."""
    check_can_manage_api_keys(request.user, organization_id=request.user.organization_id)
    form: Any = KeyForm(request.POST or None)
    refused, status = None, 200
    if request.method == "POST":
        status = 400
        if form.is_valid():
            last_day = form.cleaned_data["expires_on"]
            secrets: list[str] = []

            def make() -> str:
                key, secret = create_api_key(
                    organization=request.user.organization,
                    name=form.cleaned_data["name"],
                    expires_at=timezone.make_aware(datetime.combine(last_day, time.max)) if last_day else None,
                    by=request.user,
                    at=timezone.now(),
                )
                secrets.append(secret)
                return str(key.pk)

            try:
                sent = make_once(request, make)
            except Refused as refusal:
                refused, status = refusal, 409
            else:
                found = {str(key.pk): key for key in list_api_keys(request.user.organization)}
                response = render(
                    request, "portal/account/key_made.html", {"key": found[sent.made], "secret": "".join(secrets)}
                )
                response.headers["Cache-Control"] = "no-store"
                return response
    return render(request, "portal/account/new_key.html", {"form": form, "refused": refused}, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def revoke_key(request: HttpRequest, key_id: int) -> HttpResponse:
    """Ask, then revoke a key of the organization; it stops working at once."""
    check_can_manage_api_keys(request.user, organization_id=request.user.organization_id)
    key = next((each for each in list_api_keys(request.user.organization) if each.pk == key_id), None)
    if key is None:
        raise Http404
    if request.method == "POST":
        if key.revoked_at is None:
            revoke_api_key(key=key, by=request.user, at=timezone.now())
            messages.success(request, f"The key “{key.name}” was revoked.")
        return redirect("portal:keys")
    if key.revoked_at is not None:
        return redirect("portal:keys")
    return render(request, "portal/account/revoke_key.html", {"key": key})
