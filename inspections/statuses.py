"""The states and kinds of the app `inspections`."""

from django.db.models import TextChoices


class VisitKind(TextChoices):
    PLC = "pre_license_check", "Pre-license check"
    PSV = "post_shipment_verification", "Post-shipment verification"
    PERIODIC = "periodic", "Periodic visit"


class VisitStatus(TextChoices):
    REQUESTED = "requested", "Requested"
    HOST_NOTIFIED = "host_notified", "Host notified"
    CONSENT_REFUSED = "consent_refused", "Consent refused"
    CONSENTED = "consented", "Consented"
    SCHEDULED = "scheduled", "Scheduled"
    ON_SITE = "on_site", "On site"
    REPORTING = "reporting", "Report due"
    REPORTED = "reported", "Reported"
    UNDER_REVIEW = "under_review", "Under review"
    CORRECTIVE_ACTIONS = "corrective_actions", "Corrective actions open"
    CLOSED = "closed", "Closed"
    CANCELLED = "cancelled", "Canceled"
    NOT_CARRIED_OUT = "not_carried_out", "Not carried out"


class Rating(TextChoices):
    FAVORABLE = "favorable", "Favorable"
    LIMITED = "limited", "Limited"
    UNFAVORABLE = "unfavorable", "Unfavorable"
    UNABLE = "unable", "Unable to complete"


class StepKind(TextChoices):
    """What happened around a visit outside of this house, recorded when it is known."""

    HOST_NOTICE = "host_notice", "Host government notified"
    CONSENT = "consent", "Host government consented"
    REFUSAL = "refusal", "Host government refused"
    UNVERIFIED_LIST = "unverified_list", "Sent to the Unverified List"
    ENTITY_NOMINATION = "entity_nomination", "Nominated for the Entity List"
    NOT_CARRIED_OUT = "not_carried_out", "Found impossible to carry out"
    CANCELLATION = "cancellation", "Canceled"
    REOPENING = "reopening", "Opened again"


class SerialOutcome(TextChoices):
    FOUND = "found", "Found"
    MISSING = "missing", "Missing"
    MOVED = "moved", "Moved"
    SUBSTITUTED = "substituted", "Substituted"


class AnswerKind(TextChoices):
    YES_NO = "yes_no", "Yes or no"
    COUNT = "count", "Count"
    TEXT = "text", "Text"


class Severity(TextChoices):
    CRITICAL = "critical", "Critical"
    MAJOR = "major", "Major"
    MINOR = "minor", "Minor"
    OBSERVATION = "observation", "Observation"


class ActionOutcome(TextChoices):
    """What became of a recommended action; without one it is open."""

    DONE = "done", "Done"
    DECLINED = "declined", "Declined"
    REOPENED = "reopened", "Open again"


class ReviewOutcome(TextChoices):
    ACCEPTED = "accepted", "Accepted"
    RETURNED = "returned", "Returned"


class PaperKind(TextChoices):
    PHOTO = "photo", "Photo"
    DOCUMENT = "document", "Document"


class MediaType(TextChoices):
    JPEG = "image/jpeg", "JPEG image"
    PNG = "image/png", "PNG image"
    PDF = "application/pdf", "PDF"


class EngagementKind(TextChoices):
    """Why an officer is not free."""

    VISIT = "visit", "Visit"
    LEAVE = "leave", "Leave"
    TRAINING = "training", "Training"
    OTHER = "other", "Not available"
