"""Editions of the rules in the reading room."""

from django.contrib import admin

from audit.reading import ReadOnlyAdmin, Section
from rulebook.models import Edition, OperatingEdition, Supplement


@admin.register(Edition)
class EditionAdmin(ReadOnlyAdmin):
    says = "One edition of the rules as it was loaded, byte for byte."
    list_display = ("identifier", "title", "status", "effective_from", "effective_to", "loaded_at")
    list_filter = ("status",)
    search_fields = ("identifier", "title", "=content_hash")
    search_help_text = "An identifier, a title or a hash"
    heavy_fields = ("content",)
    sections = (Section("rulebook.operatingedition", by="edition", title="When it operated", without=("edition",)),)


@admin.register(OperatingEdition)
class OperatingEditionAdmin(ReadOnlyAdmin):
    title = "Editions in operation"
    says = "From which instant on determinations are made under which edition, and why."
    list_display = ("from_at", "edition", "set_by", "reason")
    list_select_related = ("edition",)
    search_fields = ("edition__identifier", "reason")
    search_help_text = "An edition or a reason"


@admin.register(Supplement)
class SupplementAdmin(ReadOnlyAdmin):
    says = "How the tracks of a license are handled under some editions, as it was loaded, byte for byte."
    list_display = ("identifier", "title", "effective_from", "loaded_at")
    search_fields = ("identifier", "title", "=content_hash")
    search_help_text = "An identifier, a title or a hash"
    heavy_fields = ("content",)
