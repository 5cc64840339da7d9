"""The typeface of every paper, and what is done with letters it does not have and with markup in people's text."""

import unicodedata
from functools import cache
from pathlib import Path
from xml.sax.saxutils import escape

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

FOLDER = Path(__file__).resolve().parent.parent.parent / "static" / "vendor" / "source-sans" / "3.52"
REGULAR = "SourceSans3"
BOLD = "SourceSans3-Bold"
# What stands for a letter that the typeface lacks. A note says so wherever it is used.
MISSING = "\u25a1"


@cache
def load() -> frozenset[int]:
    """Register both weights once for each process; the answer is the letters that both have."""
    covered: frozenset[int] | None = None
    for name, file in ((REGULAR, "SourceSans3-Regular.ttf"), (BOLD, "SourceSans3-Bold.ttf")):
        font = TTFont(name, str(FOLDER / file))
        pdfmetrics.registerFont(font)
        letters = frozenset(font.face.charToGlyph)
        covered = letters if covered is None else covered & letters
    pdfmetrics.registerFontFamily(REGULAR, normal=REGULAR, bold=BOLD, italic=REGULAR, boldItalic=BOLD)
    assert covered is not None
    return covered


def printable(text: str) -> str:
    """Text in letters that can be printed: composed, without control and direction characters.

    Invisible characters that turn the direction of writing could make a name read as another, so they go.
    A letter that the typeface lacks becomes an empty square.
    """
    letters = load()
    kept = []
    for character in unicodedata.normalize("NFC", text):
        if character.isspace():
            kept.append("\u00a0" if character == "\u00a0" else " ")
        elif unicodedata.category(character) in ("Cc", "Cf"):
            continue
        elif ord(character) in letters:
            kept.append(character)
        else:
            kept.append(MISSING)
    return "".join(kept).strip()


def markup(text: str) -> str:
    """Text made harmless for the typesetter, whose paragraphs read markup."""
    return escape(printable(text))
