"""The ledger in the reading room."""

from django.contrib import admin

from audit.reading import ReadOnlyAdmin, Section
from ledger.models import Account, Entry
from ledger.statuses import AccountKind

_KINDS: dict[str, str] = dict(AccountKind.choices)


@admin.register(Account)
class AccountAdmin(ReadOnlyAdmin):
    title = "Ledger accounts"
    says = "Units of one thing, counted for one subject: so many at most, so many reserved, so many drawn."
    list_display = ("counts", "subject", "item", "unit", "ceiling", "reserved", "drawn", "sequence")
    list_filter = ("unit",)
    search_fields = ("=subject_id", "kind", "item")
    search_help_text = "A subject's number, a kind or an item"
    ordering = ("-id",)
    subject_fields = ("subject_kind", "subject_id")
    sections = (Section("ledger.entry", by="account", title="Entries", without=("account",)),)

    @admin.display(description="what it counts", ordering="kind")
    def counts(self, row: Account) -> str:
        """The kind of an account in words."""
        return _KINDS.get(row.kind, row.kind)


@admin.register(Entry)
class EntryAdmin(ReadOnlyAdmin):
    title = "Ledger entries"
    says = "One movement of whole units on an account, written once, with the balances after it."
    list_display = ("at", "account", "kind", "units", "reason", "ceiling_after", "reserved_after", "drawn_after")
    list_select_related = ("account",)
    list_filter = ("at", "kind")
    search_fields = ("=key", "reason", "actor_label")
    search_help_text = "A key, a reason, or who acted"
    ordering = ("-id",)
