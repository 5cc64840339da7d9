"""The steps of a draft: one topic on each page, saved as it is filled."""

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from licensing import operations, selectors
from licensing.models import ApplicationItem, ApplicationParty
from licensing.selectors import ApplicationPage
from licensing.statuses import PartyRole
from portal import forms
from portal.answering import answer, bind
from portal.applications import find_page
from portal.wording import PROGRESS, STEPS

READ_AND_WRITE = require_http_methods(["GET", "HEAD", "POST"])


def _step(page: ApplicationPage, name: str) -> dict[str, Any]:
    """What every step's page shows around its topic."""
    names = [step for step, _ in STEPS]
    place = names.index(name)
    return {
        "page": page,
        "application": page.application,
        "steps": PROGRESS,
        "current": place + 1,
        "step": name,
        "overview_url": f"/portal/applications/{page.application.reference}/",
        "next_url": _address(page, names[place + 1] if place + 1 < len(names) else "review"),
    }


def _address(page: ApplicationPage, step: str) -> str:
    return f"/portal/applications/{page.application.reference}/{step}/"


def _onward(request: HttpRequest, context: dict[str, Any]) -> str:
    return str(context["overview_url"] if "leave" in request.POST else context["next_url"])


def party_data(party: ApplicationParty) -> dict[str, Any]:
    """A stored party as the operation takes it."""
    return {
        "role": party.role,
        "name": party.name,
        "address": party.address,
        "city": party.city,
        "postal_code": party.postal_code,
        "country": party.country_id,
        "headquarters": party.headquarters_id,
        "ultimate_parent": party.ultimate_parent,
        "ultimate_parent_headquarters": party.ultimate_parent_headquarters_id,
    }


def item_data(item: ApplicationItem) -> dict[str, Any]:
    """A stored line as the operation takes it."""
    names = ("kind", "eccn", "model", "manufacturer", "quantity", "unit_price", "tpp", "memory_bandwidth_gbs")
    return {name: getattr(item, name) for name in names}


# What an entry that is not yet stored goes by among those left unfinished.
NEW = "new"


def name_party(party: Mapping[str, Any]) -> str:
    """What a stored party goes by among those left unfinished: its place changes when others come and go."""
    return f"{party['role']}: {party['name']}"


@dataclass(frozen=True, slots=True)
class Entry:
    """One party or line of a draft, and what was left of it unfinished."""

    page: ApplicationPage
    step: str
    of: str

    @property
    def typed(self) -> dict[str, Any]:
        """What was typed into it before somebody left; empty where nothing was."""
        return dict(self._kept.get(self.of, {}))

    @property
    def _kept(self) -> dict[str, dict[str, Any]]:
        return dict(self.page.application.unfinished.get(self.step, {}))

    def list_others(self, typed: Mapping[str, Any] | None = None) -> dict[str, Mapping[str, Any]]:
        """What is left unfinished of the step without this entry, or with this as what was typed into it."""
        others: dict[str, Mapping[str, Any]] = {of: kept for of, kept in self._kept.items() if of != self.of}
        return others | ({self.of: typed} if typed else {})


def _leave(request: HttpRequest, entry: Entry, form: forms.VersionedForm, gaps: list[str]) -> str:
    """Keep an entry as far as it was typed, and say what it still lacks."""
    typed = form.list_typed()
    operations.keep_unfinished(
        application=entry.page.application,
        step=entry.step,
        unfinished=entry.list_others(typed),
        version=form.cleaned_data["version"],
        by=request.user,
        at=timezone.now(),
    )
    if not typed:
        return "Nothing was typed, so nothing was kept."
    return f"Kept as far as it goes. Still to answer: {'; '.join(gaps)}."


def _discard(request: HttpRequest, entry: Entry, onward: str) -> HttpResponse:
    """Forget what was left of an entry unfinished; what is stored of it stays."""
    form = forms.RemovalForm(request.POST)

    def call(data: dict[str, Any]) -> str:
        operations.keep_unfinished(
            application=entry.page.application,
            step=entry.step,
            unfinished=entry.list_others(),
            version=data["version"],
            by=request.user,
            at=timezone.now(),
        )
        return "What was left unfinished was discarded."

    what = "what was left unfinished"
    context = {**_step(entry.page, entry.step), "what": what, "button": "Discard it", "back_url": onward}
    return answer(request, form, call, template="applications/remove", onward=onward, context=context)


@require_safe
def parties(request: HttpRequest, reference: uuid.UUID) -> HttpResponse:
    """The parties named so far, in their roles."""
    page = find_page(request, reference)
    return render(
        request,
        "portal/applications/parties.html",
        {
            **_step(page, "parties"),
            "roles": [
                (party, PartyRole(party.role).label, Entry(page, "parties", name_party(party_data(party))).typed)
                for party in page.parties
            ],
            "begun": Entry(page, "parties", NEW).typed,
        },
    )


@READ_AND_WRITE
def party(request: HttpRequest, reference: uuid.UUID, place: int | None = None) -> HttpResponse:
    """Name a party, or correct one."""
    page = find_page(request, reference)
    known = [party_data(each) for each in page.parties]
    if place is not None and not 1 <= place <= len(known):
        raise Http404
    initial: dict[str, Any] = {"version": page.application.version}
    if place is not None:
        initial |= known[place - 1]
    elif known:
        lacking = [role for role in PartyRole.values if role not in {each["role"] for each in known}]
        initial["role"] = next((role for role in lacking if role != PartyRole.INTERMEDIATE_CONSIGNEE), "")
    entry = Entry(page, "parties", NEW if place is None else name_party(known[place - 1]))
    if request.method == "POST" and "discard" in request.POST:
        return _discard(request, entry, _address(page, "parties"))
    form = bind(request, forms.NewPartyForm if place is None else forms.PartyForm, initial | entry.typed)
    gaps = form.leave_gaps() if "leave" in request.POST else []

    def call(data: dict[str, Any]) -> str:
        if gaps:
            return _leave(request, entry, form, gaps)
        fields = {name: data[name] for name in data if name not in ("version", "also", "role")}
        if place is None:
            rows = [*known, *({"role": role, **fields} for role in form.list_roles())]
        else:
            rows = [*known[: place - 1], {"role": data["role"], **fields}, *known[place:]]
        operations.save_parties(
            application=page.application,
            parties=rows,
            version=data["version"],
            by=request.user,
            at=timezone.now(),
            unfinished=entry.list_others(),
        )
        return f"{data['name']} was saved."

    context = {**_step(page, "parties"), "place": place, "unfinished": entry.typed}
    onward = context["overview_url"] if "leave" in request.POST else _address(page, "parties")
    return answer(request, form, call, template="applications/party", onward=onward, context=context)


@READ_AND_WRITE
def remove_party(request: HttpRequest, reference: uuid.UUID, place: int) -> HttpResponse:
    """Ask, then take a party out of the draft."""
    page = find_page(request, reference)
    if not 1 <= place <= len(page.parties):
        raise Http404
    named = page.parties[place - 1]

    def call(data: dict[str, Any]) -> str:
        rows = [party_data(each) for number, each in enumerate(page.parties, start=1) if number != place]
        operations.save_parties(
            application=page.application,
            parties=rows,
            version=data["version"],
            by=request.user,
            at=timezone.now(),
            unfinished=Entry(page, "parties", name_party(party_data(named))).list_others(),
        )
        return f"{named.name} was removed as {PartyRole(named.role).label.lower()}."

    what = f"{named.name} as {PartyRole(named.role).label.lower()}"
    return _remove(request, page, "parties", call, what=what, button="Remove this party")


def _remove(
    request: HttpRequest,
    page: ApplicationPage,
    step: str,
    call: Callable[[dict[str, Any]], str],
    *,
    what: str,
    button: str,
    kind: type[forms.OnceForm] = forms.RemovalForm,
) -> HttpResponse:
    """Show what is about to be taken out of a draft, and take it out when told to."""
    form = bind(request, kind, {"version": page.application.version})
    onward = _address(page, step)
    context = {**_step(page, step), "what": what, "button": button, "back_url": onward}
    return answer(request, form, call, template="applications/remove", onward=onward, context=context)


@READ_AND_WRITE
def installation(request: HttpRequest, reference: uuid.UUID) -> HttpResponse:
    """Where the chips will stand."""
    page = find_page(request, reference)
    names = [name for name in forms.InstallationForm.base_fields if name not in ("token", "version", "site_country")]
    initial = {name: getattr(page.application, name) for name in names}
    initial |= {"version": page.application.version, "site_country": page.application.site_country_id}
    return _save(request, page, "installation", forms.InstallationForm, initial, operations.save_installation)


@READ_AND_WRITE
def end_use(request: HttpRequest, reference: uuid.UUID) -> HttpResponse:
    """What the chips are for."""
    page = find_page(request, reference)
    initial = {name: getattr(page.application, name) for name in forms.EndUseForm.base_fields if name != "token"}
    return _save(request, page, "end-use", forms.EndUseForm, initial, operations.save_end_use)


@READ_AND_WRITE
def safeguards(request: HttpRequest, reference: uuid.UUID) -> HttpResponse:
    """What the exporter and the recipient undertake."""
    page = find_page(request, reference)
    initial = {name: getattr(page.application, name) for name in forms.SafeguardsForm.base_fields if name != "token"}
    return _save(
        request, page, "safeguards", forms.SafeguardsForm, initial, operations.save_safeguards, facts=page.safeguards
    )


def _save(
    request: HttpRequest,
    page: ApplicationPage,
    step: str,
    kind: type,
    initial: dict[str, Any],
    save: Callable[..., Any],
    **options: Any,
) -> HttpResponse:
    """A step whose whole content is one form and one operation."""
    context = _step(page, step)
    argument = step.replace("-", "_")

    def call(data: dict[str, Any]) -> str:
        save(
            application=page.application,
            version=data["version"],
            by=request.user,
            at=timezone.now(),
            **{argument: {name: value for name, value in data.items() if name != "version"}},
        )
        return f"Saved as far as it goes. Still to answer: {'; '.join(gaps)}." if gaps else "Saved."

    form = bind(request, kind, initial, **options)
    gaps = form.leave_gaps() if request.method == "POST" and "leave" in request.POST else []
    return answer(
        request,
        form,
        call,
        template=f"applications/{argument}",
        onward=_onward(request, context),
        context=context,
    )


@require_safe
def items(request: HttpRequest, reference: uuid.UUID) -> HttpResponse:
    """The lines to be exported."""
    page = find_page(request, reference)
    context = {
        **_step(page, "items"),
        "lines": [(line, Entry(page, "items", str(place)).typed) for place, line in enumerate(page.items, start=1)],
        "begun": Entry(page, "items", NEW).typed,
    }
    return render(request, "portal/applications/items.html", context)


@READ_AND_WRITE
def item(request: HttpRequest, reference: uuid.UUID, place: int | None = None) -> HttpResponse:
    """Add a line, or correct one."""
    page = find_page(request, reference)
    known = [item_data(each) for each in page.items]
    if place is not None and not 1 <= place <= len(known):
        raise Http404
    initial: dict[str, Any] = {"version": page.application.version}
    initial |= known[place - 1] if place is not None else {"kind": "chip", "eccn": "3A090.a"}
    entry = Entry(page, "items", NEW if place is None else str(place))
    if request.method == "POST" and "discard" in request.POST:
        return _discard(request, entry, _address(page, "items"))
    form = bind(request, forms.ItemForm, initial | entry.typed)
    gaps = form.leave_gaps() if "leave" in request.POST else []

    def call(data: dict[str, Any]) -> str:
        if gaps:
            return _leave(request, entry, form, gaps)
        line = {name: value for name, value in data.items() if name != "version"}
        rows = [*known, line] if place is None else [*known[: place - 1], line, *known[place:]]
        operations.save_items(
            application=page.application,
            items=rows,
            version=data["version"],
            by=request.user,
            at=timezone.now(),
            unfinished=entry.list_others(),
        )
        return f"{data['quantity']:,} {data['model']} were saved."

    context = {
        **_step(page, "items"),
        "place": place,
        "models": selectors.list_model_names(),
        "unfinished": entry.typed,
    }
    onward = context["overview_url"] if "leave" in request.POST else _address(page, "items")
    return answer(request, form, call, template="applications/item", onward=onward, context=context)


@READ_AND_WRITE
def remove_item(request: HttpRequest, reference: uuid.UUID, place: int) -> HttpResponse:
    """Ask, then take a line out of the draft."""
    page = find_page(request, reference)
    if not 1 <= place <= len(page.items):
        raise Http404
    line = page.items[place - 1]

    def call(data: dict[str, Any]) -> str:
        rows = [item_data(each) for number, each in enumerate(page.items, start=1) if number != place]
        left = Entry(page, "items", str(place)).list_others()
        operations.save_items(
            application=page.application,
            items=rows,
            version=data["version"],
            by=request.user,
            at=timezone.now(),
            # The lines behind the one that goes move up, and what was left of them with them.
            unfinished={str(int(of) - 1) if of != NEW and int(of) > place else of: typed for of, typed in left.items()},
        )
        return f"Line {place}, {line}, was removed."

    return _remove(request, page, "items", call, what=f"line {place}: {line}", button="Remove this line")


@READ_AND_WRITE
def documents(request: HttpRequest, reference: uuid.UUID) -> HttpResponse:
    """The documents attached so far, and one more."""
    page = find_page(request, reference)
    context = _step(page, "documents")
    context["documents"] = [
        {
            "title": document.title,
            "url": f"/portal/applications/{reference}/documents/{document.pk}/",
            "kind_label": document.get_kind_display(),
            "size": document.size,
            "pages": document.pages,
            "uploaded_by_label": document.uploaded_by_label,
            "uploaded_at": document.uploaded_at,
        }
        for document in page.documents
    ]

    def call(data: dict[str, Any]) -> str:
        document = operations.add_document(
            application=page.application,
            kind=data["kind"],
            title=data["title"],
            upload=data["file"],
            by=request.user,
            at=timezone.now(),
        )
        return f"“{document.title}” was attached."

    return answer(
        request,
        bind(request, forms.DocumentForm, {"kind": request.GET.get("kind", "")}),
        call,
        template="applications/documents",
        onward=_address(page, "documents"),
        context=context,
    )


@READ_AND_WRITE
def remove_document(request: HttpRequest, reference: uuid.UUID, document_id: int) -> HttpResponse:
    """Ask, then take a document out of the draft."""
    page = find_page(request, reference)
    document = next((each for each in page.documents if each.pk == document_id), None)
    if document is None:
        raise Http404

    def call(data: dict[str, Any]) -> str:
        operations.remove_document(document=document, by=request.user, at=timezone.now())
        return f"“{document.title}” was removed."

    return _remove(
        request, page, "documents", call, what=f"“{document.title}”", button="Remove this document", kind=forms.OnceForm
    )
