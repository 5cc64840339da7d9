"""Kinds of parties, places and holds."""

from django.db import models


class PartyKind(models.TextChoices):
    COMPANY = "company", "Company"
    GOVERNMENT = "government", "Government"
    PERSON = "person", "Person"
    FUND = "fund", "Fund"


class InstallationKind(models.TextChoices):
    DATA_CENTER = "data_center", "Data center"
    COLOCATION = "colocation", "Colocation space"
    RESEARCH = "research", "Research facility"
    OTHER = "other", "Other"


class HoldScope(models.TextChoices):
    PARTY = "party", "Party"
    INSTALLATION = "installation", "Installation"
    LICENSE = "license", "License"
    COUNTRY = "country", "Country"


class HoldCause(models.TextChoices):
    VISIT_FINDING = "visit_finding", "Finding of a site visit"
    SCREENING_MATCH = "screening_match", "Match with a screening list"
    MISSING_REPORT = "missing_report", "Report not received"
    ASSURANCE_LAPSED = "assurance_lapsed", "Government assurance lapsed"
    COMMITMENT_MISSED = "commitment_missed", "Investment commitment missed"
    INVESTIGATION = "investigation", "Open investigation"
    OTHER = "other", "Other cause"


class DependentKind(models.TextChoices):
    """What stands on a ground."""

    CASE = "case", "Case"
    LICENSE = "license", "License"
