"""The reading room's way with a model: list, search, follow links, read. Nothing is ever written through it.

Who may read is decided by the site (`oversight.site`), once for all models; a model decides only what is shown.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db import models
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse

from audit.models import identify
from audit.reading.cells import Cell, Fact, find_subject_model, get_subject_url, read_cell
from audit.reading.papers import Paper, find_paper

# Columns whose own name is not a reader's word.
_LABELS = {"id": "Number", "value_cents": "Value", "sha256": "SHA-256", "says": "Words", "by": "By"}
SHOWN_IN_A_SECTION = 20
COUNTED_AT_MOST = 10_000


class CappedPaginator(Paginator):
    """Counts no further than a reader pages: a register of millions opens as fast as one of thousands."""

    @cached_property
    def count(self) -> int:
        """How many rows there are, or one more than COUNTED_AT_MOST when there are more than that."""
        return int(self.object_list.order_by()[: COUNTED_AT_MOST + 1].count())

    counted_at_most = COUNTED_AT_MOST

    @property
    def is_capped(self) -> bool:
        """Whether there are more rows than were counted."""
        return self.count > COUNTED_AT_MOST


@dataclass(frozen=True, slots=True)
class Section:
    """Rows that belong to the row on the page, as the admin of their own model lists them.

    `by` is the lookup that finds them. Without it they are found by subject: the row itself, or those that
    `subjects` answers.
    """

    model: str
    by: str = ""
    title: str = ""
    subjects: Callable[[Any], Iterable[tuple[str, str]]] | None = None
    without: tuple[str, ...] = ()


class _Register(ChangeList):
    """Django's own list, told about the columns in our words."""

    @property
    def columns(self) -> list[dict[str, Any]]:
        """The heads of the columns with the address that sorts by each."""
        ordered = self.get_ordering_field_columns()
        heads = []
        for number, name in enumerate(self.list_display):
            sortable = self.get_ordering_field(name) is not None
            way = ordered.get(number, "")
            turned = f"-{number}" if way == "asc" else str(number)
            heads.append(
                {
                    "label": self.model_admin.get_label(name),
                    "url": self.get_query_string({"o": turned}) if sortable else "",
                    "sort": {"asc": "ascending", "desc": "descending"}.get(way, ""),
                    "is_number": self.model_admin.is_number(name),
                }
            )
        return heads


class ReadOnlyAdmin(admin.ModelAdmin):
    """A model that can be read by oversight and changed by nobody here.

    `says`: one sentence on what it is. `secret_fields` are never read for a page, `heavy_fields` never loaded.
    `subject_fields`: the two columns that name the row's subject, where it has one.
    `downloads`: the name of the address at which the site hands out the file of a row, where rows have one;
    `paper_word`: what such a file is called, in the journal and as it is saved.
    """

    title = ""
    says = ""
    secret_fields: tuple[str, ...] = ()
    heavy_fields: tuple[str, ...] = ()
    subject_fields: tuple[str, str] | tuple[()] = ()
    sections: tuple[Section, ...] = ()
    downloads = ""
    paper_word = ""

    actions = None
    list_per_page = 50
    list_max_show_all = 0
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    paginator = CappedPaginator
    change_list_template = "oversight/list.html"

    # ── Who may: asked of the site, never of the model ──────────────────────────────────────────────

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Oversight reads everything."""
        return self.admin_site.has_permission(request)

    def has_module_permission(self, request: HttpRequest) -> bool:
        """As `has_view_permission`."""
        return self.admin_site.has_permission(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Nobody adds anything here."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody changes anything here."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody deletes anything here."""
        return False

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """Only what a page of the reading room links to. A free lookup could ask for a secret letter by letter."""
        path, _, ending = lookup.rpartition("__")
        if ending == "exact" and path in self._relations:
            return True
        if lookup in self.subject_fields:
            return True
        filtered = [name[0] if isinstance(name, tuple) else name for name in self.list_filter]
        return any(lookup == name or lookup.startswith(f"{name}__") for name in filtered if isinstance(name, str))

    @cached_property
    def _relations(self) -> frozenset[str]:
        """The lookups by which sections of other rows find rows of this model."""
        paths = {
            section.by
            for other in self.admin_site._registry.values()
            for section in getattr(other, "sections", ())
            if section.by and section.model == self.opts.label_lower
        }
        return frozenset(paths | {f.name for f in self.opts.concrete_fields if isinstance(f, models.ForeignKey)})

    # ── Pages ───────────────────────────────────────────────────────────────────────────────────────

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """All rows, without what would be heavy to load and what is never shown."""
        return super().get_queryset(request).defer(*self.heavy_fields, *self.secret_fields)

    def get_list_select_related(self, request: HttpRequest) -> tuple[str, ...]:
        """What is named, or else what the columns lead to.

        Never nothing: Django would then join whatever can be reached from a column that leads somewhere, and
        sixty joined tables are a query that a server without fresh statistics does not end.
        """
        columns = {field.name for field in self.opts.concrete_fields if isinstance(field, models.ForeignKey)}
        return tuple(self.list_select_related or [name for name in self.list_display if name in columns])

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        """The list with our columns."""
        return _Register

    def get_list_display(self, request: HttpRequest) -> tuple[str, ...]:
        """The columns as declared: no box to tick, since nothing can be done to rows."""
        return tuple(self.list_display)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The register of a model: search, filter, sort, page."""
        self._refuse_writing(request)
        words = {
            "title": self.get_title(),
            "says": self.says,
            "app_word": self.admin_site.get_group_name(self.opts.app_label),
        }
        response = super().changelist_view(request, {**words, **(extra_context or {})})
        register = getattr(response, "context_data", {}).get("cl") if hasattr(response, "context_data") else None
        if register is not None:
            response.context_data["rows"] = [self.get_row(row) for row in register.result_list]
            response.context_data["filters"] = [self._read_filter(one, register) for one in register.filter_specs]
            response.context_data |= self._read_page(register)
            response.context_data["chosen"] = self._read_chosen(register)
        return response

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """One row: everything it holds, and everything that belongs to it. Also the door of adding: closed."""
        self._refuse_writing(request)
        if object_id is None:
            self.admin_site.refuse_writing(self.opts.verbose_name_plural)
        row = self._get(request, str(object_id))
        kind, key = identify(row)
        context = {
            **self.admin_site.each_context(request),
            "title": str(row),
            "app_word": self.admin_site.get_group_name(self.opts.app_label),
            "register": self.get_title(),
            "register_url": reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist"),
            "opts": self.opts,
            "says": self.says,
            "row": row,
            "facts": self.get_facts(row),
            "sections": [self._read_section(request, row, section) for section in self.sections],
            "journal_url": reverse("admin:journal_subject", args=[kind, key]),
            "download": self.get_download(row),
        }
        request.current_app = self.admin_site.name
        return TemplateResponse(request, "oversight/detail.html", context)

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Nothing is deleted here, and every try is told why."""
        return self.admin_site.refuse_writing(self.opts.verbose_name_plural)

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """What was done to a row is in the journal."""
        self._refuse_writing(request)
        row = self._get(request, object_id)
        return HttpResponseRedirect(reverse("admin:journal_subject", args=identify(row)))

    def get_paper(self, row: Any) -> Paper:
        """The file of a row, still unopened."""
        return find_paper(row, word=self.paper_word or str(self.opts.verbose_name))

    def get_download(self, row: Any) -> dict[str, str]:
        """Where the file of a row can be downloaded and what it is, if it has one."""
        if not self.downloads:
            return {}
        return {"url": reverse(f"admin:{self.downloads}", args=[row.pk]), "kind": self.get_paper(row).kind}

    def _refuse_writing(self, request: HttpRequest) -> None:
        if request.method not in {"GET", "HEAD"}:
            self.admin_site.refuse_writing(self.opts.verbose_name_plural)

    def _get(self, request: HttpRequest, object_id: str) -> Any:
        """One row with all that it names, in one query; its secrets and bytes stay unread.

        What the names of its register are read from is joined here too.
        """
        unread = [field.name for field in self.opts.concrete_fields if isinstance(field, models.BinaryField)]
        named = [field.name for field in self.opts.concrete_fields if isinstance(field, models.ForeignKey)]
        rows = self.model._default_manager.defer(*self.secret_fields, *unread)
        named += self.list_select_related or ()
        if named:
            rows = rows.select_related(*named)
        try:
            return rows.get(pk=self.opts.pk.to_python(unquote(object_id)))
        except (self.model.DoesNotExist, ValidationError, ValueError) as missing:
            raise Http404(f"There is no {self.opts.verbose_name} {object_id}.") from missing

    def get_title(self) -> str:
        """The name of the register."""
        words = str(self.title or self.opts.verbose_name_plural)
        return words[:1].upper() + words[1:]

    # ── What is shown ───────────────────────────────────────────────────────────────────────────────

    def get_label(self, name: str) -> str:
        """The name of a column or a fact."""
        if name == "__str__":
            words = self.opts.verbose_name
        elif self._is_field(name):
            words = self.opts.get_field(name).verbose_name
        else:
            words = getattr(getattr(self, name), "short_description", name)
        text = _LABELS.get(name) or str(words).replace("_", " ").removesuffix(" label")
        return text[:1].upper() + text[1:]

    def _is_field(self, name: str) -> bool:
        return any(field.name == name for field in self.opts.concrete_fields)

    def is_number(self, name: str) -> bool:
        """Whether a column holds numbers, which stand to the right."""
        if not self._is_field(name):
            return False
        field = self.opts.get_field(name)
        if isinstance(field, models.AutoField | models.ForeignKey) or field.choices:
            return False
        return isinstance(field, models.IntegerField | models.DecimalField)

    @admin.display(description="subject")
    def subject(self, row: Any) -> Cell:
        """What a row is about, as a link to it."""
        kind, key = (getattr(row, name) for name in self.subject_fields)
        model = find_subject_model(kind)
        word = str(model._meta.verbose_name) if model else kind
        return Cell("text", f"{word[:1].upper()}{word[1:]} {key}", get_subject_url(self.admin_site, kind, key))

    def get_row(self, row: Any, without: tuple[str, ...] = ()) -> dict[str, Any]:
        """The cells of one row of a register."""
        opts = self.opts
        return {
            "url": reverse(f"admin:{opts.app_label}_{opts.model_name}_change", args=[row.pk]),
            "cells": [read_cell(self.admin_site, row, name, self) for name in self.list_display if name not in without],
        }

    def get_facts(self, row: Any) -> list[Fact]:
        """Every field of a row by its name. A secret is named and masked; what is heavy is left out."""
        facts = []
        if self.subject_fields:
            facts.append(Fact("Subject", self.subject(row)))
        for field in self.opts.concrete_fields:
            if field.name in self.subject_fields or isinstance(field, models.BinaryField):
                continue
            if field.name in self.secret_fields:
                facts.append(Fact(self.get_label(field.name), Cell("masked", None)))
                continue
            facts.append(
                Fact(self.get_label(field.name), read_cell(self.admin_site, row, field.name), str(field.help_text))
            )
        return facts

    def _read_section(self, request: HttpRequest, row: Any, section: Section) -> dict[str, Any]:
        """The first rows of a section, and the address of all of them."""
        app_label, model_name = section.model.split(".")
        listed = next(
            one for model, one in self.admin_site._registry.items() if model._meta.label_lower == section.model
        )
        rows = listed.get_queryset(request)
        related = listed.get_list_select_related(request)
        rows = rows.select_related(*related) if isinstance(related, list | tuple) else rows
        address = reverse(f"admin:{app_label}_{model_name}_changelist")
        if section.by:
            rows = rows.filter(**{section.by: row.pk})
            more_url = f"{address}?{section.by}__exact={row.pk}"
        else:
            kind_field, key_field = listed.subject_fields
            wanted = models.Q(pk__in=[])
            subjects = list(section.subjects(row)) if section.subjects else [identify(row)]
            for kind, key in subjects:
                wanted |= models.Q(**{kind_field: kind, key_field: key})
            rows = rows.filter(wanted)
            kind, key = subjects[0] if len(subjects) == 1 else ("", "")
            more_url = f"{address}?{kind_field}={kind}&{key_field}={key}" if kind else ""
        shown = list(rows.order_by(*(listed.ordering or listed.opts.ordering or ("-pk",)))[: SHOWN_IN_A_SECTION + 1])
        title = section.title or listed.get_title()
        names = [name for name in listed.list_display if name not in section.without]
        return {
            "title": title[:1].upper() + title[1:],
            "columns": [{"label": listed.get_label(name), "is_number": listed.is_number(name)} for name in names],
            "rows": [listed.get_row(one, section.without) for one in shown[:SHOWN_IN_A_SECTION]],
            "more_url": more_url if len(shown) > SHOWN_IN_A_SECTION else "",
            "is_cut": len(shown) > SHOWN_IN_A_SECTION and not more_url,
        }

    def _read_filter(self, one: Any, register: ChangeList) -> dict[str, Any]:
        """A filter with its choices, and the word of the one that is chosen (nothing for "All")."""
        choices = list(one.choices(register))
        title = str(one.title).replace("_", " ")
        chosen = [str(choice["display"]) for choice in choices[1:] if choice["selected"]]
        return {
            "title": title[:1].upper() + title[1:],
            "choices": choices,
            "is_chosen": ", ".join(chosen),
        }

    def _read_page(self, register: ChangeList) -> dict[str, Any]:
        """Where in the register this page stands, and the ways on and back."""
        page = register.paginator.page(register.page_num)
        number, last = register.page_num, register.paginator.num_pages
        return {
            "page": page,
            "previous_url": register.get_query_string({"p": number - 1}) if number > 1 else "",
            "next_url": register.get_query_string({"p": number + 1}) if number < last else "",
            "is_last_of_capped": register.paginator.is_capped and number >= last,
        }

    def _read_chosen(self, register: ChangeList) -> list[dict[str, str]]:
        """The relation or subject by which a register is narrowed, so that the page can say it and undo it."""
        chosen = []
        for name, values in register.filter_params.items():
            path = name.removesuffix("__exact")
            if path in self._relations or name in self.subject_fields:
                chosen.append(
                    {
                        "label": path.replace("__", " ").replace("_", " ").capitalize(),
                        "value": ", ".join(str(value) for value in values),
                        "remove_url": register.get_query_string(remove=[name]),
                    }
                )
        return chosen
