"""Organizations, people, roles and keys in the reading room."""

from django.contrib import admin

from accounts.models import ApiKey, Organization, RoleGrant, Unit, User
from audit.reading import ReadOnlyAdmin, Section


@admin.register(Organization)
class OrganizationAdmin(ReadOnlyAdmin):
    says = "A department, an agency, an exporter or an oversight office."
    list_display = ("name", "kind", "country", "is_us_person", "created_at")
    list_filter = ("kind", "is_us_person", "is_demonstration")
    search_fields = ("name", "=employer_id")
    search_help_text = "A name or an employer identification number"
    sections = (
        Section("accounts.unit", by="organization", without=("organization",)),
        Section("accounts.user", by="organization", without=("organization",)),
        Section("accounts.apikey", by="organization", without=("organization",)),
        Section("licensing.application", by="organization", without=("organization",)),
        Section("licensing.license", by="organization", without=("organization",)),
        Section("licensing.exemption", by="organization", without=("organization",)),
        Section("registry.party", by="organization", title="Parties in its own book", without=("organization",)),
    )


@admin.register(Unit)
class UnitAdmin(ReadOnlyAdmin):
    says = "A division of an organization, which owns cases."
    list_display = ("name", "code", "organization")
    list_select_related = ("organization",)
    search_fields = ("name", "=code")
    search_help_text = "A name or a code"
    sections = (
        Section("accounts.user", by="unit", without=("unit", "organization")),
        Section("licensing.case", by="unit", title="Cases"),
        Section("licensing.unitroute", by="unit", title="Destinations it receives", without=("unit",)),
    )


@admin.register(User)
class UserAdmin(ReadOnlyAdmin):
    title = "People"
    says = "A person of one organization, known by e-mail."
    list_display = ("name", "email", "title", "organization", "unit", "is_active", "last_login")
    list_select_related = ("organization", "unit")
    list_filter = ("is_active", "grants__role")
    search_fields = ("name", "email")
    search_help_text = "A name or an e-mail address"
    secret_fields = ("password",)
    sections = (
        Section("accounts.rolegrant", by="user", title="Roles", without=("user",)),
        Section("licensing.case", by="officer", title="Cases as officer"),
        Section("licensing.recommendation", by="author", title="Recommendations written"),
        Section("licensing.signature", by="signer", title="Signatures given"),
        Section("licensing.decision", by="decided_by", title="Decisions made"),
        Section("accounts.apikey", by="created_by", title="Keys created"),
    )


@admin.register(RoleGrant)
class RoleGrantAdmin(ReadOnlyAdmin):
    title = "Roles granted"
    says = "One role of one person. A revoked role has no row; the journal keeps both acts."
    list_display = ("user", "role", "granted_at", "granted_by_label")
    list_select_related = ("user", "user__organization")
    list_filter = ("role",)
    search_fields = ("user__name", "user__email")
    search_help_text = "A name or an e-mail address"


@admin.register(ApiKey)
class ApiKeyAdmin(ReadOnlyAdmin):
    title = "API keys"
    says = "A key that a program of an exporter acts with. The secret itself is never stored."
    list_display = ("name", "prefix", "organization", "created_by", "created_at", "expires_at", "revoked_at")
    list_select_related = ("organization", "created_by", "created_by__organization")
    list_filter = ("created_at",)
    search_fields = ("name", "=prefix", "organization__name")
    search_help_text = "A name, a prefix or an organization"
    secret_fields = ("key_hash",)
