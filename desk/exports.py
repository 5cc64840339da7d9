"""The desk's lists as files, made as every list of the house is (`registry.exports`)."""

from registry.exports import Column, export, guard, walk

__all__ = ["Column", "export", "guard", "walk"]
