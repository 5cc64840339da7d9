"""The public page on which anybody who holds a license can have it confirmed."""

from urllib.parse import urlencode

from django import forms
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from deadlines.rules import day_of
from licensing.selectors.validation import get_validation

NUMBER_FORM = r"^\s*[A-Za-z][0-9]{6}\s*$"


class ValidationForm(forms.Form):
    """The number and the code as they are printed; spaces, hyphens and small letters are no mistake."""

    number = forms.RegexField(
        NUMBER_FORM,
        label="License or exemption number",
        help_text="A letter and six digits, for example D100042",
        max_length=20,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
        error_messages={
            "required": "Enter the number printed on the license.",
            "invalid": "Enter the number as one letter and six digits, for example D100042.",
        },
    )
    code = forms.CharField(
        label="Code",
        help_text="Twelve letters and digits, printed beside the square on the license",
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
        error_messages={"required": "Enter the code printed beside the square on the license."},
    )

    def clean_number(self) -> str:
        return str(self.cleaned_data["number"]).strip().upper()

    def clean_code(self) -> str:
        return "".join(self.cleaned_data["code"].split()).replace("-", "").upper()


@login_not_required
@never_cache
@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """Ask for the number and the code; with a number alone, go to that number's address and ask for the code."""
    if not request.GET:
        return _ask(request, ValidationForm())
    form = ValidationForm(request.GET)
    if form.is_valid():
        number, code = form.cleaned_data["number"], form.cleaned_data["code"]
        return redirect(f"{reverse('validation:license', args=[number])}?{urlencode({'code': code})}")
    if "code" not in request.GET and "number" not in form.errors:
        return redirect("validation:license", number=form.cleaned_data["number"])
    if "code" not in request.GET:
        form.errors.pop("code", None)
    return _ask(request, form, status=400)


@login_not_required
@never_cache
@require_safe
def confirm(request: HttpRequest, number: str) -> HttpResponse:
    """Confirm a number to whoever has its code, or say one and the same sentence for everything else."""
    if "code" not in request.GET:
        return _ask(request, ValidationForm(initial={"number": number[:20]}))
    form = ValidationForm({"number": number[:20], "code": request.GET["code"]})
    today = day_of(timezone.now())
    found = None
    if form.is_valid():
        found = get_validation(form.cleaned_data["number"], form.cleaned_data["code"], today)
    if found is None:
        again = ValidationForm(initial={"number": number[:20]})
        return _ask(request, again, status=404, not_confirmed=True)
    return _render(request, "portal/validation/confirmed.html", {"found": found, "today": today})


def _ask(request: HttpRequest, form: ValidationForm, *, status: int = 200, not_confirmed: bool = False) -> HttpResponse:
    return _render(
        request, "portal/validation/form.html", {"form": form, "not_confirmed": not_confirmed}, status=status
    )


def _render(request: HttpRequest, template: str, context: dict[str, object], *, status: int = 200) -> HttpResponse:
    response = render(request, template, context, status=status)
    # An address with a code in it belongs in no search engine and in no other site's log.
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response
