"""The first step of every act: the commitment is locked, and what is written about it has one form."""

from __future__ import annotations

from datetime import datetime

from accounts.models import User
from accounts.rules import Principal, Refused, Stale
from deadlines.rules import day_of
from investments.models import Commitment
from investments.rules import COMMITMENT_TRANSITIONS, GROUND, WORDS, Currency, Rate, check_rate
from investments.statuses import CommitmentStatus
from registry.lifecycles import follow
from registry.models import Ground
from rulebook.selectors import get_operating_edition


def on_desk(commitment: Commitment) -> str:
    """The commitment's page on the desk."""
    return f"/desk/commitments/{commitment.number}/"


def lock_commitment(commitment: Commitment, *, version: int | None = None) -> Commitment:
    """Lock a commitment for one act; with a version, refuse an act that was begun on an older page.

    Its ground is locked first, as whoever relies on it does, so that no two acts wait for each other.
    """
    list(Ground.objects.select_for_update().filter(kind=GROUND, subject_id=str(commitment.pk)).values_list("pk"))
    locked = (
        Commitment.objects.select_for_update(of=("self",))
        .select_related("obligor_country", "obligor_party", "officer")
        .get(pk=commitment.pk)
    )
    if version is not None and locked.version != version:
        raise Stale(
            f"{locked.number} was changed by somebody else after you opened this page. Nothing was changed by you. "
            "Reload the page, look at what is new, and act again if it still fits.",
            rule="commitment.version",
        )
    return locked


def follow_table(commitment: Commitment, act: str) -> CommitmentStatus:
    """The status that an act leads a commitment to. Raises Refused where its state does not allow the act."""
    return CommitmentStatus(
        follow(
            COMMITMENT_TRANSITIONS,
            CommitmentStatus(commitment.status),
            act,
            subject=f"Commitment {commitment.number}",
            words=WORDS,
        )
    )


def save_version(commitment: Commitment, *fields: str) -> None:
    """Write the fields of a locked commitment, and let older pages know."""
    commitment.version += 1
    commitment.save(update_fields=["version", *fields])


def require_user(by: Principal) -> User:
    """The person who acts, where the act is kept with its person."""
    if not isinstance(by, User):
        raise Refused("This act is a person's: sign in to do it.", rule="commitment.person")
    return by


def require_words(text: str, *, field: str, says: str) -> str:
    """The text without blanks around it. Refused, naming the field, when nothing is left."""
    words = text.strip()
    if not words:
        raise Refused(says, rule="commitment.words", field=field)
    return words


def use_rate(currency: Currency, rate: Rate | None, at: datetime) -> Rate:
    """The rate checked for the day of the act, under the edition that operates then."""
    longest = int(get_operating_edition(at).value("investments.rate_days"))
    return check_rate(currency, rate, on=day_of(at), longest_days=longest)
