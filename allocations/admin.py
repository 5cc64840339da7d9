"""Allocations in the reading room."""

from django.contrib import admin

from allocations.models import Allocation, Proposal, Verdict
from audit.reading import Cell, ReadOnlyAdmin, Section, link_to


@admin.register(Allocation)
class AllocationAdmin(ReadOnlyAdmin):
    says = "The chips of a country for a period; the ceiling and what is left of it are its ledger account."
    list_display = ("country", "starts_on", "ends_on", "status", "created_at")
    list_select_related = ("country",)
    list_filter = ("status", "starts_on")
    search_fields = ("country__name", "=country__alpha2")
    search_help_text = "A country"
    ordering = ("country__name", "-starts_on")
    sections = (
        Section("allocations.proposal", by="allocation", title="Proposed ceilings", without=("allocation",)),
        Section("allocations.verdict", by="proposal__allocation", title="Verdicts", without=("allocation",)),
        Section("ledger.account", title="Ledger account", without=("subject",)),
        Section("deadlines.deadline", title="Deadlines", without=("subject",)),
    )


@admin.register(Proposal)
class ProposalAdmin(ReadOnlyAdmin):
    title = "Proposed ceilings"
    says = "A ceiling that an official proposed for an allocation, written once."
    list_display = ("allocation", "number", "kind", "ceiling_before", "ceiling", "reason", "proposer_label", "at")
    list_select_related = ("allocation__country",)
    list_filter = ("kind", "at")
    search_fields = ("allocation__country__name", "reason", "proposer_label")
    search_help_text = "A country, a reason, or who proposed"
    ordering = ("-id",)
    sections = (Section("allocations.verdict", by="proposal", title="Verdict", without=("allocation", "proposal")),)


@admin.register(Verdict)
class VerdictAdmin(ReadOnlyAdmin):
    title = "Verdicts on proposed ceilings"
    says = "What a second official decided on a proposed ceiling, or that it was taken back; written once."
    list_display = ("proposal", "allocation", "outcome", "reason", "judge_label", "at")
    list_select_related = ("proposal__allocation__country",)
    list_filter = ("outcome", "at")
    search_fields = ("proposal__allocation__country__name", "reason", "judge_label")
    search_help_text = "A country, a reason, or who decided"
    ordering = ("-id",)

    @admin.display(description="allocation", ordering="proposal__allocation__country__name")
    def allocation(self, row: Verdict) -> Cell:
        """Of which country and period the ceiling is."""
        return link_to(self.admin_site, row.proposal.allocation)
