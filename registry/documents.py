"""A file is what its bytes say it is: read once, measured, hashed, and parsed before anybody can open it.

Licensing and the tracks all take their documents in here.
"""

import hashlib
import io
from dataclasses import dataclass
from typing import Protocol

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from pypdf import PdfReader
from pypdf.errors import PyPdfError

from accounts.rules import Refused

LARGEST_BYTES = 10 * 1024 * 1024


class Upload(Protocol):
    """What is asked of an uploaded file: its bytes. Its name and its declared type are not believed."""

    size: int

    def read(self, size: int = ...) -> bytes: ...


@dataclass(frozen=True, slots=True)
class Inspected:
    """A PDF that was read: its bytes, their hash, and how many pages they make."""

    content: bytes
    sha256: str
    pages: int


def inspect_pdf(upload: Upload) -> Inspected:
    """Read an upload and prove it a PDF (EAR 748.6(e)). Raises Refused, in words, on anything else."""
    content = upload.read(LARGEST_BYTES + 1)
    if not content:
        raise Refused("The file is empty. Choose a PDF with at least one page.", rule="document.some", field="file")
    if len(content) > LARGEST_BYTES:
        raise Refused(
            f"The file is larger than {LARGEST_BYTES // (1024 * 1024)} MB. Reduce it or split it in two.",
            rule="document.size",
            field="file",
        )
    if not content.startswith(b"%PDF-"):
        raise Refused(
            "The file is not a PDF, whatever its name says. Save the document as a PDF and choose it again.",
            rule="document.pdf",
            field="file",
        )
    try:
        reader = PdfReader(io.BytesIO(content))
        if reader.is_encrypted:
            raise Refused(
                "The PDF is protected by a password. Save it without one and choose it again.",
                rule="document.readable",
                field="file",
            )
        pages = len(reader.pages)
    except (PyPdfError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise Refused(
            "The file begins like a PDF but cannot be read as one. It may be damaged: save it again as a PDF.",
            rule="document.readable",
            field="file",
        ) from error
    if pages < 1:
        raise Refused("The PDF has no pages.", rule="document.some", field="file")
    return Inspected(content=content, sha256=hashlib.sha256(content).hexdigest(), pages=pages)


def store(inspected: Inspected) -> str:
    """Put the bytes where their hash says; the same bytes are stored once. Returns the storage's name."""
    name = f"{inspected.sha256[:2]}/{inspected.sha256}.pdf"
    if not default_storage.exists(name):
        default_storage.save(name, ContentFile(inspected.content))
    return name


def read_lines(content: bytes) -> list[str]:
    """The text of a PDF, line by line, without empty lines; nothing where it holds only pictures or cannot be read."""
    try:
        pages = [page.extract_text() for page in PdfReader(io.BytesIO(content)).pages]
    except (PyPdfError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return []
    lines = (" ".join(line.split()) for page in pages for line in page.splitlines())
    return [line for line in lines if line]
