"""Every component on one page, with long names, errors and empty lists: what the tests and a browser look at.

It is no part of the product. As a URLconf it puts the page beside the product's own addresses.
"""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.urls import path

from accounts.permissions import NotPermitted
from accounts.rules import Refused, Stale
from config.urls import handler400, handler403, handler404, handler500
from config.urls import urlpatterns as product_urls

__all__ = ["handler400", "handler403", "handler404", "handler500", "urlpatterns"]

LONG = (
    "The Northern Sovereign Artificial Intelligence Infrastructure and Advanced Computing Holding Company "
    "for the Eastern Province"
)
NOW = datetime(2026, 3, 9, 18, 30, 5, tzinfo=UTC)


class AllWidgets(forms.Form):
    """One field of every kind."""

    name = forms.CharField(label="Name of the end user", help_text="As registered, without abbreviations.")
    website = forms.CharField(label="Website", required=False)
    quantity = forms.IntegerField(label="Quantity", min_value=1, help_text="Whole chips.")
    price = forms.DecimalField(label="Unit price", required=False)
    reasons = forms.CharField(label="Why does the end user need these chips?", widget=forms.Textarea)
    role = forms.ChoiceField(label="Role of this party", choices=[("purchaser", "Purchaser"), ("end", LONG)])
    shipment = forms.ChoiceField(
        label="How will the chips be shipped?",
        choices=[("whole", "All at once"), ("parts", "In parts")],
        widget=forms.RadioSelect,
        help_text="You can change this until you submit.",
    )
    safeguards = forms.MultipleChoiceField(
        label="Which safeguards are in place?",
        choices=[("monitoring", "Exporter monitoring"), ("software", "Software against linking into a cluster")],
        widget=forms.CheckboxSelectMultiple,
    )
    correct = forms.BooleanField(label="What I state here is true and complete", help_text="18 USC 1001 applies.")
    contract = forms.FileField(label="Purchase contract", help_text="PDF, up to 20 MB.")
    delivery = forms.DateField(label="First delivery", widget=forms.DateInput(attrs={"type": "date"}))
    period = forms.DateField(label="End of the period", widget=forms.SelectDateWidget, required=False)
    version = forms.IntegerField(widget=forms.HiddenInput, initial=3)

    def clean(self) -> dict[str, object]:
        raise forms.ValidationError("The total exceeds what the letter of intent allows.")


AllWidgets.base_fields["shipment"].choice_hints = {"parts": "Say in the next step when each part goes."}


class Filters(forms.Form):
    """A filter row."""

    q = forms.CharField(label="Search", required=False)
    status = forms.ChoiceField(label="Status", required=False, choices=[("", "Any"), ("under_review", "Under review")])
    country = forms.ChoiceField(label="Country", required=False, choices=[("", "Any"), ("SA", "Saudi Arabia")])


STATUSES = [
    ("draft", "Draft"),
    ("under_review", "Under review"),
    ("awaiting_information", "Awaiting information"),
    ("issued", "License issued"),
    ("denied", "Denied"),
    ("returned", "Returned without action"),
    ("suspended", "Suspended"),
]


def _context(wrong: bool) -> dict[str, object]:
    rows = [
        SimpleNamespace(
            number=f"C1042{n:02}",
            subject="35,000 GB300 to Humain, Riyadh (SA)" if n % 3 else f"{n * 1000:,} GB300 to {LONG}, Dammam (SA)",
            status=STATUSES[n % len(STATUSES)],
            chips=35_000 * n + 18,
            value=1_234_567.5 * n,
            due=NOW + timedelta(days=n * 9),
        )
        for n in range(1, 25)
    ]
    return {
        "form": AllWidgets({"name": LONG, "quantity": "-4"} if wrong else None),
        "refused": Refused("A hold stands on this installation.", rule="holds.none_stands", field="name")
        if wrong
        else None,
        "filters": Filters({"q": "Humain"}),
        "chosen": [
            {"label": "Search", "value": "Humain", "remove_url": "?"},
            {"label": "End user", "value": LONG, "remove_url": "?"},
        ],
        "tabs": [
            {"label": "Mine", "url": "?view=mine", "current": True, "count": 12},
            {"label": "Unassigned", "url": "?view=new", "current": False, "count": 1204},
            {"label": "Awaiting countersignature", "url": "?view=sign", "current": False, "count": 0},
            {"label": "All", "url": "?view=all", "current": False, "count": None},
        ],
        "statuses": STATUSES,
        "rows": rows,
        "steps": ["Parties", "Installation", "Items", "End use", "Safeguards", "Review"],
        "tasks": [
            {"title": "Who is involved", "url": "#", "state": "complete", "state_label": "Complete", "hint": LONG},
            {"title": "What is exported", "url": "#", "state": "in_progress", "state_label": "In progress"},
            {
                "title": "Safeguards",
                "url": "",
                "state": "not_started",
                "state_label": "Cannot start yet",
                "hint": "Needs the items first.",
            },
        ],
        "entries": [
            {
                "actor_label": "Octavia Fernsby, Department of Commerce",
                "at": NOW,
                "says": "Recommended approval with two conditions.",
                "why": "Four visits in two years, all clean.",
                "kind_label": "Recommendation",
            },
            {
                "actor_label": LONG,
                "at": NOW - timedelta(days=3),
                "says": "Answered the question of Mar 2.",
                "data": {"reason": ""},
            },
        ],
        "documents": [
            {
                "title": f"Purchase contract with {LONG}.pdf",
                "url": "#",
                "kind_label": "Purchase contract",
                "size": 482_133,
                "pages": 41,
                "uploaded_by_label": "Juniper Applegarth",
                "uploaded_at": NOW,
                "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
                "state": "clean",
                "state_label": "Clean",
            },
            {
                "title": "End-use statement",
                "url": "#",
                "kind_label": "End-use statement",
                "size": 900,
                "remove_url": "#",
            },
        ],
        "messages_of_inbox": [
            {"says": "C104233: your recommendation was sent back.", "url": "#", "created_at": NOW, "read_at": None},
            {"says": f"C104234 is due tomorrow: {LONG}", "url": "", "created_at": NOW, "read_at": NOW},
        ],
        "bars": [
            {"label": "Week of Nov 23", "value": 14, "url": "#late", "tone": "stopped"},
            {"label": LONG, "value": 1_204, "url": "#"},
            {"label": "Week of Dec 7", "value": 0},
        ],
        "now": NOW,
        "today": date(2026, 3, 9),
        "long": LONG,
    }


@login_not_required
def gallery(request: HttpRequest, face: str) -> HttpResponse:
    """The components in one face; `?wrong=1` shows the form with its errors."""
    if request.GET.get("wrong"):
        messages.success(request, "The draft is saved.")
        messages.error(request, "The file could not be read.")
    source = (Path(__file__).parent / "gallery.html").read_text()
    context = _context(bool(request.GET.get("wrong"))) | {"base": f"{face}/base.html", "face": face}
    return HttpResponse(engines["django"].from_string(source).render(context, request))


@login_not_required
def no(request: HttpRequest, kind: str) -> HttpResponse:
    """A view that lets a refusal through."""
    raise {
        "permitted": NotPermitted("Only a countersigner signs. Ask the chief of your division."),
        "refused": Refused("Two requirements are still open.", rule="requirements.all_met"),
        "stale": Stale("Octavia Fernsby changed this case at 14:30."),
        "broken": RuntimeError("a detail that nobody outside may read"),
    }[kind]


urlpatterns = [
    path("gallery/<str:face>/", gallery),
    path("no/<str:kind>/", no),
    path("desk/no/<str:kind>/", no),
    path("api/v1/no/<str:kind>/", no),
    *product_urls,
]
