"""The pages of the reading room that belong to no single model: the journal, and papers to open."""

import json
from typing import Any
from urllib.parse import urlencode

from django.apps import apps
from django.contrib import admin
from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST, require_safe

from audit.models import Entry
from audit.reading import ReadOnlyAdmin, find_subject_model, get_model_url, get_subject_url
from oversight import operations, selectors
from oversight.forms import ChainFilterForm

_OTHER_SUBJECTS = {
    ("audit.seal", "all"): "The daily seals",
    selectors.VERIFICATIONS: "Verifications of the whole journal",
}


@require_safe
def list_chains(request: HttpRequest) -> HttpResponse:
    """The register of chains: every subject that the journal knows, with the length of its chain."""
    kinds = [(model._meta.label_lower, _words(model)) for model in admin.site._registry]
    form = ChainFilterForm(request.GET, kinds=sorted(kinds, key=lambda kind: kind[1]))
    chosen = form.cleaned_data if form.is_valid() else {"kind": "", "key": ""}
    after = (request.GET["after_kind"], request.GET["after"]) if {"after_kind", "after"} <= request.GET.keys() else None
    page = selectors.list_chains(kind=chosen["kind"], key=chosen["key"], after=after)
    wanted = {name: value for name, value in chosen.items() if value}
    first = f"?{urlencode(wanted)}" if after else ""
    following = (
        "?" + urlencode(wanted | {"after_kind": page.next_after[0], "after": page.next_after[1]})
        if page.next_after
        else ""
    )
    context = {
        **admin.site.each_context(request),
        "title": "The journal, subject by subject",
        "state": selectors.get_journal_state(),
        "form": form,
        "is_narrowed": bool(wanted),
        "chains": [
            {
                "words": _subject_words(head.subject_kind, head.subject_id),
                "url": reverse("admin:journal_subject", args=[head.subject_kind, head.subject_id]),
                "subject_url": get_subject_url(admin.site, head.subject_kind, head.subject_id),
                "length": head.sequence,
                "hash": head.hash,
            }
            for head in page.heads
        ],
        "first_url": first,
        "next_url": following,
    }
    return render(request, "oversight/journal/list.html", context)


@require_safe
def show_chain(request: HttpRequest, subject_kind: str, subject_id: str) -> HttpResponse:
    """One subject's chain in its order, with what verifying it just now found."""
    text = request.GET.get("after", "0")
    after = int(text) if text.isascii() and text.isdecimal() and len(text) < 16 else 0
    chain = selectors.get_chain(subject_kind, subject_id, after=after)
    subject_url = get_subject_url(admin.site, subject_kind, subject_id)
    words = selectors.get_subject_name(subject_kind, subject_id) or _subject_words(subject_kind, subject_id)
    if chain is None and not subject_url:
        raise Http404("The journal knows no such subject.")
    context = {
        **admin.site.each_context(request),
        "title": f"Journal: {words}",
        "words": words,
        "chain": chain,
        "verified_at": timezone.now(),
        "entries": [_entry(entry) for entry in chain.entries] if chain else [],
        "subject_url": subject_url,
        "first_url": request.path if after else "",
        "next_url": f"?after={chain.next_after}" if chain and chain.next_after else "",
    }
    return render(request, "oversight/journal/detail.html", context)


@require_POST
def verify(request: HttpRequest) -> HttpResponse:
    """Verify the whole journal now, and read the result where it is kept."""
    operations.verify_journal(by=request.user, at=timezone.now())
    return redirect("admin:journal_subject", *selectors.VERIFICATIONS)


@require_GET
def open_paper(request: HttpRequest, pk: int, listed: ReadOnlyAdmin) -> HttpResponse:
    """The file of a row, to keep: it is never shown in this site's name. Opening it is written in the journal."""
    row = get_object_or_404(listed.get_queryset(request), pk=pk)
    paper = listed.get_paper(row)
    content = operations.open_paper(subject=row, paper=paper, by=request.user, at=timezone.now())
    return HttpResponse(
        content,
        content_type=paper.media_type,
        headers={"Content-Disposition": f'attachment; filename="{paper.name}"', "X-Content-Type-Options": "nosniff"},
    )


def _words(model: type[Model]) -> str:
    words = str(model._meta.verbose_name)
    if model is Entry:
        words = "journal entry"
    return words[:1].upper() + words[1:]


def _subject_words(subject_kind: str, subject_id: str) -> str:
    if (subject_kind, subject_id) in _OTHER_SUBJECTS:
        return _OTHER_SUBJECTS[subject_kind, subject_id]
    model = find_subject_model(subject_kind)
    return f"{_words(model)} {subject_id}" if model else f"{subject_kind} {subject_id}"


_BY_TABLE: dict[str, type[Model]] = {}


def _find_by_table(table: str) -> type[Model] | None:
    if not _BY_TABLE:
        _BY_TABLE.update({model._meta.db_table: model for model in apps.get_models()})
    return _BY_TABLE.get(table)


def _entry(entry: Entry) -> dict[str, Any]:
    """An entry as its chain's page shows it."""
    covers = []
    for cover in entry.covers:
        model = _find_by_table(cover["table"])
        covers.append(
            {
                "words": f"{_words(model)} {cover['id']}" if model else f"{cover['table']} {cover['id']}",
                "url": get_model_url(admin.site, model, cover["id"]) if model else "",
                "sha256": cover.get("sha256", ""),
            }
        )
    return {
        "row": entry,
        "actor_url": get_subject_url(admin.site, "accounts.user", entry.actor_id) if entry.actor_kind == "user" else "",
        "data": json.dumps(entry.data, indent=2, ensure_ascii=False) if entry.data else "",
        "covers": covers,
    }
