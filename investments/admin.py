"""Commitments in the reading room."""

from collections.abc import Iterator

from django.contrib import admin

from audit.reading import Cell, ReadOnlyAdmin, Section, get_subject_url, link_to
from investments.models import (
    AmountEntry,
    Asset,
    Commitment,
    Evidence,
    Milestone,
    Paper,
    Shortfall,
    TrancheMove,
    TranchePlan,
    TrancheStep,
    Verification,
    WaiverSignature,
)


def _released(plan: TranchePlan) -> Iterator[tuple[str, str]]:
    yield "licensing.license", plan.license_id


@admin.register(Commitment)
class CommitmentAdmin(ReadOnlyAdmin):
    says = "What a nation or a firm has bound itself to invest in AI data centers of the United States."
    list_display = ("number", "title", "obligor_country", "obligor_party", "status", "amount_cents", "ends_on")
    list_select_related = ("obligor_country", "obligor_party")
    list_filter = ("status", "instrument", "measure")
    search_fields = ("title", "obligor_country__name", "obligor_party__name", "agreement_reference")
    search_help_text = "A title, who is bound, or the agreement"
    ordering = ("-id",)
    heavy_fields = ("end_reason",)
    sections = (
        Section("investments.asset", by="commitment", title="Assets", without=("commitment",)),
        Section("investments.milestone", by="commitment", title="Milestones", without=("commitment",)),
        Section("investments.amountentry", by="commitment", title="Amounts", without=("commitment",)),
        Section("investments.evidence", by="commitment", title="Evidence", without=("commitment",)),
        Section("investments.shortfall", by="commitment", title="Shortfalls", without=("commitment",)),
        Section("investments.trancheplan", by="commitment", title="Tranche plans", without=("commitment",)),
        Section("investments.paper", by="commitment", title="Papers", without=("commitment",)),
    )

    @admin.display(description="number", ordering="id")
    def number(self, row: Commitment) -> str:
        """The number that people know it by."""
        return row.number


@admin.register(Paper)
class PaperAdmin(ReadOnlyAdmin):
    says = "A document of a commitment; its bytes are known by their hash."
    list_display = ("title", "commitment", "kind", "language", "pages", "filed_by_label", "filed_at", "sha256")
    list_select_related = ("commitment",)
    list_filter = ("kind", "filed_at")
    search_fields = ("title", "=sha256")
    search_help_text = "A title or a whole hash"
    downloads = "investments_paper_file"
    paper_word = "commitment paper"
    sections = (
        Section("investments.evidence", by="paper", title="What it is evidence of", without=("paper", "commitment")),
        Section("investments.paper", by="translation_of", title="Translation", without=("commitment",)),
    )


@admin.register(Asset)
class AssetAdmin(ReadOnlyAdmin):
    says = "A data center in the United States. The same one counts for one commitment only."
    list_display = ("name", "address", "city", "state", "commitment", "is_counted", "added_at")
    list_select_related = ("commitment",)
    list_filter = ("is_counted", "state")
    search_fields = ("name", "city", "address")
    search_help_text = "A name, a city or an address"


@admin.register(Milestone)
class MilestoneAdmin(ReadOnlyAdmin):
    says = "So much of the measure by the end of a day, judged by stated criteria."
    list_display = ("title", "commitment", "due_on", "units")
    list_select_related = ("commitment",)
    list_filter = ("due_on",)
    search_fields = ("title",)
    search_help_text = "A title"
    heavy_fields = ("criteria",)


@admin.register(AmountEntry)
class AmountEntryAdmin(ReadOnlyAdmin):
    says = "One movement of one of the four amounts. A wrong one is reversed by a new entry."
    list_display = ("on", "commitment", "kind", "unit", "units", "currency", "says", "by_label", "at")
    list_select_related = ("commitment",)
    list_filter = ("kind", "unit", "on")
    search_fields = ("says", "by_label")
    search_help_text = "Words of the entry, or who wrote it"
    ordering = ("-id",)


@admin.register(Evidence)
class EvidenceAdmin(ReadOnlyAdmin):
    says = "A paper that is to show what was done for a milestone."
    list_display = ("paper", "commitment", "milestone", "claimed", "status", "submitted_by_label", "submitted_at")
    list_select_related = ("paper", "commitment", "milestone")
    list_filter = ("status", "submitted_at")
    search_fields = ("=sha256", "says", "submitted_by_label")
    search_help_text = "A whole hash, words, or who submitted it"
    ordering = ("-id",)
    sections = (Section("investments.verification", by="evidence", title="Verification", without=("evidence",)),)

    def get_download(self, row: Evidence) -> dict[str, str]:
        """The file of its paper."""
        return self.admin_site.get_model_admin(Paper).get_download(row.paper)


@admin.register(Verification)
class VerificationAdmin(ReadOnlyAdmin):
    says = "What somebody other than the submitter found evidence to be worth."
    list_display = ("at", "evidence", "verdict", "claimed", "accepted", "verified_by_label")
    list_select_related = ("evidence__paper",)
    list_filter = ("verdict", "at")
    search_fields = ("reason", "method", "verified_by_label")
    search_help_text = "A reason, a method, or who verified"
    ordering = ("-id",)
    heavy_fields = ("reason", "method")


@admin.register(Shortfall)
class ShortfallAdmin(ReadOnlyAdmin):
    says = "What of a milestone was not verified when its day was over."
    list_display = ("found_at", "commitment", "milestone", "owed", "short", "waived", "status", "cure_due_at")
    list_select_related = ("commitment", "milestone")
    list_filter = ("status", "found_at")
    search_fields = ("milestone__title", "plan_says")
    search_help_text = "A milestone, or words of the plan"
    ordering = ("-id",)
    sections = (Section("investments.waiversignature", by="shortfall", title="Waiver", without=("shortfall",)),)


@admin.register(WaiverSignature)
class WaiverSignatureAdmin(ReadOnlyAdmin):
    says = "The signature of one official under the waiver of a shortfall."
    list_display = ("at", "shortfall", "official_label", "reason")
    list_select_related = ("shortfall__milestone",)
    list_filter = ("at",)
    search_fields = ("official_label", "reason")
    search_help_text = "An official, or a reason"
    ordering = ("-id",)


@admin.register(TranchePlan)
class TranchePlanAdmin(ReadOnlyAdmin):
    says = "Which verified amounts release the chips of a license."
    list_display = ("label", "commitment", "license", "opened_by_label", "opened_at")
    list_select_related = ("commitment",)
    list_filter = ("opened_at",)
    search_fields = ("=label",)
    search_help_text = "The number of a license"
    sections = (
        Section("investments.tranchestep", by="plan", title="Steps", without=("plan",)),
        Section("ledger.account", title="Account", subjects=_released),
    )

    @admin.display(description="license", ordering="license_id")
    def license(self, row: TranchePlan) -> Cell:
        """The license itself, by its number: this track knows no more of it."""
        return Cell(
            "text", f"License {row.label}", get_subject_url(self.admin_site, "licensing.license", row.license_id)
        )


@admin.register(TrancheStep)
class TrancheStepAdmin(ReadOnlyAdmin):
    says = "Chips that are released once so much is verified."
    list_display = ("plan", "position", "required", "chips", "released")
    list_select_related = ("plan",)
    list_filter = ("position",)
    search_fields = ("=plan__label",)
    search_help_text = "The number of a license"
    sections = (Section("investments.tranchemove", by="step", title="Moves", without=("plan", "step")),)


@admin.register(TrancheMove)
class TrancheMoveAdmin(ReadOnlyAdmin):
    says = "What was released for a step or taken back from it."
    list_display = ("at", "plan", "step", "kind", "chips", "not_taken", "verified")
    list_select_related = ("step__plan",)
    list_filter = ("kind", "at")
    search_fields = ("=step__plan__label",)
    search_help_text = "The number of a license"
    ordering = ("-id",)

    @admin.display(description="plan", ordering="step__plan__label")
    def plan(self, row: TrancheMove) -> Cell:
        """Of which license the step is: every plan has a step 1."""
        return link_to(self.admin_site, row.step.plan)
