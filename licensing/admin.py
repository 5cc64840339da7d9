"""Applications, cases and what came of them in the reading room."""

from collections.abc import Iterator

from django.contrib import admin

from audit.reading import ReadOnlyAdmin, Section
from licensing.models import (
    Application,
    ApplicationItem,
    ApplicationParty,
    Case,
    ConditionCheck,
    Decision,
    Document,
    Exemption,
    InformationRequest,
    Letter,
    License,
    LicenseCondition,
    LicenseEnd,
    LicenseLine,
    Note,
    Recommendation,
    Requirement,
    RequirementAct,
    Reservation,
    Shipment,
    ShipmentLine,
    Signature,
    StoredDetermination,
    TranchePlan,
    UnitRoute,
)


def _counted_for_a_case(case: Case) -> Iterator[tuple[str, str]]:
    """The subjects of the ledger that a case moves: its license's lines, its installation, its destination."""
    for line in LicenseLine.objects.filter(license__case=case).only("pk"):
        yield "licensing.licenseline", str(line.pk)
    if case.application.installation_id:
        yield "registry.installation", str(case.application.installation_id)
    yield "registry.country", case.destination_id


def _counted_for_a_license(license_: License) -> Iterator[tuple[str, str]]:
    for line in LicenseLine.objects.filter(license=license_).only("pk"):
        yield "licensing.licenseline", str(line.pk)


@admin.register(Application)
class ApplicationAdmin(ReadOnlyAdmin):
    says = "One application, from its first saved step to its submission."
    list_display = ("reference", "organization", "status", "site_name", "site_country", "created_at", "submitted_at")
    list_select_related = ("organization", "site_country")
    list_filter = ("status", "submitted_at")
    search_fields = ("=reference", "=own_reference", "organization__name", "site_name")
    search_help_text = "A reference, an applicant or an installation"
    heavy_fields = ("end_use", "additional_information", "declared_facts", "reconstruction_note")
    sections = (
        Section("licensing.case", by="application", title="Case"),
        Section("licensing.applicationparty", by="application", title="Parties", without=("application",)),
        Section("licensing.applicationitem", by="application", title="Items", without=("application",)),
        Section("licensing.document", by="application", without=("application",)),
        Section("licensing.storeddetermination", by="application", title="Determinations", without=("application",)),
    )


@admin.register(ApplicationParty)
class ApplicationPartyAdmin(ReadOnlyAdmin):
    title = "Parties in applications"
    says = "A party in its role, as the applicant names it, and the registry's party it was found to be."
    list_display = ("name", "role", "country", "headquarters", "ultimate_parent", "party", "application")
    list_select_related = ("application", "country", "headquarters", "party")
    list_filter = ("role",)
    search_fields = ("name", "ultimate_parent")
    search_help_text = "A name or an ultimate parent"


@admin.register(ApplicationItem)
class ApplicationItemAdmin(ReadOnlyAdmin):
    title = "Items in applications"
    says = "A line of what is to be exported."
    list_display = ("application", "line_no", "model", "manufacturer", "eccn", "quantity", "unit_price", "tpp")
    list_select_related = ("application",)
    list_filter = ("kind",)
    search_fields = ("model", "manufacturer", "=eccn")
    search_help_text = "A model, a manufacturer or an ECCN"


@admin.register(Document)
class DocumentAdmin(ReadOnlyAdmin):
    says = "A PDF filed with an application, an answer or as evidence; its bytes are known by their hash."
    list_display = ("title", "kind", "application", "pages", "size", "is_internal", "uploaded_by_label", "uploaded_at")
    list_select_related = ("application", "information_request")
    list_filter = ("kind", "is_internal", "uploaded_at")
    search_fields = ("title", "=sha256")
    search_help_text = "A title or a hash"
    downloads = "licensing_document_file"


@admin.register(Case)
class CaseAdmin(ReadOnlyAdmin):
    says = "What an application became when it was submitted: numbered, determined, owned, decided."
    list_display = (
        "acn", "subject_line", "status", "kind", "tier", "applicant_name", "destination", "officer", "chips", "due_at",
    )  # fmt: skip
    list_select_related = ("destination", "officer", "officer__organization", "application")
    list_filter = ("status", "kind", "opened_at", "due_at")
    search_fields = ("=acn", "applicant_name", "subject_line")
    search_help_text = "An Application Control Number, an applicant or words of the subject"
    sections = (
        Section("licensing.recommendation", by="case", without=("case",)),
        Section("licensing.signature", by="recommendation__case", title="Signatures"),
        Section("licensing.decision", by="case", without=("case",)),
        Section("licensing.license", by="case", title="License", without=("case",)),
        Section("licensing.exemption", by="case", title="Exemption", without=("case",)),
        Section("licensing.letter", by="case", without=("case",)),
        Section("licensing.requirement", by="case", without=("case",)),
        Section("licensing.informationrequest", by="case", title="Questions and answers", without=("case",)),
        Section("licensing.note", by="case", title="Notes among staff", without=("case",)),
        Section("deadlines.clock", title="Clocks", without=("subject",)),
        Section("deadlines.deadline", title="Deadlines", without=("subject",)),
        Section("ledger.account", title="Ledger accounts", subjects=_counted_for_a_case),
        Section("audit.entry", title="Latest in the journal", without=("subject",)),
    )


@admin.register(UnitRoute)
class UnitRouteAdmin(ReadOnlyAdmin):
    title = "Routing of cases"
    says = "Which unit receives the cases of a destination; the row without one takes the rest."
    list_display = ("destination", "unit")
    list_select_related = ("destination", "unit")
    search_fields = ("destination__name", "unit__name")
    search_help_text = "A destination or a unit"
    ordering = ("destination__name", "pk")


@admin.register(StoredDetermination)
class StoredDeterminationAdmin(ReadOnlyAdmin):
    title = "Determinations"
    says = "What the rulebook answered, with the facts and the edition it answered from, byte for byte."
    list_display = ("application", "sequence", "edition_identifier", "determined_at", "facts_digest")
    list_select_related = ("application",)
    list_filter = ("determined_at",)
    search_fields = ("=edition_identifier", "=facts_digest", "=edition_hash")
    search_help_text = "An edition, or a hash"
    ordering = ("-id",)
    heavy_fields = ("facts", "declared", "known", "result")


@admin.register(Requirement)
class RequirementAdmin(ReadOnlyAdmin):
    says = "One thing the edition asks for before a license is issued or chips are shipped."
    list_display = ("case", "position", "title", "status", "gates", "waivable")
    list_select_related = ("case",)
    list_filter = ("status", "waivable")
    search_fields = ("=case__acn", "title", "=name")
    search_help_text = "An Application Control Number or a title"
    sections = (Section("licensing.requirementact", by="requirement", title="Acts", without=("requirement",)),)


@admin.register(RequirementAct)
class RequirementActAdmin(ReadOnlyAdmin):
    title = "Acts on requirements"
    says = "An act on a requirement: evidence accepted, a waiver signed, reopened."
    list_display = ("at", "requirement", "kind", "round", "actor", "says", "document")
    list_select_related = ("requirement", "actor", "actor__organization", "document")
    list_filter = ("kind", "at")
    search_fields = ("=requirement__case__acn", "actor_label", "says")
    search_help_text = "An Application Control Number, who acted, or words"
    ordering = ("-id",)


@admin.register(Recommendation)
class RecommendationAdmin(ReadOnlyAdmin):
    says = "One version of an officer's recommendation. A change is a new version."
    list_display = ("case", "version", "action", "author", "at", "signatures_wanted", "content_hash")
    list_select_related = ("case", "author", "author__organization")
    list_filter = ("action", "at")
    search_fields = ("=case__acn", "author_label", "=content_hash")
    search_help_text = "An Application Control Number, an author or a hash"
    ordering = ("-id",)
    heavy_fields = ("lines", "conditions", "reasons", "statutory_basis", "regulatory_basis")
    sections = (
        Section("licensing.signature", by="recommendation", title="Signatures", without=("recommendation",)),
        Section("licensing.decision", by="recommendation", title="Decisions on it", without=("recommendation",)),
    )


@admin.register(Signature)
class SignatureAdmin(ReadOnlyAdmin):
    says = "A countersignature: bound to the text it signs, by someone who is not its author."
    list_display = ("at", "recommendation", "signer", "author", "content_hash")
    list_select_related = ("recommendation", "signer", "signer__organization", "author", "author__organization")
    list_filter = ("at",)
    search_fields = ("=recommendation__case__acn", "signer_label", "=content_hash")
    search_help_text = "An Application Control Number, a signer or a hash"
    ordering = ("-id",)


@admin.register(Decision)
class DecisionAdmin(ReadOnlyAdmin):
    says = "The decision on a case, by someone who neither recommended nor countersigned it."
    list_display = ("case", "sequence", "kind", "decided_by", "at", "recommendation")
    list_select_related = ("case", "decided_by", "decided_by__organization", "recommendation")
    list_filter = ("kind", "at")
    search_fields = ("=case__acn", "decided_by_label")
    search_help_text = "An Application Control Number, or who decided"
    ordering = ("-id",)
    heavy_fields = ("lines", "conditions", "reasons", "statutory_basis", "regulatory_basis")


@admin.register(InformationRequest)
class InformationRequestAdmin(ReadOnlyAdmin):
    title = "Questions to applicants"
    says = "A question to the applicant, and the answer."
    list_display = ("case", "number", "question", "asked_by_label", "asked_at", "answer_due_at", "answered_at")
    list_select_related = ("case",)
    list_filter = ("asked_at",)
    search_fields = ("=case__acn", "question", "answer")
    search_help_text = "An Application Control Number, or words of the question or the answer"
    ordering = ("-id",)
    sections = (Section("licensing.document", by="information_request", title="Documents with the answer"),)


@admin.register(Note)
class NoteAdmin(ReadOnlyAdmin):
    says = "A note among staff. The applicant does not see it."
    list_display = ("at", "case", "author", "text")
    list_select_related = ("case", "author", "author__organization")
    list_filter = ("at",)
    search_fields = ("=case__acn", "author_label", "text")
    search_help_text = "An Application Control Number, an author, or words"


@admin.register(License)
class LicenseAdmin(ReadOnlyAdmin):
    says = "A license as issued. What is left of it is in the ledger."
    list_display = (
        "number", "case", "organization", "installation", "destination", "valid_from", "expires_on", "suspended_at",
        "revoked_at",
    )  # fmt: skip
    list_select_related = ("case", "organization", "installation", "destination")
    list_filter = ("issued_at", "expires_on")
    search_fields = ("=number", "=case__acn", "organization__name")
    search_help_text = "A license number, an Application Control Number or a licensee"
    secret_fields = ("verification_code",)
    sections = (
        Section("licensing.licenseline", by="license", title="Lines", without=("license",)),
        Section("licensing.licensecondition", by="license", title="Conditions", without=("license",)),
        Section("ledger.account", title="Ledger accounts", subjects=_counted_for_a_license),
        Section(
            "registry.hold",
            title="Holds",
            without=("subject",),
            subjects=lambda row: [("license", str(row.pk)), ("license", row.number)],
        ),
        Section("audit.entry", title="Latest in the journal", without=("subject",)),
    )


@admin.register(LicenseLine)
class LicenseLineAdmin(ReadOnlyAdmin):
    says = "A licensed line: quantity and value both cap it."
    list_display = ("license", "line_no", "model", "eccn", "quantity", "unit_price", "value_cents")
    list_select_related = ("license",)
    search_fields = ("=license__number", "model", "=eccn")
    search_help_text = "A license number, a model or an ECCN"
    ordering = ("-id",)
    sections = (Section("ledger.account", title="Ledger accounts", without=("subject",)),)


@admin.register(LicenseCondition)
class LicenseConditionAdmin(ReadOnlyAdmin):
    says = "A condition that the licensee must keep and tell to the parties it binds."
    list_display = ("license", "number", "text")
    list_select_related = ("license",)
    search_fields = ("=license__number", "text")
    search_help_text = "A license number, or words of the condition"
    ordering = ("-license_id", "number")


@admin.register(Exemption)
class ExemptionAdmin(ReadOnlyAdmin):
    says = "An accepted exemption filing of the small tier: numbered, counted, and it lapses."
    list_display = ("number", "case", "organization", "installation", "chips", "accepted_at", "lapses_on")
    list_select_related = ("case", "organization", "installation")
    list_filter = ("accepted_at", "lapses_on")
    search_fields = ("=number", "=case__acn", "organization__name")
    search_help_text = "An exemption number, an Application Control Number or an exporter"
    secret_fields = ("verification_code",)


@admin.register(Letter)
class LetterAdmin(ReadOnlyAdmin):
    says = "A letter or license as it went out: the very bytes, and their hash."
    list_display = ("title", "kind", "case", "at", "sha256")
    list_select_related = ("case",)
    list_filter = ("kind", "at")
    search_fields = ("=case__acn", "title", "=sha256")
    search_help_text = "An Application Control Number, a title or a hash"
    heavy_fields = ("pdf",)
    downloads = "licensing_letter_file"


@admin.register(Shipment)
class ShipmentAdmin(ReadOnlyAdmin):
    says = "Chips that left under a license, as the licensee reported them."
    list_display = ("license", "number", "shipped_on", "chips", "value_cents", "recorded_at", "recorded_by_label")
    list_select_related = ("license",)
    list_filter = ("shipped_on",)
    search_fields = ("=license__number", "reference")
    search_help_text = "A license number, or the reference of the export filing"
    sections = (Section("licensing.shipmentline", by="shipment", title="Lines", without=("shipment",)),)


@admin.register(ShipmentLine)
class ShipmentLineAdmin(ReadOnlyAdmin):
    says = "What of one line of the license a shipment held."
    list_display = ("shipment", "license_line", "quantity", "value_cents")
    list_select_related = ("shipment", "license_line")
    search_fields = ("=shipment__license__number", "license_line__model")
    search_help_text = "A license number, or a model"


@admin.register(ConditionCheck)
class ConditionCheckAdmin(ReadOnlyAdmin):
    title = "Verified conditions"
    says = "One condition of a requirement, verified with its evidence."
    list_display = ("requirement", "title", "says", "actor_label", "at")
    list_select_related = ("requirement",)
    search_fields = ("=requirement__case__acn", "title", "says")
    search_help_text = "An ACN, or words of the condition"


@admin.register(TranchePlan)
class TranchePlanAdmin(ReadOnlyAdmin):
    title = "Planned tranches"
    says = "One step of a license's release: so many chips once so much is verified."
    list_display = ("requirement", "position", "required", "chips")
    list_select_related = ("requirement",)
    search_fields = ("=requirement__case__acn",)
    search_help_text = "An ACN"


@admin.register(Reservation)
class ReservationAdmin(ReadOnlyAdmin):
    says = "Units that a recommended case holds of an allocation or of the coverage of an instrument."
    list_display = ("case", "account", "units", "at", "ended_at")
    list_select_related = ("case", "account")
    search_fields = ("=case__acn", "key")
    search_help_text = "An ACN or a key"


@admin.register(LicenseEnd)
class LicenseEndAdmin(ReadOnlyAdmin):
    title = "Ended licenses"
    says = "That a license ended, and how many chips that were not shipped went back."
    list_display = ("license", "kind", "chips_returned", "at", "by_label")
    list_select_related = ("license",)
    list_filter = ("kind",)
    search_fields = ("=license__number",)
    search_help_text = "A license number"
