"""How a page of an act answers: its form, the form with what is wrong, or the act and the page that shows it."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from accounts.rules import Refused

# What an act says when it is done, and where that can be seen.
Done = tuple[str, str]
Act = Callable[[Any], Done]


def bind(request: HttpRequest, kind: type[forms.Form], **options: Any) -> Any:
    """The form with what was sent, or as it begins."""
    if request.method == "POST":
        return kind(request.POST, request.FILES, **options)
    return kind(**options)


def answer(request: HttpRequest, form: forms.Form, act: Act, template: str, **context: Any) -> HttpResponse:
    """Show the form, or do the act and lead to its result.

    Errors (400) and a refusal (409) come back on the same page with what was typed: beside the field that the
    refusal names, or as `refused` where it names none.
    """
    refused, status = None, 200
    if request.method == "POST":
        status = 400
        if form.is_valid():
            try:
                says, back = act(form.cleaned_data)
                messages.success(request, says)
                return redirect(back)
            except Refused as refusal:
                status = 409
                if refusal.field in form.fields:
                    form.add_error(refusal.field, refusal.reason)
                else:
                    refused = refusal
    shown = {"form": form, "refused": refused, "has_file": form.is_multipart(), **context}
    return render(request, template, shown, status=status)
