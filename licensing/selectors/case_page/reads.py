"""Reading what a case page shows, each part in one query however much there is of it."""

from datetime import date, datetime
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import BigIntegerField, CharField, F, OuterRef, Q, Subquery
from django.db.models.functions import Cast, JSONObject

from deadlines.models import ClockEvent
from deadlines.rules import ClockEvent as Event
from deadlines.rules import compute
from investments.models import Commitment
from ledger.models import Account
from ledger.rules import Balance
from ledger.statuses import AccountKind
from licensing.models import (
    Application,
    ApplicationParty,
    Case,
    ConditionCheck,
    Letter,
    License,
    LicenseLine,
    Requirement,
    RequirementAct,
    Reservation,
    Signature,
    TranchePlan,
)
from licensing.rules import CLOCK
from licensing.selectors.evidence import COMMITMENT, CONDITIONS, get_track
from licensing.selectors.grounds import ground_json, read_ground
from licensing.statuses import LetterKind, RequirementActKind
from registry.models import OwnershipLink
from rulebook.rules import Edition, Row

from .lines import (
    ActLine,
    CaseClock,
    LetterLine,
    LicensedLine,
    OwnerLine,
    PlannedTranche,
    RecommendationLine,
    RequirementLine,
    SignatureLine,
)


def read_case(acn: str) -> Case:
    """A case with what one row of it leads to, the letters and what it holds of ceilings. One query."""
    letters = Letter.objects.filter(case=OuterRef("pk")).order_by("id")
    held = Reservation.objects.filter(case=OuterRef("pk"), ended_at__isnull=True).order_by("id")
    return (
        Case.objects.select_related(
            "application",
            "application__organization",
            "application__site_country",
            "application__installation",
            "application__installation__operator",
            "destination",
            "officer",
            "unit",
            "license",
            "exemption",
        )
        .annotate(
            letter_lines=ArraySubquery(letters.values(line=JSONObject(id="id", kind="kind", title="title", at="at"))),
            held_lines=ArraySubquery(held.values(line=JSONObject(account="account_id", units="units"))),
        )
        .get(acn=acn.upper())
    )


def read_letters(case: Any) -> list[LetterLine]:
    """The letters of `read_case`, the oldest first."""
    return [
        LetterLine(
            id=line["id"],
            kind=line["kind"],
            words=LetterKind(line["kind"]).label,
            title=line["title"],
            at=datetime.fromisoformat(line["at"]),
        )
        for line in case.letter_lines
    ]


def read_parties(application: Application, on: date) -> list[tuple[ApplicationParty, list[OwnerLine]]]:
    """The parties as they were named, each with its owners on a day, the largest share first. One query."""
    links = (
        OwnershipLink.objects.filter(owned=OuterRef("party_id"), from_on__lte=on)
        .filter(Q(to_on__isnull=True) | Q(to_on__gt=on))
        .order_by("-is_controlling_parent", F("percent").desc(nulls_last=True), "owner_id")
    )
    fields = {
        "name": F("owner__name"),
        "headquarters": F("owner__headquarters__name"),
        "percent": Cast("percent", CharField()),
        "is_controlling_parent": F("is_controlling_parent"),
    }
    named = application.parties.select_related(
        "country", "headquarters", "ultimate_parent_headquarters", "party"
    ).annotate(owner_lines=ArraySubquery(links.values(line=JSONObject(**fields))))
    return [(party, [OwnerLine(**line) for line in party.owner_lines]) for party in named]


def read_requirements(case: Case, *, at: datetime, edition: Edition | None) -> list[RequirementLine]:
    """The requirements with every act on them, what they stand on, and what was planned or verified. One query."""
    acts = RequirementAct.objects.filter(requirement=OuterRef("pk")).order_by("id")
    in_round = {"requirement": OuterRef("pk"), "round": OuterRef("round")}
    steps = TranchePlan.objects.filter(**in_round).order_by("position")
    checks = ConditionCheck.objects.filter(**in_round).order_by("id")
    stood_on = RequirementAct.objects.filter(
        requirement=OuterRef(OuterRef("pk")), round=OuterRef(OuterRef("round")), ground__kind=COMMITMENT
    )
    commitments = Commitment.objects.filter(
        pk__in=stood_on.values(number=Cast("ground__subject_id", BigIntegerField()))
    )
    fields = ("kind", "choice", "says", "actor_id", "actor_label", "document_id", "round", "at", "share")
    annotated = case.requirements.annotate(
        act_lines=ArraySubquery(
            acts.values(line=JSONObject(**{name: F(name) for name in fields}, ground=ground_json()))
        ),
        planned=ArraySubquery(steps.values(line=JSONObject(required="required", chips="chips"))),
        checked=ArraySubquery(checks.values("item")),
        unit=Subquery(commitments.order_by("pk").values("unit")[:1]),
    )
    return [_read_requirement(row, at=at, edition=edition) for row in annotated]


def _read_requirement(row: Any, *, at: datetime, edition: Edition | None) -> RequirementLine:
    acts = [_read_act(line, at=at, edition=edition) for line in row.act_lines]
    signers = frozenset(
        act.actor_id
        for act in acts
        if act.kind == RequirementActKind.WAIVER_SIGNED and act.round == row.round and act.actor_id is not None
    )
    return RequirementLine(
        requirement=row,
        acts=acts,
        waiver_signers=signers,
        conditions=[(each.title, each.id in row.checked) for each in _list_conditions(row, edition)],
        tranches=[PlannedTranche(unit=row.unit or "", **step) for step in row.planned],
    )


def _read_act(line: dict[str, Any], *, at: datetime, edition: Edition | None) -> ActLine:
    ground = line.pop("ground")
    return ActLine(
        **{**line, "at": datetime.fromisoformat(line["at"])},
        words=RequirementActKind(line["kind"]).label,
        ground=read_ground(ground, at=at, edition=edition) if ground["id"] else None,
    )


def _list_conditions(row: Requirement, edition: Edition | None) -> tuple[Row, ...]:
    track = get_track(edition, row.name) if edition else None
    return edition.rows(row.name) if edition and track and track.get("track") == CONDITIONS else ()


def read_recommendations(case: Case) -> list[RecommendationLine]:
    """Every version with its signatures, the oldest first. One query."""
    signatures = Signature.objects.filter(recommendation=OuterRef("pk")).order_by("id")
    fields = ("signer_id", "signer_label", "at")
    versions = list(
        case.recommendations.annotate(
            signature_lines=ArraySubquery(signatures.values(line=JSONObject(**{name: F(name) for name in fields})))
        )
    )
    return [
        RecommendationLine(
            recommendation=version,
            signatures=[
                SignatureLine(**{**line, "at": datetime.fromisoformat(line["at"])}) for line in version.signature_lines
            ],
            is_newest=version is versions[-1],
        )
        for version in versions
    ]


def read_licensed(license_: License) -> list[LicensedLine]:
    """The lines of a license with what the ledger says is left of each. One query."""
    accounts = Account.objects.filter(
        kind__in=[AccountKind.LICENSE_LINE_QUANTITY, AccountKind.LICENSE_LINE_VALUE],
        subject_kind=LicenseLine._meta.label_lower,
        subject_id=Cast(OuterRef("pk"), CharField()),
    ).order_by("kind")
    fields = {name: F(name) for name in ("kind", "ceiling", "reserved", "drawn")}
    lines = license_.lines.annotate(accounts=ArraySubquery(accounts.values(account=JSONObject(**fields))))
    return [LicensedLine(line=line, **_balances(line.accounts)) for line in lines]


def _balances(accounts: list[dict[str, Any]]) -> dict[str, Balance]:
    names = {AccountKind.LICENSE_LINE_QUANTITY: "quantity", AccountKind.LICENSE_LINE_VALUE: "value"}
    return {names[each.pop("kind")]: Balance(**each) for each in accounts}


def read_clock(case: Case, now: datetime) -> CaseClock | None:
    """What the case's clock shows; None where none was started. One query."""
    events = list(
        ClockEvent.objects.filter(
            clock__subject_kind="licensing.case", clock__subject_id=str(case.pk), clock__kind=CLOCK
        ).select_related("clock")
    )
    if not events:
        return None
    clock = events[0].clock
    reading = compute(
        [Event(event.kind, event.at, event.stop_key, event.ground) for event in events],
        now,
        limit_days=clock.limit_days,
        tz=clock.time_zone,
    )
    return CaseClock(reading=reading, limit_days=clock.limit_days)


def list_journaled(case: Case) -> list[tuple[str, str]]:
    """Whose journals make the timeline of a case."""
    subjects = [("licensing.case", str(case.pk)), ("licensing.application", str(case.application_id))]
    license_ = getattr(case, "license", None)
    if license_ is not None:
        subjects.append(("licensing.license", str(license_.pk)))
    return subjects


def list_scopes(case: Case, parties: list[ApplicationParty]) -> list[tuple[str, str]]:
    """On what a hold can stand in the way of a case or its license."""
    license_ = getattr(case, "license", None)
    return [
        ("country", case.destination_id),
        ("installation", str(case.application.installation_id)),
        *(("party", str(party)) for party in {named.party_id for named in parties if named.party_id}),
        *([("license", str(license_.pk))] if license_ is not None else []),
    ]
