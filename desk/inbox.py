"""The inbox of a person on the desk."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.permissions import NotPermitted, is_agency, is_commerce
from deadlines.operations import mark_all_read
from deadlines.selectors import INBOX_PAGE, list_notifications


@require_http_methods(["GET", "POST"])
def inbox(request: HttpRequest) -> HttpResponse:
    """What was sent to this person, the newest first; a POST marks all of it as read."""
    if not (is_commerce(request.user) or is_agency(request.user)):
        raise NotPermitted("Only staff of Commerce and of the reviewing agencies work on the desk.")
    if request.method == "POST":
        mark_all_read(user=request.user, by=request.user, at=timezone.now())
        return redirect("desk:inbox")
    before = request.GET.get("before", "")
    known = before.isascii() and before.isdigit() and len(before) < 19
    lines = list_notifications(request.user, before=int(before) if known else None)
    return render(
        request,
        "desk/inbox.html",
        {
            "lines": lines,
            "first_url": "?" if known else "",
            "next_url": f"?before={lines[-1].pk}" if len(lines) == INBOX_PAGE else "",
        },
    )
