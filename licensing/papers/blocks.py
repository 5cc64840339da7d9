"""What a paper is made of: plain text in a few kinds of block. Nothing here knows how it is printed."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Heading:
    text: str


@dataclass(frozen=True, slots=True)
class Text:
    """Prose. A line break in it begins a new paragraph. `lead` sets the decision, `quiet` a remark."""

    text: str
    style: str = "body"


@dataclass(frozen=True, slots=True)
class Pairs:
    """Names and values, such as the parties in their roles. A value may have several lines."""

    rows: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Column:
    title: str
    share: float
    number: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """A table whose head is repeated on each page; `total` closes it."""

    columns: Sequence[Column]
    rows: Sequence[Sequence[str]]
    total: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Numbered:
    """Numbered paragraphs; each may have a source, set below it."""

    items: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Square:
    """A QR code beside its words, with the address in it printed too."""

    url: str
    paragraphs: Sequence[str]


@dataclass(frozen=True, slots=True)
class SignatureBlock:
    """Who answers for the letter: the first line is how, the second is set in bold."""

    how: str
    name: str
    lines: Sequence[str] = ()


Block: TypeAlias = Heading | Text | Pairs | Table | Numbered | Square | SignatureBlock


@dataclass(frozen=True, slots=True)
class Enclosure:
    """What is enclosed with a letter and follows its signature."""

    title: str
    blocks: Sequence[Block]


@dataclass(frozen=True, slots=True)
class Paper:
    """A whole letter or license, from its letterhead to its enclosures.

    `headline` stands on top of the first page; `title` and `number` on each page and in the file's description.
    """

    headline: str
    title: str
    number: str
    author: str
    letterhead: Sequence[str]
    addressee: Sequence[str]
    references: Sequence[tuple[str, str]]
    subject: str
    salutation: str
    blocks: Sequence[Block]
    marking: str
    demonstration: str = ""
    enclosures: Sequence[Enclosure] = ()
