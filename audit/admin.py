"""The journal's own rows. Chain by chain, with its verification, they are read under /oversight/journal/."""

from typing import Any

from django.contrib import admin
from django.urls import reverse

from audit.models import Entry, Seal
from audit.reading import Cell, Fact, ReadOnlyAdmin


@admin.register(Entry)
class EntryAdmin(ReadOnlyAdmin):
    title = "Journal entries"
    says = "One thing that somebody did to a subject: numbered, chained and hashed by the database."
    list_display = ("at", "actor_label", "says", "subject", "sequence")
    list_filter = ("at", "actor_kind")
    search_fields = ("=subject_id", "=verb", "actor_label", "says")
    search_help_text = "A subject's number, an act, who acted, or words of the entry"
    ordering = ("-id",)
    heavy_fields = ("data", "covers", "hash", "previous_hash")
    subject_fields = ("subject_kind", "subject_id")

    def get_facts(self, row: Any) -> list[Fact]:
        """The entry, with the chain that it stands in."""
        chain = reverse("admin:journal_subject", args=[row.subject_kind, row.subject_id])
        return [*super().get_facts(row), Fact("Chain", Cell("text", "Read and verify the chain it stands in", chain))]


@admin.register(Seal)
class SealAdmin(ReadOnlyAdmin):
    title = "Daily seals"
    says = "One day's seal over the heads of all chains that grew, itself chained to the seal before it."
    list_display = ("day", "at", "through_entry_id", "chains", "merkle_root")
    list_filter = ("day",)
    search_fields = ("=merkle_root", "=hash")
    search_help_text = "A Merkle root or the hash of a seal, whole"
    ordering = ("-day",)
