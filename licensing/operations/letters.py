"""Letters: composed from the rows as they stand, set, stored for good with their hash, and written down."""

import hashlib
import secrets
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db.models import Prefetch, prefetch_related_objects

from accounts.models import Organization, User
from accounts.rules import Principal
from accounts.statuses import OrganizationKind
from audit.operations import record
from deadlines.rules import day_of
from licensing import papers
from licensing.models import ApplicationParty, Case, Decision, Exemption, Letter, License, StoredDetermination
from licensing.rules.outcome import COUNTED_RULES
from licensing.statuses import DecisionKind, ItemKind, LetterKind, PartyRole, RequirementStatus
from rulebook.rules import Edition
from rulebook.selectors import get_edition

MARKING = "Protected from disclosure: 50 USC 4820(h)"
DEMONSTRATION = (
    "Demonstration. An unofficial reading of a draft withdrawn on March 13, 2026. Not law, not a government document."
)
# No letter or digit that is read as another: neither 0 and O, nor 1, I and L, nor U and V.
CODE_LETTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
CODE_LENGTH = 12
SYSTEM_NAME = "Countersign"


def generate_verification_code() -> str:
    """A new code that proves to strangers that a license or an exemption exists: unguessable, easy to type."""
    return "".join(secrets.choice(CODE_LETTERS) for _ in range(CODE_LENGTH))


def write_letter(
    *,
    case: Case,
    kind: LetterKind,
    by: Principal,
    at: datetime,
    result: Mapping[str, Any] | None = None,
    decision: Decision | None = None,
    license: License | None = None,
    exemption: Exemption | None = None,
    reasons: str = "",
) -> Letter:
    """Compose, set and store the letter that goes out on a case, and write it down in the case's journal.

    It follows the rows it is given: a license and a denial their decision, an exemption its own row, a refusal
    and an answer the determination's `result`; the refusal of an exemption follows the officer's `reasons`. Call
    it in the transaction of the act that it tells of. Raises ValueError when the kind of letter lacks what it
    tells of.
    """
    paper = _compose(
        case,
        LetterKind(kind),
        by=by,
        at=at,
        result=result,
        decision=decision,
        license=license,
        exemption=exemption,
        reasons=reasons,
    )
    pdf = papers.render(paper)
    letter = Letter.objects.create(
        case=case,
        kind=kind,
        title=paper.subject[:200],
        pdf=pdf,
        sha256=hashlib.sha256(pdf).hexdigest(),
        at=at,
    )
    record(
        subject=case,
        verb="letter.written",
        says=f"Wrote the letter “{letter.title}”.",
        by=by,
        at=at,
        data={"kind": letter.kind, "sha256": letter.sha256},
        covers=[letter],
    )
    return letter


def _compose(
    case: Case,
    kind: LetterKind,
    *,
    by: Principal,
    at: datetime,
    result: Mapping[str, Any] | None,
    decision: Decision | None,
    license: License | None,
    exemption: Exemption | None,
    reasons: str,
) -> papers.Paper:
    determination = case.application.determinations.order_by("-sequence").first()
    if determination is None:
        raise ValueError(f"case {case.acn} was never determined, so no letter can name its rules")
    edition = get_edition(determination.edition_identifier)
    envelope = _envelope(case, edition, _signer(decision, by), at=at)
    if kind == LetterKind.LICENSE and license is not None and decision is not None:
        return papers.compose_license(envelope, _license_facts(case, license, decision))
    if kind == LetterKind.EXEMPTION and exemption is not None:
        return papers.compose_exemption(envelope, _exemption_facts(exemption, edition, determination))
    if kind == LetterKind.EXEMPTION_REFUSAL and reasons.strip():
        return papers.compose_exemption_refusal(
            envelope, reasons=reasons.strip(), asked_before=_open_before(case, "issue")
        )
    if kind == LetterKind.DENIAL and decision is not None:
        return papers.compose_denial(
            envelope,
            statutory_basis=decision.statutory_basis,
            regulatory_basis=decision.regulatory_basis,
            reasons=decision.reasons,
        )
    if kind == LetterKind.RETURN and decision is not None:
        return papers.compose_return(envelope, deficiencies=decision.reasons)
    if kind == LetterKind.REFUSAL and result is not None:
        return papers.compose_refusal(envelope, reasons=_reasons(result, edition))
    if kind == LetterKind.ANSWER and result is not None:
        return papers.compose_answer(envelope, reasons=_reasons(result, edition))
    raise ValueError(f"a {kind.label.lower()} cannot be written without what it tells of")


def _signer(decision: Decision | None, by: Principal) -> papers.Official | papers.Automatic:
    """Who answers for the letter: who decided, else the official who acts, else nobody."""
    official = decision.decided_by if decision is not None else by
    if not isinstance(official, User) or official.organization.kind != OrganizationKind.COMMERCE:
        return papers.Automatic()
    places = [official.unit.name] if official.unit is not None else []
    return papers.Official(name=official.name, title=official.title, places=(*places, official.organization.name))


def _envelope(
    case: Case, edition: Edition, signer: papers.Official | papers.Automatic, *, at: datetime
) -> papers.Envelope:
    application = case.application
    places = [application.site_address, application.site_city]
    roles = list(PartyRole.values)
    # What the act has read already is not read again.
    prefetch_related_objects(
        [application], Prefetch("parties", queryset=ApplicationParty.objects.select_related("country")), "items"
    )
    return papers.Envelope(
        on=_day(at),
        acn=case.acn,
        filed_on=_day(application.submitted_at) if application.submitted_at else None,
        applicant=application.organization.name,
        applicant_address=application.organization.address,
        contact=application.certifier_name,
        contact_title=application.certifier_title,
        own_reference=application.own_reference,
        letterhead=_letterhead(case),
        signer=signer,
        rules=_rules(edition),
        site=papers.Site(
            name=application.site_name,
            operator=application.site_operator,
            address=", ".join(place for place in places if place),
            country=case.destination.name,
        ),
        parties=[
            papers.NamedParty(
                role=party.get_role_display(),
                name=party.name,
                address=", ".join(
                    place for place in (party.address, party.city, party.postal_code, party.country.name) if place
                ),
            )
            for party in sorted(application.parties.all(), key=lambda party: (roles.index(party.role), party.position))
        ],
        asked=[
            papers.AskedLine(
                line_no=item.line_no,
                model=item.model
                if item.kind == ItemKind.CHIP
                else f"{item.model} ({ItemKind(item.kind).label.lower()})",
                eccn=item.eccn,
                quantity=item.quantity,
            )
            for item in sorted(application.items.all(), key=lambda item: item.line_no)
        ],
        marking=MARKING,
        demonstration=DEMONSTRATION if settings.DEMONSTRATION else "",
    )


def _letterhead(case: Case) -> tuple[str, ...]:
    """From whom the letter comes: the organization and the unit that own the case."""
    if case.unit is not None:
        office = case.unit.organization
        return tuple(line for line in (office.name, case.unit.name, *office.address.splitlines()) if line)
    found = Organization.objects.filter(kind=OrganizationKind.COMMERCE).order_by("pk").first()
    if found is None:
        return (SYSTEM_NAME,)
    return tuple(line for line in (found.name, *found.address.splitlines()) if line)


def _rules(edition: Edition) -> papers.Rules:
    def stated(name: str) -> int | None:
        found = edition.process.get(name)
        return None if found is None else int(found.value)

    tolerance = edition.process.get("license.value_tolerance_percent")
    return papers.Rules(
        id=edition.id,
        title=edition.title,
        notice=edition.notice,
        value_tolerance_percent=stated("license.value_tolerance_percent"),
        value_tolerance_source=tolerance.source if tolerance is not None else "",
        appeal_days=stated("denial.appeal_days"),
        record_years=stated("license.record_years"),
    )


def _license_facts(case: Case, license: License, decision: Decision) -> papers.LicenseFacts:
    return papers.LicenseFacts(
        number=license.number,
        in_part=decision.kind == DecisionKind.APPROVE_IN_PART,
        reasons=decision.reasons,
        valid_from=license.valid_from,
        expires_on=license.expires_on,
        validity_note=license.validity_note,
        end_use=case.application.end_use,
        lines=[
            papers.LicensedLine(
                line_no=line.line_no,
                model=line.model,
                eccn=line.eccn,
                quantity=line.quantity,
                unit_price=line.unit_price,
                value=Decimal(line.value_cents) / 100,
            )
            for line in license.lines.order_by("line_no")
        ],
        conditions=list(license.conditions.order_by("number").values_list("text", flat=True)),
        verification=_verification(license.number, license.verification_code),
        before_shipment=_open_before(case, "shipment"),
    )


def _open_before(case: Case, gate: str) -> list[papers.PendingCondition]:
    """The requirements that are open and hold up the issue or the shipment."""
    found = case.requirements.filter(gates=gate, status=RequirementStatus.OPEN).order_by("position")
    return [papers.PendingCondition(title=requirement.title, says=requirement.says) for requirement in found]


def _exemption_facts(
    exemption: Exemption, edition: Edition, determination: StoredDetermination
) -> papers.ExemptionFacts:
    days = {
        period: edition.process[name].value
        for period, name in (
            ("July to December", "exemption.report_for_july_to_december"),
            ("January to June", "exemption.report_for_january_to_june"),
        )
        if name in edition.process
    }
    accepted_on = _day(exemption.accepted_at)
    coming = [
        date.fromisoformat(f"{year}-{day}")
        for year in (accepted_on.year, accepted_on.year + 1)
        for day in days.values()
    ]
    return papers.ExemptionFacts(
        number=exemption.number,
        chips=exemption.chips,
        accepted_on=accepted_on,
        lapses_on=exemption.lapses_on,
        conditions=[
            f"{fact.words[0].upper()}{fact.words[1:]}."
            for name, fact in edition.facts.items()
            if determination.facts.get(name) is True
        ],
        reports=[(period, _month_and_day(day)) for period, day in days.items()],
        next_report_on=min((day for day in coming if day > accepted_on), default=None),
        verification=_verification(exemption.number, exemption.verification_code),
    )


def _month_and_day(day: str) -> str:
    # A leap year, so that February 29 can be written too.
    written = date.fromisoformat(f"2024-{day}")
    return f"{written:%B} {written.day}"


def _reasons(result: Mapping[str, Any], edition: Edition) -> tuple[papers.Reason, ...]:
    """The determination's reasons as an applicant may read them.

    Counts are left out: neither a bar nor the lack of a control turns on them, and they may tell what others
    filed (50 USC 4820(h)). The edition's notice stands in the letter's own part on the rules.
    """
    return tuple(
        papers.Reason(says=reason["says"], source=reason.get("source", ""))
        for reason in result["reasons"]
        if reason["rule"].split(".")[0] not in COUNTED_RULES and reason["says"] != edition.notice
    )


def _verification(number: str, code: str) -> papers.Verification:
    page = settings.SITE_URL.rstrip("/") + "/validate/"
    return papers.Verification(page=page, url=f"{page}{number}/?code={code}", code=code)


def _day(at: datetime) -> date:
    return day_of(at)
