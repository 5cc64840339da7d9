"""Evidence is submitted by one officer and verified by another; what was verified wrongly is reversed."""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError
from django.db.models import Q

from accounts.models import User
from accounts.rules import Principal, Refused
from accounts.selectors import list_users_with_role
from accounts.statuses import Role
from audit.operations import operation, record
from deadlines.operations import notify
from deadlines.rules import day_of
from investments.models import AmountEntry, Asset, Commitment, Evidence, Milestone, Verification
from investments.operations.amounts import write_reversal
from investments.operations.assessing import settle
from investments.operations.locking import (
    follow_table,
    lock_commitment,
    on_desk,
    require_user,
    require_words,
    save_version,
    use_rate,
)
from investments.operations.papers import PaperIn, file_paper, inspect_paper
from investments.permissions import check_can_keep_commitments, check_can_verify, check_can_withdraw_evidence
from investments.rules import Rate, convert, read_amount, read_megawatts, write_units
from investments.shipped import find_currency
from investments.statuses import AmountKind, AmountUnit, EvidenceStatus, PaperKind, Verdict

COUNTED = (EvidenceStatus.SUBMITTED, EvidenceStatus.VERIFIED)


@operation
def submit_evidence(
    *,
    commitment: Commitment,
    milestone: Milestone,
    asset: Asset,
    says: str,
    amount: str,
    paper: PaperIn,
    by: Principal,
    at: datetime,
    currency: str = "USD",
    rate: Rate | None = None,
    version: int | None = None,
) -> Evidence:
    """Submit a paper for a milestone, with what it shows: an amount, or megawatts where it is measured so.

    Raises Refused, naming the field: a paper that counts already, for this commitment or another; amounts and
    rates as `draft_commitment` does; a foreign-language paper without its certified translation.
    """
    locked = lock_commitment(commitment, version=version)
    check_can_keep_commitments(by, to="submit evidence")
    person = require_user(by)
    follow_table(locked, "submit_evidence")
    if milestone.commitment_id != locked.pk:
        raise Refused(f"This milestone is not of {locked.number}.", rule="evidence.milestone", field="milestone")
    if asset.commitment_id != locked.pk or not asset.is_counted:
        raise Refused(f"This asset does not count for {locked.number}.", rule="evidence.asset", field="asset")
    words = require_words(says, field="says", says="Say what the document shows.")
    money = None
    if locked.unit == AmountUnit.KILOWATTS:
        claimed = read_megawatts(amount, field="amount")
    else:
        found = find_currency(currency)
        money = convert(read_amount(amount, found), found, use_rate(found, rate, at))
        claimed = money.cents
    inspected = inspect_paper(paper)
    # A translation shows the same payment as its document, so neither counts beside the other.
    hashes = [each.sha256 for each in inspected if each is not None]
    same_paper = Q(sha256__in=hashes) | Q(paper__translation__sha256__in=hashes)
    counted = Evidence.objects.filter(same_paper, status__in=COUNTED).select_related("commitment")
    if (same := counted.first()) is not None:
        raise Refused(
            f"The same document is evidence of {same.commitment.number} already ({same.get_status_display().lower()}, "
            f"submitted by {same.submitted_by_label}), and a document counts once. Choose another one.",
            rule="evidence.once",
            field="file",
        )
    papers = file_paper(locked, inspected, paper, kind=PaperKind.EVIDENCE, title=words, by=by, at=at)
    try:
        evidence = Evidence.objects.create(
            commitment=locked,
            milestone=milestone,
            asset=asset,
            paper=papers[0],
            sha256=papers[0].sha256,
            says=words,
            claimed=claimed,
            amount_minor=money.minor if money else None,
            currency=money.currency.code if money else "",
            rate=money.rate.dollars if money else None,
            rate_on=money.rate.on if money else None,
            rate_source=money.rate.source[:200] if money else "",
            submitted_by=person,
            submitted_by_label=by.actor.label,
            submitted_at=at,
        )
    except IntegrityError as error:
        raise Refused(
            "Somebody else submitted the same document at the same moment, and a document counts once.",
            rule="evidence.once",
            field="file",
        ) from error
    save_version(locked)
    record(
        subject=locked,
        verb="evidence.submitted",
        says=f"Submitted evidence for “{milestone.title}”: {write_units(claimed, locked.unit)}. {words}",
        by=by,
        at=at,
        data={"evidence": evidence.pk, "sha256": evidence.sha256},
        covers=papers,
    )
    _tell_others(person, f"{locked.number}: evidence for “{milestone.title}” waits for verification.", locked, at)
    return evidence


def _tell_others(person: User, says: str, commitment: Commitment, at: datetime) -> None:
    others = [each for each in list_users_with_role(Role.COMMITMENT_OFFICER) if each.pk != person.pk]
    notify(users=others, kind="commitment_evidence", says=says, url=on_desk(commitment), at=at)


def _lock_evidence(evidence: Evidence, version: int | None) -> tuple[Commitment, Evidence]:
    locked = lock_commitment(evidence.commitment, version=version)
    found = Evidence.objects.select_for_update(of=("self",)).select_related("milestone", "asset").get(pk=evidence.pk)
    return locked, found


def _refuse_unless(evidence: Evidence, status: EvidenceStatus, to: str) -> None:
    if evidence.status != status:
        raise Refused(
            f"This evidence is “{EvidenceStatus(evidence.status).label.lower()}”, so it cannot {to} now.",
            rule="evidence.status",
        )


@operation
def verify_evidence(
    *,
    evidence: Evidence,
    verdict: str,
    method: str,
    by: Principal,
    at: datetime,
    accepted: str = "",
    reason: str = "",
    version: int | None = None,
) -> Verification:
    """Judge evidence that somebody else submitted: at face, at a discount (`accepted` dollars or megawatts, with a
    reason), or refused with a reason. What is accepted counts, and releases tranches, in the same transaction.

    Raises NotPermitted for the submitter, Refused naming the field.
    """
    locked, found = _lock_evidence(evidence, version)
    check_can_verify(by, evidence=found)
    person = require_user(by)
    follow_table(locked, "verify")
    _refuse_unless(found, EvidenceStatus.SUBMITTED, "be verified")
    units = _read_accepted(locked, found, verdict, accepted)
    how = require_words(method, field="method", says="Say how it was verified, such as a visit or a bank's record.")
    why = reason.strip()
    if verdict != Verdict.AT_FACE and not why:
        raise Refused(
            "Say why it does not count in full: the submitter and the obligor will ask.",
            rule="verification.reason",
            field="reason",
        )
    verification = Verification.objects.create(
        evidence=found,
        verdict=verdict,
        claimed=found.claimed,
        accepted=units,
        reason=why,
        method=how,
        verified_by=person,
        verified_by_label=by.actor.label,
        at=at,
    )
    found.status = EvidenceStatus.REFUSED if verdict == Verdict.REFUSED else EvidenceStatus.VERIFIED
    found.save(update_fields=["status"])
    covers: list[Verification | AmountEntry] = [verification]
    if units:
        covers.append(
            AmountEntry.objects.create(
                commitment=locked,
                kind=AmountKind.VERIFIED,
                unit=locked.unit,
                units=units,
                asset=found.asset,
                verification=verification,
                on=day_of(at),
                says=f"Verified for “{found.milestone.title}”.",
                by_label=by.actor.label,
                at=at,
            )
        )
    save_version(locked)
    judged = {
        Verdict.AT_FACE: f"Accepted {write_units(units, locked.unit)} at face",
        Verdict.DISCOUNTED: f"Accepted {write_units(units, locked.unit)} of {write_units(found.claimed, locked.unit)}",
        Verdict.REFUSED: f"Refused evidence of {write_units(found.claimed, locked.unit)}",
    }[Verdict(verdict)]
    record(
        subject=locked,
        verb="evidence.verified" if units else "evidence.refused",
        says=f"{judged} for “{found.milestone.title}”. {why or how}",
        by=by,
        at=at,
        data={"evidence": found.pk, "accepted": units},
        covers=covers,
    )
    settle(locked, by=by, at=at)
    return verification


def _read_accepted(commitment: Commitment, evidence: Evidence, verdict: str, accepted: str) -> int:
    if verdict not in Verdict.values:
        raise Refused("Choose what the evidence is worth.", rule="verification.verdict", field="verdict")
    if verdict == Verdict.AT_FACE:
        return evidence.claimed
    if verdict == Verdict.REFUSED:
        return 0
    if commitment.unit == AmountUnit.KILOWATTS:
        units = read_megawatts(accepted, field="accepted")
    else:
        units = read_amount(accepted, find_currency("USD"), field="accepted")
    if units >= evidence.claimed:
        raise Refused(
            f"A discount accepts less than the {write_units(evidence.claimed, commitment.unit)} claimed. Accept it at "
            "face instead, if all of it counts.",
            rule="verification.discount",
            field="accepted",
        )
    return units


@operation
def withdraw_evidence(
    *, evidence: Evidence, reason: str, by: Principal, at: datetime, version: int | None = None
) -> Evidence:
    """Take evidence back before it is verified; the same document may then be submitted anew."""
    locked, found = _lock_evidence(evidence, version)
    check_can_withdraw_evidence(by, evidence=found)
    _refuse_unless(found, EvidenceStatus.SUBMITTED, "be withdrawn")
    why = require_words(reason, field="reason", says="Say why it is withdrawn.")
    found.status = EvidenceStatus.WITHDRAWN
    found.save(update_fields=["status"])
    save_version(locked)
    record(
        subject=locked,
        verb="evidence.withdrawn",
        says=f"Withdrew evidence for “{found.milestone.title}”: {why}",
        by=by,
        at=at,
        data={"evidence": found.pk},
    )
    return found


@operation
def reverse_verification(
    *, evidence: Evidence, reason: str, by: Principal, at: datetime, version: int | None = None
) -> AmountEntry:
    """Take back what was verified, by a new entry. Release stops at once; what is not shipped yet is taken back.

    No balance falls below what was shipped: what cannot be taken back is written down, and the next tranche
    waits until enough is verified again.
    """
    locked, found = _lock_evidence(evidence, version)
    check_can_keep_commitments(by, to="reverse a verification")
    follow_table(locked, "reverse")
    _refuse_unless(found, EvidenceStatus.VERIFIED, "be reversed")
    why = require_words(reason, field="reason", says="Say what turned out wrong.")
    entry = found.verification.entry
    taken = write_units(entry.units, locked.unit)
    reversal = write_reversal(entry, why, by=by, at=at)
    found.status = EvidenceStatus.REVERSED
    found.save(update_fields=["status"])
    save_version(locked)
    record(
        subject=locked,
        verb="evidence.reversed",
        says=f"Reversed the verification of {taken} for “{found.milestone.title}”: {why}",
        by=by,
        at=at,
        data={"evidence": found.pk, "entry": reversal.pk},
        covers=[reversal],
    )
    settle(locked, by=by, at=at)
    return reversal
