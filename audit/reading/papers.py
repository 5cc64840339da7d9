"""What a row holds as a file: told before it is opened, so that opening it can be asked for and written down."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from django.db import models

PDF = "application/pdf"
TABBED = "text/tab-separated-values"
_KINDS = {PDF: "PDF", "image/jpeg": "JPEG image", "image/png": "PNG image", TABBED: "list"}


@dataclass(frozen=True, slots=True)
class Paper:
    """A file of a row: what it is called, how it is saved, what its bytes must hash to, and how they are read.

    Nothing is read before `read` is called; it raises FileNotFoundError when the store no longer has the file.
    """

    word: str
    title: str
    name: str
    media_type: str
    sha256: str
    read: Callable[[], bytes]

    @property
    def kind(self) -> str:
        """What is downloaded, in a word."""
        return _KINDS.get(self.media_type, "file")


def find_paper(row: models.Model, *, word: str) -> Paper:
    """The file of a row that has one, in the store or in a column of its own, and its hash beside it."""
    stored = next((field for field in row._meta.concrete_fields if isinstance(field, models.FileField)), None)
    known: Any = row
    ending = PurePosixPath(getattr(row, stored.name).name).suffix if stored else ".pdf"

    def read() -> bytes:
        if stored is None:
            return _read_column(row)
        with getattr(row, stored.name).open("rb") as file:
            content: bytes = file.read()
        return content

    return Paper(
        word=word,
        title=getattr(row, "title", "") or str(row),
        name=f"{word.replace(' ', '-')}-{row.pk}{ending}",
        media_type=getattr(row, "media_type", PDF),
        sha256=known.sha256,
        read=read,
    )


def _read_column(row: models.Model) -> bytes:
    column = next(field.name for field in row._meta.concrete_fields if isinstance(field, models.BinaryField))
    return bytes(type(row)._default_manager.values_list(column, flat=True).get(pk=row.pk))
