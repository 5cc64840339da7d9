"""Photos and documents of a visit: what their bytes say they are, read once, measured and hashed."""

import hashlib
import io
import warnings
from dataclasses import dataclass

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from PIL import Image, UnidentifiedImageError

from accounts.rules import Refused
from inspections.statuses import MediaType, PaperKind
from registry.documents import LARGEST_BYTES, Upload, inspect_pdf

__all__ = ["LONGEST_CAPTION", "Inspected", "Upload", "inspect", "store"]

LONGEST_CAPTION = 300
# More pixels than a camera has: a bomb, no photo.
MOST_PIXELS = 200_000_000
_IMAGES = ((b"\xff\xd8\xff", MediaType.JPEG, "JPEG"), (b"\x89PNG\r\n\x1a\n", MediaType.PNG, "PNG"))
_ENDINGS = {MediaType.JPEG: "jpg", MediaType.PNG: "png", MediaType.PDF: "pdf"}


@dataclass(frozen=True, slots=True)
class Inspected:
    """A file that was read and is what it says."""

    content: bytes
    sha256: str
    media_type: MediaType
    kind: PaperKind


class _Again:
    """An upload whose bytes were read already, for one more reading."""

    def __init__(self, content: bytes) -> None:
        self.size = len(content)
        self._file = io.BytesIO(content)

    def read(self, size: int = -1) -> bytes:
        return self._file.read(size)


def inspect(upload: Upload) -> Inspected:
    """Read an upload and prove it a JPEG, a PNG or a PDF. Raises Refused, in words, on anything else."""
    content = upload.read(LARGEST_BYTES + 1)
    if not content:
        raise Refused("The file is empty. Choose a photo or a PDF.", rule="document.some", field="file")
    if len(content) > LARGEST_BYTES:
        raise Refused(
            f"The file is larger than {LARGEST_BYTES // (1024 * 1024)} MB. Reduce the photo, or split the document.",
            rule="document.size",
            field="file",
        )
    if content.startswith(b"%PDF-"):
        found = inspect_pdf(_Again(content))
        return Inspected(found.content, found.sha256, MediaType.PDF, PaperKind.DOCUMENT)
    for signature, media_type, name in _IMAGES:
        if content.startswith(signature):
            _check_image(content, name)
            return Inspected(content, hashlib.sha256(content).hexdigest(), media_type, PaperKind.PHOTO)
    raise Refused(
        "The file is neither a JPEG or PNG image nor a PDF, whatever its name says. Save it as one of them and choose "
        "it again.",
        rule="document.kind",
        field="file",
    )


def _check_image(content: bytes, name: str) -> None:
    try:
        with warnings.catch_warnings():
            # A picture of too many pixels is refused below, and is no warning on a page.
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(content), formats=[name]) as image:
                width, height = image.size
                image.verify()
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, SyntaxError, ValueError) as error:
        raise Refused(
            f"The file begins like a {name} image but cannot be read as one. It may be damaged: take or save it again.",
            rule="document.readable",
            field="file",
        ) from error
    if width * height > MOST_PIXELS:
        raise Refused("The image has more pixels than a camera. Reduce it.", rule="document.size", field="file")


def store(inspected: Inspected) -> str:
    """Put the bytes where their hash says; the same bytes are stored once. Returns the storage's name."""
    name = f"{inspected.sha256[:2]}/{inspected.sha256}.{_ENDINGS[inspected.media_type]}"
    if not default_storage.exists(name):
        default_storage.save(name, ContentFile(inspected.content))
    return name
