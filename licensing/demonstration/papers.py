"""Small documents that the demonstration's filings attach."""

from io import BytesIO

from django.core.files.base import ContentFile
from reportlab.lib.pagesizes import letter
from reportlab.pdfgen.canvas import Canvas


def write_pdf(title: str, *lines: str) -> ContentFile:
    """One page that says what it is: a demonstration document."""
    stream = BytesIO()
    canvas = Canvas(stream, pagesize=letter, invariant=1)
    canvas.setTitle(title)
    canvas.setFont("Helvetica-Bold", 16)
    canvas.drawString(72, 700, title)
    canvas.setFont("Helvetica", 11)
    for number, line in enumerate(("Demonstration document. Not a filing.", *lines)):
        canvas.drawString(72, 670 - 16 * number, line)
    canvas.save()
    return ContentFile(stream.getvalue(), name="document.pdf")
