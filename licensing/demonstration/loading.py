"""Loading the demonstration into an empty database."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from math import ceil
from pathlib import Path
from typing import Any

import yaml
from django.db import transaction

from accounts import demonstration as people
from accounts.models import Unit, User
from accounts.rules import SYSTEM, Refused
from accounts.statuses import Role
from allocations import demonstration as allocations
from assurances import demonstration as assurances
from deadlines.rules import day_of
from inspections import demonstration as inspections
from inspections.demonstration_calendar import load_calendar
from investments import demonstration as investments
from licensing import operations
from licensing.models import Application, Case, UnitRoute
from licensing.selectors.evidence import COMMITMENT, get_edition_of, list_offers
from licensing.statuses import (
    CaseKind,
    CaseStatus,
    DecisionKind,
    DocumentKind,
    PartyRole,
    RecommendedAction,
)
from registry.models import Country
from rulebook.operations import set_operating_edition
from rulebook.selectors import get_catalogue, get_edition_row, get_operating_row

from .papers import write_pdf

EDITION = "reported-2026-03"
PRICES = {"A100": 12000, "H200": 32000, "GB200": 45000, "GB300": 50000, "MI300X": 15000, "MI325X": 20000}
OTHER_PRICE = 60000
GULF_AND_CENTRAL_ASIA = ("AE", "SA", "QA", "KW", "BH", "OM", "AM", "AZ", "GE", "KZ", "KG", "TJ", "TM", "UZ")
EUROPE = ("NO", "SE", "FI", "DK", "IS", "FR", "DE", "NL", "BE", "LU", "GB", "IE", "ES", "PT", "IT", "PL", "CZ")
MONITORED = ["exporter_monitoring_plan", "recipient_no_cluster_undertaking"]


@dataclass(frozen=True, slots=True)
class Cast:
    """The demonstration's people by what they do."""

    applicants: Mapping[str, User]
    officers: Mapping[str, User]
    countersigners: list[User]
    director: User
    waivers: list[User]


@transaction.atomic
def load_demonstration(*, at: datetime) -> int:
    """Load people, units' routes, the operating edition and every case. Refused unless there is no application.

    Returns how many applications there are. One transaction: it is loaded whole or not at all.
    """
    if Application.objects.exists():
        raise Refused("There are applications already; the demonstration only loads into an empty database.")
    seed = yaml.safe_load((Path(__file__).parent / "deals.yaml").read_text(encoding="utf-8"))
    long_ago = at - timedelta(days=120)
    everybody = people.create_people(at=long_ago)
    if get_operating_row(at) is None:
        set_operating_edition(
            edition=get_edition_row(EDITION),
            by=SYSTEM,
            at=long_ago,
            from_at=long_ago,
            reason="The demonstration operates under the edition as it was reported.",
        )
    _route()
    # What cases stand on and count against is there before they are.
    for track in (allocations, assurances, investments, inspections):
        track.load(people=everybody, at=at)
    load_calendar(people=everybody, at=at)
    cast = _cast()
    filings = [*seed["deals"], *seed["invented"]]
    # The oldest first, as they would have come in.
    for filing in sorted(filings, key=lambda row: -row["filed_days_ago"]):
        _Filing(filing, seed["rules"], cast, at).load()
    return len(filings)


def _route() -> None:
    units = {unit.code: unit for unit in Unit.objects.all()}
    routes = [UnitRoute(destination=None, unit=units["ACD"])]
    for codes, unit in ((GULF_AND_CENTRAL_ASIA, units["GCA"]), (EUROPE, units["EUD"])):
        routes += [UnitRoute(destination=country, unit=unit) for country in Country.objects.filter(pk__in=codes)]
    UnitRoute.objects.bulk_create(routes)


def _cast() -> Cast:
    def holding(role: str) -> list[User]:
        return list(
            User.objects.filter(email__endswith=f"@{people.DOMAIN}", grants__role=role)
            .select_related("unit", "organization")
            .order_by("pk")
        )

    applicants = {user.email.split("@")[0]: user for user in holding(Role.EXPORTER_ADMIN)}
    officers = {user.unit.code: user for user in holding(Role.LICENSING_OFFICER) if user.unit}
    return Cast(
        applicants=applicants,
        officers=officers,
        countersigners=holding(Role.COUNTERSIGNER),
        director=holding(Role.LICENSING_DIRECTOR)[0],
        waivers=holding(Role.WAIVER_OFFICIAL),
    )


class _Filing:
    """One filing of the seed, taken through its acts, each some time after the one before."""

    def __init__(self, seed: Mapping[str, Any], rules: Mapping[str, str], cast: Cast, now: datetime) -> None:
        self.seed, self.rules, self.cast, self.now = seed, rules, cast, now
        self.by = cast.applicants[seed["applicant"]]
        self.at = now - timedelta(days=seed["filed_days_ago"])

    def _pass(self, **delta: float) -> datetime:
        """Some time goes by, never past the day of loading."""
        self.at = min(self.at + timedelta(**delta), self.now)
        return self.at

    def load(self) -> None:
        application = self._draft()
        if self.seed["stage"] == "draft":
            return
        case = operations.certify_and_submit(
            application=application,
            name=self.by.name,
            title=self.by.title,
            certified=True,
            version=application.version,
            key=f"demonstration-{application.pk}",
            by=self.by,
            at=self._pass(hours=2),
        )
        if case.closed_at is None:
            self._carry(case, self.seed["stage"])

    def _quantity(self) -> int | None:
        count, rule = self.seed.get("count"), self.seed.get("rule")
        if rule != "a100_equivalents":
            return count
        catalogue = get_catalogue()
        reference, shipped = catalogue.find_chip("A100"), catalogue.find_chip(self.seed["model"])
        assert reference is not None
        assert shipped is not None
        return ceil(count * Fraction(reference.tpp.value) / Fraction(shipped.tpp.value))

    def _draft(self) -> Application:
        seed, by = self.seed, self.by
        draft = operations.start_application(organization=by.organization, by=by, at=self.at)
        country = seed["country"]
        party = {
            "name": seed["end_user"],
            "address": "Address not reported",
            "city": seed["city"],
            "country": country,
            "headquarters": seed.get("headquarters", country),
            "ultimate_parent": seed.get("ultimate_parent", ""),
            "ultimate_parent_headquarters": seed.get("ultimate_parent_headquarters", country),
        }
        roles = (PartyRole.PURCHASER, PartyRole.ULTIMATE_CONSIGNEE, PartyRole.END_USER)
        draft = operations.save_parties(
            application=draft,
            parties=[{"role": role, **party} for role in roles],
            version=draft.version,
            by=by,
            at=self._pass(minutes=6),
        )
        draft = operations.save_installation(
            application=draft,
            installation={
                "site_name": seed.get("site", f"{seed['city']} site"),
                "site_operator": seed["end_user"],
                "site_address": "Address not reported",
                "site_city": seed["city"],
                "site_country": country,
            },
            version=draft.version,
            by=by,
            at=self._pass(minutes=4),
        )
        items = self._items()
        if items:
            draft = operations.save_items(
                application=draft, items=items, version=draft.version, by=by, at=self._pass(minutes=9)
            )
        draft = operations.save_end_use(
            application=draft,
            end_use=self._end_use(),
            version=draft.version,
            by=by,
            at=self._pass(minutes=12),
        )
        if seed.get("monitored"):
            draft = self._safeguards(draft)
        note = self._note()
        Application.objects.filter(pk=draft.pk).update(
            reconstruction_source=seed.get("source", ""), reconstruction_note=note
        )
        draft.reconstruction_source, draft.reconstruction_note = seed.get("source", ""), note
        return draft

    def _note(self) -> str:
        if "id" not in self.seed:
            return "Demonstration: invented, parties and all."
        parts = [
            "Reconstruction from a public report, not a filing.",
            f"The report ({self.seed.get('announced_note', self.seed['announced'])}): {self.seed['reported']}.",
            self.rules[self.seed["rule"]],
            self.seed.get("note", ""),
            "Addresses, prices, end use and stage are invented.",
        ]
        return " ".join(part for part in parts if part)

    def _items(self) -> list[dict[str, Any]]:
        if self.seed.get("weights"):
            weights = {"kind": "model_weights", "eccn": "4E091", "model": "Open model weights", "quantity": 1}
            return [{**weights, "unit_price": Decimal(0)}]
        quantity = self._quantity()
        if quantity is None:
            return []
        chip = get_catalogue().find_chip(self.seed["model"])
        assert chip is not None
        price = Decimal(PRICES.get(chip.name, OTHER_PRICE))
        line = {"kind": "chip", "eccn": "3A090.a", "model": chip.name, "manufacturer": chip.maker}
        return [{**line, "quantity": quantity, "unit_price": price}]

    def _end_use(self) -> dict[str, Any]:
        return {
            "end_use": (
                f"Training and serving of AI models in {self.seed['city']}, operated by {self.seed['end_user']} for "
                "its own customers. Invented for the demonstration."
            ),
            "own_reference": self.seed.get("id", ""),
            "additional_information": "",
        }

    def _safeguards(self, draft: Application) -> Application:
        draft = operations.save_safeguards(
            application=draft,
            safeguards={
                "declared_facts": MONITORED,
                "undertaking_signatory": "Director of operations (invented)",
                "undertaking_signed_on": day_of(self.at),
            },
            version=draft.version,
            by=self.by,
            at=self._pass(minutes=8),
        )
        for kind, title in (
            (DocumentKind.MONITORING_PLAN, "Exporter monitoring plan"),
            (DocumentKind.RECIPIENT_UNDERTAKING, "Recipient undertaking against clustering"),
        ):
            operations.add_document(
                application=draft,
                kind=kind,
                title=title,
                upload=write_pdf(title, self.seed["end_user"]),
                by=self.by,
                at=self._pass(minutes=1),
            )
        return draft

    def _carry(self, case: Case, stage: str) -> None:
        """Take a filed case to its stage, one act after another."""
        if stage == CaseStatus.RECEIVED:
            return
        if stage == CaseStatus.WITHDRAWN:
            operations.withdraw_application(
                application=case.application,
                reason="The buyer gave up the order.",
                by=self.by,
                at=self._pass(days=6),
            )
            return
        officer = self.cast.officers.get(case.unit.code if case.unit else "", self.cast.officers["ACD"])
        case = operations.assign_case(
            case=case, officer=officer, version=case.version, by=officer, at=self._pass(days=1)
        )
        operations.add_note(case=case, text="Demonstration: taken up for review.", by=officer, at=self._pass(hours=1))
        if case.kind == CaseKind.EXEMPTION:
            if stage == CaseStatus.EXEMPTION_ACCEPTED:
                operations.accept_exemption(
                    case=self._fresh(case),
                    reasons="The plan covers every chip and the undertaking is signed.",
                    version=self._fresh(case).version,
                    by=officer,
                    at=self._pass(days=4),
                )
            return
        if stage == CaseStatus.UNDER_REVIEW:
            if case.tier == "national":
                self._meet(case, officer)
            return
        self._ask(case, officer, answer=stage != CaseStatus.AWAITING_INFORMATION)
        if stage == CaseStatus.AWAITING_INFORMATION:
            return
        self._recommend(case, officer, stage)

    def _fresh(self, case: Case) -> Case:
        return Case.objects.select_related("application", "unit").get(pk=case.pk)

    def _ask(self, case: Case, officer: User, *, answer: bool) -> None:
        asked = operations.request_information(
            case=self._fresh(case),
            question="Who has physical and remote access to the halls, and how is access logged?",
            version=self._fresh(case).version,
            by=officer,
            at=self._pass(days=2) if answer else self.now - timedelta(days=3),
        )
        if answer:
            operations.answer_information(
                request=asked,
                answer="The operator's own staff only; badge and session logs are kept for five years. (Invented.)",
                by=self.by,
                at=self._pass(days=5),
            )

    def _meet(self, case: Case, officer: User) -> None:
        """Let what the tracks have on record meet what it suffices for; the rest stays open."""
        at = self._pass(days=2)
        edition = get_edition_of(case)
        for requirement in case.requirements.filter(status="open"):
            offers = list_offers(case, requirement, edition, at)
            # A commitment needs its tranches planned, which is an act of its own.
            fitting = [each for each in offers if each.evidence.suffices and each.evidence.kind != COMMITMENT]
            if fitting:
                operations.accept_evidence(
                    requirement=requirement,
                    choice=fitting[0].choice,
                    subject=(fitting[0].evidence.kind, fitting[0].evidence.subject_id),
                    says="Demonstration: chosen from what is on record.",
                    by=officer,
                    at=at,
                )

    def _waive(self, case: Case) -> None:
        for requirement in case.requirements.filter(status="open", gates="issue", waivable=True):
            for official in self.cast.waivers[:2]:
                operations.sign_waiver(
                    requirement=requirement,
                    reason="Demonstration: the arrangement that was reported covers it.",
                    by=official,
                    at=self._pass(hours=5),
                )

    def _recommend(self, case: Case, officer: User, stage: str) -> None:
        action = {
            CaseStatus.DENIED: RecommendedAction.DENY,
            CaseStatus.RETURNED: RecommendedAction.RETURN,
        }.get(CaseStatus(stage), RecommendedAction.APPROVE_WITH_CONDITIONS)
        denies, approves = (
            action == RecommendedAction.DENY,
            action == RecommendedAction.APPROVE_WITH_CONDITIONS,
        )
        lines = {item.line_no: item.quantity for item in case.application.items.all()}
        grounds = {
            "statutory_basis": "50 USC 4813(a)" if denies else "",
            "regulatory_basis": "15 CFR 742.6(b)" if denies else "",
        }
        reasons = {
            RecommendedAction.DENY: "The end user could not be verified and the stated end use is not credible.",
            RecommendedAction.RETURN: "The end-use statement does not name the operator of the installation.",
        }.get(action, "End user and end use were verified; the conditions hold the residual risk.")
        fresh = self._fresh(case)
        recommendation = operations.recommend(
            case=fresh,
            action=action,
            lines=lines,
            conditions=CONDITIONS if approves else [],
            reasons=f"{reasons} (Invented for the demonstration.)",
            version=fresh.version,
            by=officer,
            at=self._pass(days=3),
            **grounds,
        )
        if stage == CaseStatus.RECOMMENDED:
            return
        for signer in self.cast.countersigners[: recommendation.signatures_wanted]:
            operations.countersign(
                recommendation=recommendation,
                content_hash=recommendation.content_hash,
                by=signer,
                at=self._pass(days=1),
            )
        if stage == CaseStatus.COUNTERSIGNED:
            return
        kind = {CaseStatus.DENIED: DecisionKind.DENY, CaseStatus.RETURNED: DecisionKind.RETURN}.get(
            CaseStatus(stage), DecisionKind.APPROVE
        )
        if kind == DecisionKind.APPROVE:
            self._waive(case)
        fresh = self._fresh(case)
        operations.decide(
            case=fresh,
            kind=kind,
            lines=lines,
            reasons=f"{reasons} (Invented for the demonstration.)",
            version=fresh.version,
            by=self.cast.director,
            at=self._pass(days=1),
            **grounds,
        )


CONDITIONS = [
    "The chips stay at the installation named in this license; none is moved without prior written approval.",
    "The licensee monitors the chips and reports their number and place twice a year.",
    "No party headquartered in a barred or restricted country is given remote access.",
]
