"""One way to answer a form: show it, or make the call, with every error and refusal on the same page."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render

from accounts.rules import Refused

Call = Callable[[dict[str, Any]], str]


def bind(request: HttpRequest, kind: type[forms.Form], initial: dict[str, Any], **options: Any) -> Any:
    """The form with what was sent, or with what is stored."""
    if request.method == "POST":
        return kind(request.POST, request.FILES, **options)
    return kind(initial=initial, **options)


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

    `call` gets the clean input and answers with the sentence that is shown next. What is refused comes back
    on the page with what was typed: 400 for input that is not well-formed, 409 for a rule that says no.
    """
    refused, status = None, 200
    if request.method == "POST":
        if form.is_valid():
            try:
                says = call(form.cleaned_data)
            except Refused as refusal:
                refused, status = refusal, 409
                if refusal.field in form.fields and not form.fields[refusal.field].widget.is_hidden:
                    form.add_error(refusal.field, refusal.reason)
            else:
                if says:
                    messages.success(request, says)
                return HttpResponseRedirect(onward() if callable(onward) else onward)
        else:
            status = 400
    beside = refused is not None and refused.field in form.fields and bool(form.errors)
    return render(
        request,
        f"portal/{template}.html",
        {"form": form, "refused": None if beside else refused, **context},
        status=status,
    )
