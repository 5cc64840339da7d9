"""Setting a paper as a PDF: US letter, one typeface, the same bytes for the same paper."""

from collections.abc import Sequence
from io import BytesIO
from typing import Any

import segno
from reportlab.lib.colors import Color, HexColor
from reportlab.lib.enums import TA_RIGHT
from reportlab.lib.pagesizes import letter
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import inch
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import (
    BaseDocTemplate,
    CondPageBreak,
    Flowable,
    Frame,
    HRFlowable,
    KeepTogether,
    PageTemplate,
    Paragraph,
    Spacer,
)
from reportlab.platypus import (
    Table as Grid,
)

from .blocks import Block, Enclosure, Heading, Numbered, Pairs, Paper, SignatureBlock, Square, Table, Text
from .typeface import BOLD, MISSING, REGULAR, load, markup, printable

WIDTH, HEIGHT = letter
LEFT = RIGHT = 0.95 * inch
TOP, BOTTOM = 0.95 * inch, 0.9 * inch
INNER = WIDTH - LEFT - RIGHT
SQUARE = 1.15 * inch
ROOM_FOR_A_HEADING = 1.1 * inch
ROOM_FOR_AN_ENCLOSURE = 0.6 * (HEIGHT - TOP - BOTTOM)

BLACK = HexColor("#000000")
INK = HexColor("#1b1b1b")
QUIET = HexColor("#565c65")
NAVY = HexColor("#162e51")
LINE = HexColor("#a9aeb1")
SHADE = HexColor("#f0f0f0")
NOTICE = HexColor("#faf3d1")

STYLES = {
    "body": ParagraphStyle(
        "body",
        fontName=REGULAR,
        fontSize=10,
        leading=14,
        textColor=INK,
        spaceAfter=5,
        splitLongWords=1,
        allowWidows=0,
        allowOrphans=0,
    ),
}
STYLES["lead"] = ParagraphStyle("lead", STYLES["body"], fontSize=11, leading=15.5, spaceAfter=6)
STYLES["quiet"] = ParagraphStyle("quiet", STYLES["body"], fontSize=9, leading=12.5, textColor=QUIET)
STYLES["title"] = ParagraphStyle(
    "title", STYLES["body"], fontName=BOLD, fontSize=20, leading=24, textColor=NAVY, spaceAfter=2
)
STYLES["subject"] = ParagraphStyle("subject", STYLES["body"], fontName=BOLD, fontSize=11, leading=15, spaceAfter=8)
STYLES["heading"] = ParagraphStyle(
    "heading",
    STYLES["body"],
    fontName=BOLD,
    fontSize=11.5,
    leading=15,
    textColor=NAVY,
    spaceBefore=9,
    spaceAfter=3,
)
STYLES["cell"] = ParagraphStyle("cell", STYLES["body"], fontSize=9.5, leading=12.5, spaceAfter=0)
STYLES["strong"] = ParagraphStyle("strong", STYLES["cell"], fontName=BOLD)
STYLES["name"] = ParagraphStyle("name", STYLES["cell"], textColor=QUIET)
STYLES["figure"] = ParagraphStyle("figure", STYLES["cell"], alignment=TA_RIGHT)
STYLES["sum"] = ParagraphStyle("sum", STYLES["figure"], fontName=BOLD)
STYLES["item"] = ParagraphStyle(
    "item",
    STYLES["body"],
    leftIndent=20,
    bulletIndent=0,
    bulletFontName=REGULAR,
    bulletFontSize=10,
    bulletColor=INK,
)
STYLES["source"] = ParagraphStyle("source", STYLES["quiet"], leftIndent=20, spaceAfter=7)
STYLES["address"] = ParagraphStyle("address", STYLES["quiet"], textColor=INK, spaceAfter=0)


def render(paper: Paper) -> bytes:
    """The paper as a PDF. The same paper gives the same bytes, whenever and wherever it is set."""
    load()
    file = BytesIO()
    document = BaseDocTemplate(
        file,
        pagesize=letter,
        leftMargin=LEFT,
        rightMargin=RIGHT,
        topMargin=TOP,
        bottomMargin=BOTTOM,
        title=printable(f"{paper.title} {paper.number}"),
        author=printable(paper.author),
        subject=printable(paper.subject),
        creator="Countersign",
        lang="en-US",
        invariant=1,
        displayDocTitle=True,
    )
    frame = Frame(LEFT, BOTTOM, INNER, HEIGHT - TOP - BOTTOM, 0, 0, 0, 0)
    document.addPageTemplates(PageTemplate(id="page", frames=[frame]))

    class PaperCanvas(_CountedCanvas):
        printed = paper

    document.build(_story(paper), canvasmaker=PaperCanvas)
    return file.getvalue()


class _CountedCanvas(Canvas):
    """Holds every page back until all are set, so that each can say how many there are."""

    printed: Paper

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._pages: list[dict[str, Any]] = []

    def showPage(self) -> None:
        self._pages.append(dict(self.__dict__))
        self._startPage()

    def save(self) -> None:
        for number, page in enumerate(self._pages, start=1):
            self.__dict__.update(page)
            _edges(self, self.printed, number, len(self._pages))
            super().showPage()
        super().save()


def _edges(canvas: Canvas, paper: Paper, number: int, pages: int) -> None:
    """What stands on each page: number and marking above, the demonstration's line and the page below."""
    above = HEIGHT - 0.55 * inch
    _line(canvas, LEFT, above, printable(f"{paper.title} {paper.number}"), BOLD, 8.5, NAVY)
    canvas.setFont(REGULAR, 8.5)
    canvas.setFillColor(INK)
    canvas.drawRightString(WIDTH - RIGHT, above, printable(paper.marking))
    canvas.setStrokeColor(LINE)
    canvas.setLineWidth(0.6)
    canvas.line(LEFT, above - 6, WIDTH - RIGHT, above - 6)
    below = 0.45 * inch
    page = f"Page {number} of {pages}"
    canvas.setFont(REGULAR, 8.5)
    canvas.setFillColor(QUIET)
    if not paper.demonstration:
        canvas.drawRightString(WIDTH - RIGHT, below, page)
        return
    canvas.drawRightString(WIDTH - RIGHT, below + 22, page)
    canvas.setFillColor(NOTICE)
    canvas.rect(LEFT, below - 6, INNER, 18, stroke=0, fill=1)
    words = printable(paper.demonstration)
    size = 8.5
    while canvas.stringWidth(words, BOLD, size) > INNER - 12 and size > 5:
        size -= 0.25
    _line(canvas, LEFT + 6, below, words, BOLD, size, INK)


def _line(canvas: Canvas, x: float, y: float, words: str, font: str, size: float, color: Color) -> None:
    canvas.setFont(font, size)
    canvas.setFillColor(color)
    canvas.drawString(x, y, words)


def _paragraph(text: str, style: str, **options: Any) -> Paragraph:
    return Paragraph(markup(text), STYLES[style], **options)


def _paragraphs(text: str, style: str) -> list[Flowable]:
    """A person's text: each line that is not empty is a paragraph."""
    lines = [line for line in text.splitlines() if line.strip()]
    return [_paragraph(line, style) for line in lines]


def _story(paper: Paper) -> list[Flowable]:
    story: list[Flowable] = [*_head(paper)]
    last = max(place for place, block in enumerate(paper.blocks) if isinstance(block, Heading))
    for block in paper.blocks[:last]:
        story += _set(block)
    closing = [flowable for block in paper.blocks[last:] for flowable in _set(block)]
    if paper.enclosures:
        closing.append(_paragraph("Enclosed: " + "; ".join(_named(each) for each in paper.enclosures), "body"))
    # A signature does not stand alone on a page.
    story.append(KeepTogether(closing))
    for enclosure in paper.enclosures:
        story += [
            # On a page of its own, unless the letter ended near the head of one.
            CondPageBreak(ROOM_FOR_AN_ENCLOSURE),
            HRFlowable(width="100%", thickness=1.4, color=NAVY, spaceBefore=6, spaceAfter=8),
            _paragraph(f"Enclosure: {_named(enclosure)}", "subject"),
        ]
        for block in enclosure.blocks:
            story += _set(block)
    if _has_missing(paper):
        story.append(
            _paragraph(
                f"{MISSING} stands for a letter that the typeface of this paper does not have. The record of the case "
                "keeps each name as it was written.",
                "quiet",
            )
        )
    return story


def _named(enclosure: Enclosure) -> str:
    return f"{enclosure.title[0].lower()}{enclosure.title[1:]}"


def _head(paper: Paper) -> list[Flowable]:
    sender = [_paragraph(line, "strong" if n == 0 else "address") for n, line in enumerate(paper.letterhead)]
    addressee = [_paragraph(line, "cell") for line in paper.addressee]
    references = Grid(
        [[_paragraph(name, "name"), _paragraph(value, "strong")] for name, value in paper.references],
        colWidths=[1.15 * inch, 1.35 * inch],
        style=[
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ("LEFTPADDING", (0, 0), (-1, -1), 0),
            ("RIGHTPADDING", (0, 0), (-1, -1), 4),
            ("TOPPADDING", (0, 0), (-1, -1), 0),
            ("BOTTOMPADDING", (0, 0), (-1, -1), 2),
        ],
    )
    top = Grid(
        [[addressee, references]],
        colWidths=[INNER - 2.55 * inch, 2.55 * inch],
        style=[
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ("LEFTPADDING", (0, 0), (-1, -1), 0),
            ("RIGHTPADDING", (0, 0), (-1, -1), 6),
            ("TOPPADDING", (0, 0), (-1, -1), 0),
            ("BOTTOMPADDING", (0, 0), (-1, -1), 0),
        ],
        splitInRow=1,
    )
    return [
        *sender,
        Spacer(1, 12),
        _paragraph(paper.headline, "title"),
        HRFlowable(width="100%", thickness=1.4, color=NAVY, spaceBefore=2, spaceAfter=10),
        top,
        Spacer(1, 14),
        _paragraph(f"Subject: {paper.subject}", "subject"),
        _paragraph(paper.salutation, "body"),
    ]


def _set(block: Block) -> list[Flowable]:
    if isinstance(block, Heading):
        # Rather on the next page than alone at the foot of this one.
        return [CondPageBreak(ROOM_FOR_A_HEADING), _paragraph(block.text, "heading")]
    if isinstance(block, Text):
        return _paragraphs(block.text, block.style)
    if isinstance(block, Pairs):
        return _set_pairs(block)
    if isinstance(block, Table):
        return _set_table(block)
    if isinstance(block, Numbered):
        return _set_numbered(block)
    if isinstance(block, Square):
        return _set_square(block)
    return _set_signature(block)


def _set_pairs(block: Pairs) -> list[Flowable]:
    rows = [
        [_paragraph(name, "name"), _paragraphs(value, "cell") or [_paragraph("Not stated", "cell")]]
        for name, value in block.rows
    ]
    grid = Grid(
        rows,
        colWidths=[1.55 * inch, INNER - 1.55 * inch],
        style=[
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ("LINEBELOW", (0, 0), (-1, -1), 0.4, LINE),
            ("LEFTPADDING", (0, 0), (-1, -1), 0),
            ("RIGHTPADDING", (0, 0), (-1, -1), 4),
            ("TOPPADDING", (0, 0), (-1, -1), 3),
            ("BOTTOMPADDING", (0, 0), (-1, -1), 4),
        ],
        splitInRow=1,
    )
    return [grid, Spacer(1, 9)]


def _set_table(block: Table) -> list[Flowable]:
    def cells(values: Sequence[str], words: str, figure: str) -> list[Paragraph]:
        return [
            _paragraph(value, figure if column.number else words)
            for column, value in zip(block.columns, values, strict=True)
        ]

    rows = [cells([column.title for column in block.columns], "strong", "sum")]
    rows += [cells(row, "cell", "figure") for row in block.rows]
    style: list[tuple[Any, ...]] = [
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("BACKGROUND", (0, 0), (-1, 0), SHADE),
        ("LINEBELOW", (0, 0), (-1, -1), 0.4, LINE),
        ("LEFTPADDING", (0, 0), (-1, -1), 4),
        ("RIGHTPADDING", (0, 0), (-1, -1), 4),
        ("TOPPADDING", (0, 0), (-1, -1), 3),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 4),
    ]
    if block.total:
        rows.append(cells(block.total, "strong", "sum"))
        style += [("LINEABOVE", (0, -1), (-1, -1), 1.0, NAVY)]
    grid = Grid(
        rows,
        colWidths=[column.share * INNER for column in block.columns],
        repeatRows=1,
        style=style,
        splitInRow=1,
    )
    return [grid, Spacer(1, 9)]


def _set_numbered(block: Numbered) -> list[Flowable]:
    flow: list[Flowable] = []
    for number, (says, source) in enumerate(block.items, start=1):
        first, *more = [line for line in says.splitlines() if line.strip()] or [""]
        flow.append(_paragraph(first, "item", bulletText=f"{number}."))
        flow += [_paragraph(line, "item") for line in more]
        if source:
            flow.append(_paragraph(source, "source"))
    return flow


def _set_square(block: Square) -> list[Flowable]:
    words = [_paragraph(paragraph, "body") for paragraph in block.paragraphs]
    words.append(_paragraph(block.url, "strong"))
    grid = Grid(
        [[_QrCode(block.url), words]],
        colWidths=[SQUARE + 14, INNER - SQUARE - 14],
        style=[
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ("LEFTPADDING", (0, 0), (-1, -1), 0),
            ("RIGHTPADDING", (0, 0), (-1, -1), 0),
            ("TOPPADDING", (0, 0), (-1, -1), 2),
            ("BOTTOMPADDING", (0, 0), (-1, -1), 2),
        ],
    )
    return [grid, Spacer(1, 9)]


def _set_signature(block: SignatureBlock) -> list[Flowable]:
    return [
        Spacer(1, 10),
        _paragraph(block.how, "body"),
        Spacer(1, 6),
        _paragraph(block.name, "strong"),
        *(_paragraph(line, "cell") for line in block.lines),
        Spacer(1, 10),
    ]


class _QrCode(Flowable):
    """A QR code drawn as squares, with the quiet zone that readers need."""

    def __init__(self, content: str) -> None:
        super().__init__()
        self.matrix = _modules(content)
        self.width = self.height = SQUARE

    def wrap(self, *available: float) -> tuple[float, float]:
        return self.width, self.height

    def draw(self) -> None:
        side = SQUARE / len(self.matrix)
        self.canv.setFillColor(BLACK)
        path = self.canv.beginPath()
        for row, modules in enumerate(self.matrix):
            for column, dark in enumerate(modules):
                if dark:
                    path.rect(column * side, SQUARE - (row + 1) * side, side, side)
        self.canv.drawPath(path, stroke=0, fill=1)


def _modules(content: str) -> tuple[tuple[bool, ...], ...]:
    code = segno.make(content, error="m", micro=False)
    return tuple(tuple(bool(module) for module in row) for row in code.matrix_iter(border=2))


def _has_missing(paper: Paper) -> bool:
    return MISSING in "".join(_texts(paper))


def _texts(paper: Paper) -> list[str]:
    texts = [*paper.letterhead, *paper.addressee, paper.salutation, paper.subject, paper.headline]
    for block in [*paper.blocks, *(block for enclosure in paper.enclosures for block in enclosure.blocks)]:
        if isinstance(block, Heading | Text):
            texts.append(block.text)
        elif isinstance(block, Pairs | Numbered):
            texts += [part for pair in (block.rows if isinstance(block, Pairs) else block.items) for part in pair]
        elif isinstance(block, Table):
            texts += [cell for row in block.rows for cell in row]
        elif isinstance(block, SignatureBlock):
            texts += [block.name, *block.lines]
    return [printable(text) for text in texts]
