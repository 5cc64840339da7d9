"""Instruments, their papers and breaches in the reading room."""

from django.contrib import admin

from assurances.models import Breach, BreachStep, Instrument, TextVersion, Translation, Undertaking
from audit.reading import Cell, ReadOnlyAdmin, Section, link_to


@admin.register(Instrument)
class InstrumentAdmin(ReadOnlyAdmin):
    says = "A government's word to the United States on use and protection of chips, from its draft to its end."
    list_display = ("title", "kind", "country", "status", "ceiling", "from_on", "to_on", "in_force_at")
    list_select_related = ("country",)
    list_filter = ("kind", "status")
    search_fields = ("title", "government", "ministry", "=id")
    search_help_text = "A title, a government or a ministry"
    sections = (
        Section("assurances.textversion", by="instrument", without=("instrument",)),
        Section("assurances.undertaking", by="instrument", without=("instrument",)),
        Section("assurances.breach", by="instrument", without=("instrument",)),
        Section("ledger.account", title="Coverage", without=("subject",)),
        Section("deadlines.deadline", without=("subject",)),
    )


@admin.register(TextVersion)
class TextVersionAdmin(ReadOnlyAdmin):
    title = "Texts of instruments"
    says = "A version of an instrument's text: a PDF known by its hash."
    list_display = ("instrument", "number", "language", "is_signed", "says", "sha256", "added_by_label", "at")
    list_select_related = ("instrument",)
    list_filter = ("is_signed", "language")
    search_fields = ("instrument__title", "says", "=sha256")
    search_help_text = "An instrument, words of the version, or a hash"
    downloads = "assurances_textversion_file"
    paper_word = "instrument text"
    sections = (Section("assurances.translation", by="text", without=("instrument", "text")),)


@admin.register(Translation)
class TranslationAdmin(ReadOnlyAdmin):
    title = "Translations of instruments"
    says = "An English translation of a version, with who certified it (15 CFR 748.9(d))."
    list_display = ("text", "instrument", "certified_by", "certified_on", "sha256", "added_by_label", "at")
    list_select_related = ("text__instrument",)
    search_fields = ("certified_by", "text__instrument__title", "=sha256")
    search_help_text = "Who certified it, an instrument, or a hash"
    downloads = "assurances_translation_file"
    paper_word = "instrument translation"

    @admin.display(description="instrument", ordering="text__instrument__title")
    def instrument(self, row: Translation) -> Cell:
        """Whose version it translates: every instrument has a version 1."""
        return link_to(self.admin_site, row.text.instrument)


@admin.register(Undertaking)
class UndertakingAdmin(ReadOnlyAdmin):
    title = "Undertakings of instruments"
    says = "Which clause gives an undertaking; the newest note of a name counts, an empty clause says it is missing."
    list_display = ("instrument", "name", "clause", "hours", "noted_by_label", "at")
    list_select_related = ("instrument",)
    list_filter = ("name",)
    search_fields = ("instrument__title", "clause")
    search_help_text = "An instrument or a clause"


@admin.register(Breach)
class BreachAdmin(ReadOnlyAdmin):
    title = "Alleged breaches"
    says = "An allegation that an instrument was breached, with the document that it rests on."
    list_display = ("instrument", "number", "undertaking_title", "allegation", "sha256", "alleged_by_label", "at")
    list_select_related = ("instrument",)
    search_fields = ("instrument__title", "allegation", "alleged_by_label")
    search_help_text = "An instrument, words of the allegation, or who alleged it"
    downloads = "assurances_breach_file"
    paper_word = "breach evidence"
    sections = (Section("assurances.breachstep", by="breach", without=("instrument", "breach")),)


@admin.register(BreachStep)
class BreachStepAdmin(ReadOnlyAdmin):
    title = "Steps of breaches"
    says = "What followed on an allegation: the notice with its cure period, an extension, the outcome; by whom."
    list_display = ("breach", "instrument", "kind", "says", "cure_due_at", "outcome", "actor_label", "at")
    list_select_related = ("breach__instrument",)
    list_filter = ("kind", "outcome")
    search_fields = ("says", "actor_label", "breach__instrument__title")
    search_help_text = "Words, who acted, or an instrument"

    @admin.display(description="instrument", ordering="breach__instrument__title")
    def instrument(self, row: BreachStep) -> Cell:
        """Of which the breach is: every instrument numbers its own."""
        return link_to(self.admin_site, row.breach.instrument)
