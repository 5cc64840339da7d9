"""The words a case is told in. Each is explained once in docs/glossary.md."""

from django.db.models import TextChoices


class ApplicationStatus(TextChoices):
    DRAFT = "draft", "Draft"
    SUBMITTED = "submitted", "Submitted"
    WITHDRAWN = "withdrawn", "Withdrawn"
    CLOSED = "closed", "Closed"


class CaseKind(TextChoices):
    LICENSE = "license", "License case"
    EXEMPTION = "exemption", "Exemption filing"
    REFUSAL = "refusal", "Barred filing"
    ANSWER = "answer", "Not controlled"


class CaseStatus(TextChoices):
    RECEIVED = "received", "Received"
    UNDER_REVIEW = "under_review", "Under review"
    AWAITING_INFORMATION = "awaiting_information", "Awaiting information"
    RECOMMENDED = "recommended", "Awaiting countersignature"
    COUNTERSIGNED = "countersigned", "Awaiting decision"
    ISSUED = "issued", "License issued"
    EXEMPTION_ACCEPTED = "exemption_accepted", "Exemption accepted"
    DENIED = "denied", "Denied"
    RETURNED = "returned", "Returned without action"
    REFUSED_BARRED = "refused_barred", "Refused: barred"
    NOT_CONTROLLED = "not_controlled", "Not controlled"
    WITHDRAWN = "withdrawn", "Withdrawn"


class PartyRole(TextChoices):
    PURCHASER = "purchaser", "Purchaser"
    INTERMEDIATE_CONSIGNEE = "intermediate_consignee", "Intermediate consignee"
    ULTIMATE_CONSIGNEE = "ultimate_consignee", "Ultimate consignee"
    END_USER = "end_user", "End user"


class ItemKind(TextChoices):
    CHIP = "chip", "Chip"
    MODEL_WEIGHTS = "model_weights", "Model weights"


class DocumentKind(TextChoices):
    MONITORING_PLAN = "monitoring_plan", "Exporter monitoring plan"
    RECIPIENT_UNDERTAKING = "recipient_undertaking", "Recipient undertaking"
    SAFEGUARD = "safeguard", "Proof of another safeguard"
    END_USE_STATEMENT = "end_use_statement", "End-use statement"
    PURCHASE_CONTRACT = "purchase_contract", "Purchase contract"
    TECHNICAL_SPECIFICATION = "technical_specification", "Technical specification"
    LETTER_OF_EXPLANATION = "letter_of_explanation", "Letter of explanation"
    TRANSLATION = "translation", "Certified translation"
    EVIDENCE = "evidence", "Evidence for a requirement"
    OTHER = "other", "Other document"


class RequirementStatus(TextChoices):
    OPEN = "open", "Open"
    SATISFIED = "satisfied", "Satisfied"
    WAIVED = "waived", "Waived"


class RequirementActKind(TextChoices):
    SATISFIED = "satisfied", "Evidence accepted"
    WAIVER_SIGNED = "waiver_signed", "Waiver signed"
    REOPENED = "reopened", "Reopened"


class RecommendedAction(TextChoices):
    APPROVE = "approve", "Approve"
    APPROVE_WITH_CONDITIONS = "approve_with_conditions", "Approve with conditions"
    DENY = "deny", "Deny"
    RETURN = "return_without_action", "Return without action (RWA)"


APPROVALS = (RecommendedAction.APPROVE, RecommendedAction.APPROVE_WITH_CONDITIONS)


class DecisionKind(TextChoices):
    APPROVE = "approve", "Approve in whole"
    APPROVE_IN_PART = "approve_in_part", "Approve in part"
    DENY = "deny", "Deny"
    RETURN = "return_without_action", "Return without action (RWA)"


class LicenseStatus(TextChoices):
    """What a license is worth on a day. It follows from dates, acts and the ledger and is never stored."""

    VALID = "valid", "Valid"
    NOT_YET_VALID = "not_yet_valid", "Not yet valid"
    EXPIRED = "expired", "Expired"
    EXHAUSTED = "exhausted", "Exhausted"
    SUSPENDED = "suspended", "Suspended"
    REVOKED = "revoked", "Revoked"
    SURRENDERED = "surrendered", "Surrendered"


class LetterKind(TextChoices):
    LICENSE = "license", "License"
    EXEMPTION = "exemption", "Exemption notice"
    EXEMPTION_REFUSAL = "exemption_refusal", "Refusal of an exemption"
    DENIAL = "denial", "Letter of denial"
    RETURN = "return", "Letter of return without action"
    REFUSAL = "refusal", "Letter of refusal"
    ANSWER = "answer", "Letter of answer"


class LicenseEndKind(TextChoices):
    """Why what was left of a license went back."""

    EXPIRED = "expired", "Expired"
    SURRENDERED = "surrendered", "Surrendered"
