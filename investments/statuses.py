"""States and kinds of commitments, each with the word that people read."""

from django.db.models import TextChoices


class CommitmentStatus(TextChoices):
    DRAFT = "draft", "Draft"
    SIGNED = "signed", "Signed"
    IN_FORCE = "in_force", "In force"
    SHORTFALL = "shortfall", "Shortfall"
    IN_CURE = "in_cure", "In cure"
    SHORTFALL_WAIVED = "shortfall_waived", "Shortfall waived"
    COMPLETED = "completed", "Completed"
    TERMINATED = "terminated", "Terminated"
    WITHDRAWN = "withdrawn", "Withdrawn"


class Instrument(TextChoices):
    EQUITY = "equity", "Equity"
    LOAN = "loan", "Loan"
    GUARANTEE = "guarantee", "Guarantee"
    CAPITAL_EXPENDITURE = "capital_expenditure", "Capital expenditure"


class Measure(TextChoices):
    """What a commitment is measured by; the edition's list says which may be used and where it comes from."""

    AMOUNT = "amount", "Amount in dollars"
    MATCHING = "matching", "Dollars for each dollar abroad"
    MEGAWATTS = "megawatts", "Megawatts"


class AmountKind(TextChoices):
    """The four amounts. They are never added to one another."""

    PLEDGED = "pledged", "Pledged"
    CONTRACTED = "contracted", "Contracted"
    DISBURSED = "disbursed", "Disbursed"
    VERIFIED = "verified", "Verified"


class AmountUnit(TextChoices):
    CENTS = "cents", "US cents"
    KILOWATTS = "kilowatts", "Kilowatts"


class PaperKind(TextChoices):
    AGREEMENT = "agreement", "Agreement"
    EVIDENCE = "evidence", "Evidence for a milestone"
    CURE_PLAN = "cure_plan", "Cure plan"
    TRANSLATION = "translation", "Certified translation"


class EvidenceStatus(TextChoices):
    SUBMITTED = "submitted", "Awaiting verification"
    VERIFIED = "verified", "Verified"
    REFUSED = "refused", "Evidence refused"
    REVERSED = "reversed", "Verification reversed"
    WITHDRAWN = "withdrawn", "Withdrawn"


class Verdict(TextChoices):
    AT_FACE = "at_face", "Accepted at face"
    DISCOUNTED = "discounted", "Accepted at a discount"
    REFUSED = "refused", "Evidence refused"


class ShortfallStatus(TextChoices):
    OPEN = "open", "Open"
    IN_CURE = "in_cure", "In cure"
    LAPSED = "lapsed", "Cure period over"
    CURED = "cured", "Cured"
    WAIVED = "waived", "Waived"


class TrancheMoveKind(TextChoices):
    RELEASED = "released", "Tranche released"
    WITHDRAWN = "withdrawn", "Release withdrawn"
