"""One value of one row, made ready for a page: what kind of thing it is, and where it leads."""

import json
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.apps import apps
from django.contrib.admin import AdminSite
from django.core.exceptions import FieldDoesNotExist, ObjectDoesNotExist, ValidationError
from django.db import models
from django.urls import reverse
from psycopg.types.range import Range

HASHES = frozenset({"hash", "previous_hash", "head_hash", "merkle_root", "sha256", "content_hash", "edition_hash",
                    "facts_digest", "transaction_digest"})  # fmt: skip
COUNTED_IN_CENTS = frozenset({"value_cents"})
STATUSES = frozenset({"status"})


@dataclass(frozen=True, slots=True)
class Cell:
    """A value as a page shows it. `kind` says how it is written, `url` where it leads (nowhere when empty)."""

    kind: str
    value: Any
    url: str = ""
    word: str = ""

    @property
    def is_number(self) -> bool:
        """Whether it stands to the right in its column."""
        return self.kind in {"number", "cents"}


@dataclass(frozen=True, slots=True)
class Fact:
    """A value with its name."""

    name: str
    cell: Cell
    says: str = ""


def get_detail_url(site: AdminSite, row: models.Model) -> str:
    """The page of a row in the reading room; empty where its model has none."""
    return get_model_url(site, type(row), row.pk)


def get_model_url(site: AdminSite, model: type[models.Model], key: object) -> str:
    """The page of the row of `model` with this key; empty where the model has none."""
    if key in (None, "") or not site.is_registered(model):
        return ""
    opts = model._meta
    return reverse(f"admin:{opts.app_label}_{opts.model_name}_change", args=[key])


def find_subject_model(subject_kind: str) -> type[models.Model] | None:
    """The model that a subject's kind ("licensing.case") names, if it names one."""
    try:
        return apps.get_model(subject_kind)
    except (LookupError, ValueError):
        return None


def get_subject_url(site: AdminSite, subject_kind: str, subject_id: str) -> str:
    """The page of a subject in the reading room; empty where it is no row of a model ("audit.seal", "all")."""
    model = find_subject_model(subject_kind)
    if model is None:
        return ""
    try:
        key = model._meta.pk.to_python(subject_id)
    except (ValueError, ValidationError):
        return ""
    return get_model_url(site, model, key)


def link_to(site: AdminSite, row: models.Model) -> Cell:
    """A row by its own name, as a link to it: for columns that lead further than a field does."""
    return Cell("text", str(row), get_detail_url(site, row))


def read_cell(site: AdminSite, row: models.Model, name: str, source: Any = None) -> Cell:
    """The value that `name` has in `row`: a field, or else a column that `source` (the row's admin) makes."""
    try:
        field = row._meta.get_field(name)
    except FieldDoesNotExist:
        made = str(row) if name == "__str__" else getattr(source, name)(row)
        return made if isinstance(made, Cell) else _plain(name, made)
    return _field_cell(site, row, field)


def _field_cell(site: AdminSite, row: models.Model, field: Any) -> Cell:
    if isinstance(field, models.ForeignKey):
        key = getattr(row, field.attname)
        if key is None:
            return Cell("nothing", None)
        try:
            related = getattr(row, field.name)
        except ObjectDoesNotExist:
            return Cell("text", f"{field.related_model._meta.verbose_name} {key}, which is missing")
        return link_to(site, related)
    value = getattr(row, field.attname)
    if field.choices and value not in (None, ""):
        word = getattr(row, f"get_{field.name}_display")()
        return Cell("status" if field.name in STATUSES else "text", value, word=word)
    if isinstance(field, models.FileField):
        return Cell("text", value.name if value else "") if value else Cell("nothing", None)
    if isinstance(field, models.AutoField):
        return Cell("key", value)
    return _plain(field.name, value, long=isinstance(field, models.TextField), data=isinstance(field, models.JSONField))


def _plain(name: str, value: Any, *, long: bool = False, data: bool = False) -> Cell:
    if data:
        return Cell("data", json.dumps(value, indent=2, ensure_ascii=False)) if value else Cell("nothing", None)
    if value is None or value == "" or value == []:
        return Cell("nothing", None)
    if isinstance(value, bool):
        return Cell("text", "Yes" if value else "No")
    if name in HASHES:
        return Cell("hash", value)
    if name in COUNTED_IN_CENTS:
        return Cell("cents", value)
    if isinstance(value, Range) and value.lower and value.upper:
        return Cell("span", value)
    if isinstance(value, datetime):
        return Cell("instant", value)
    if isinstance(value, date):
        return Cell("day", value)
    if isinstance(value, int | Decimal):
        return Cell("number", value)
    if isinstance(value, list | tuple):
        return Cell("text", ", ".join(str(one) for one in value))
    return Cell("long" if long else "text", str(value))
