"""The states and kinds of the app `assurances`."""

from django.conf.locale import LANG_INFO
from django.db.models import TextChoices

ENGLISH = "en"
# The languages of the world's treaties and more; a variant of one is the same language here.
LANGUAGES: tuple[tuple[str, str], ...] = tuple(
    sorted(
        ((code, str(info["name"])) for code, info in LANG_INFO.items() if "name" in info and "-" not in code),
        key=lambda language: language[1],
    )
)
LANGUAGE_NAMES = dict(LANGUAGES)


class InstrumentKind(TextChoices):
    EXCHANGE_OF_NOTES = "exchange_of_notes", "Exchange of notes"
    MEMORANDUM = "memorandum", "Memorandum of understanding"
    LETTER_OF_ASSURANCE = "letter_of_assurance", "Letter of assurance"
    END_USE_CERTIFICATE = "end_use_certificate", "Government end-use certificate"
    SECURITY_GUARANTEE = "security_guarantee", "Security guarantee"


class InstrumentStatus(TextChoices):
    DRAFT = "draft", "Draft"
    REQUESTED = "requested", "Requested through State"
    NEGOTIATION = "negotiation", "Under negotiation"
    AGREED = "agreed_text", "Agreed text"
    SIGNED = "signed", "Signed"
    IN_FORCE = "in_force", "In force"
    AMENDED = "amended", "Amended"
    RENEWED = "renewed", "Renewed"
    EXPIRING = "expiring", "Expiring"
    SUSPENDED = "suspended", "Suspended"
    BREACH_ALLEGED = "breach_alleged", "Breach alleged"
    IN_CURE = "in_cure", "In cure"
    EXPIRED = "expired", "Expired"
    TERMINATED = "terminated", "Terminated"
    SUPERSEDED = "superseded", "Superseded"
    WITHDRAWN = "withdrawn", "Withdrawn"


class BreachStepKind(TextChoices):
    NOTICE = "notice", "Notice of breach"
    EXTENSION = "extension", "Cure period extended"
    OUTCOME = "outcome", "Outcome of a breach"


class BreachOutcome(TextChoices):
    DISMISSED = "dismissed", "Not borne out"
    CURED = "cured", "Cured"
    TERMINATED = "not_cured", "Not cured"
