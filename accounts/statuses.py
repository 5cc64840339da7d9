"""Who belongs where, and what they may be asked to do."""

from django.db import models


class OrganizationKind(models.TextChoices):
    COMMERCE = "commerce", "Department of Commerce"
    AGENCY = "agency", "Reviewing agency"
    EXPORTER = "exporter", "Exporter"
    OVERSIGHT = "oversight", "Oversight office"


class Role(models.TextChoices):
    EXPORTER_ADMIN = "exporter_admin", "Exporter account administrator"
    EXPORTER_MEMBER = "exporter_member", "Exporter member"
    LICENSING_OFFICER = "licensing_officer", "Licensing officer"
    COUNTERSIGNER = "countersigner", "Countersigner"
    LICENSING_DIRECTOR = "licensing_director", "Licensing director"
    WAIVER_OFFICIAL = "waiver_official", "Waiver official"
    ASSURANCE_OFFICER = "assurance_officer", "Assurance officer"
    EXPORT_CONTROL_OFFICER = "export_control_officer", "Export control officer"
    VISIT_SUPERVISOR = "visit_supervisor", "Visit supervisor"
    COMMITMENT_OFFICER = "commitment_officer", "Commitment officer"
    ALLOCATION_OFFICIAL = "allocation_official", "Allocation official"
    AGENCY_REVIEWER = "agency_reviewer", "Agency reviewer"
    AUDITOR = "auditor", "Auditor"
    ADMINISTRATOR = "administrator", "Administrator"
