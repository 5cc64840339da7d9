"""The documents of an application are taken in as all documents are."""

from registry.documents import LARGEST_BYTES, Inspected, Upload, inspect_pdf, store

__all__ = ["LARGEST_BYTES", "Inspected", "Upload", "inspect_pdf", "store"]
