"""The demonstration: ten public deals reconstructed as filings, and invented ones, taken to every stage.

Everything is made through the operations, by the demonstration's people, at times before the day of loading,
so that journals, ledgers, clocks and letters are as real as any.
"""

from .loading import load_demonstration

__all__ = ["load_demonstration"]
