"""One way to answer a form: show it, or make the call once, with every error and refusal on the same page."""

import hashlib
import json
import uuid
from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone

from accounts.rules import Refused
from portal.forms import OnceForm
from portal.operations import Sent, send_once

Call = Callable[[dict[str, Any]], str]


def bind(request: HttpRequest, kind: type[forms.Form], initial: dict[str, Any], **options: Any) -> Any:
    """The form with what was sent, or with what is stored."""
    if request.method == "POST":
        return kind(request.POST, request.FILES, **options)
    return kind(initial=initial, **options)


def identify_form(request: HttpRequest, token: object, *, with_content: bool = True) -> str:
    """The key under which a form is carried out once: its token, its address and, if told, what was typed.

    The same page sent again with other words is another act, and answered on its own.
    """
    sent: list[Any] = [str(token), request.path]
    if with_content:
        files = []
        for part in request.FILES.values():
            files.append(hashlib.sha256(b"".join(part.chunks())).hexdigest())
            part.seek(0)
        typed = {name: request.POST.getlist(name) for name in sorted(request.POST) if name != "csrfmiddlewaretoken"}
        sent += [typed, files]
    return hashlib.sha256(json.dumps(sent).encode()).hexdigest()


def make_once(request: HttpRequest, make: Callable[[], str]) -> Sent:
    """Carry out a form that is nothing but its button. Raises SuspiciousOperation (400) for a token that is none.

    `make` answers with the address of what it made.
    """
    form = OnceForm(request.POST)
    if not form.is_valid():
        raise SuspiciousOperation("The token of this form is none.")
    token = form.cleaned_data["token"] or uuid.uuid4()
    return send_once(
        key=identify_form(request, token, with_content=False), act=make, by=request.user, at=timezone.now()
    )


def answer(
    request: HttpRequest,
    form: forms.Form,
    call: Call,
    *,
    template: str,
    onward: str | Callable[[], str],
    context: dict[str, Any],
) -> HttpResponse:
    """Show the form, or make the one call and go on.

    `call` gets the clean input and answers with the sentence that is shown next. The same page sent twice with
    the same content is carried out once, and led on to the same place. What is refused comes back
    on the page with what was typed: 400 for input that is not well-formed, 409 for a rule that says no.
    """
    refused, status = None, 200
    if request.method == "POST":
        if form.is_valid():
            try:
                says, made = _call_once(request, form, call, onward)
            except Refused as refusal:
                refused, status = refusal, 409
                if refusal.field in form.fields and not form.fields[refusal.field].widget.is_hidden:
                    form.add_error(refusal.field, refusal.reason)
            else:
                if says:
                    messages.success(request, says)
                return HttpResponseRedirect(made)
        else:
            status = 400
    beside = refused is not None and refused.field in form.fields and bool(form.errors)
    return render(
        request,
        f"portal/{template}.html",
        {"form": form, "refused": None if beside else refused, **context},
        status=status,
    )


def _call_once(request: HttpRequest, form: forms.Form, call: Call, onward: str | Callable[[], str]) -> tuple[str, str]:
    """Make the call, once for its token where the form has one: what it says, and where to go on."""
    data = {name: value for name, value in form.cleaned_data.items() if name != "token"}
    said: list[str] = []

    def make() -> str:
        said.append(call(data))
        return onward() if callable(onward) else onward

    token = form.cleaned_data.get("token")
    if token is None:
        made = make()
    else:
        made = send_once(key=identify_form(request, token), act=make, by=request.user, at=timezone.now()).made
    return "".join(said), made
