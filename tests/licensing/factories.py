"""Applications and cases for any test, made the way people make them: through the operations."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from importlib import import_module
from io import BytesIO
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from pypdf import PdfWriter

from accounts.models import Organization, User
from accounts.rules import SYSTEM
from accounts.statuses import Role
from deadlines.operations import load_holidays
from deadlines.rules import day_of
from licensing import operations
from licensing.models import Application, Case, Decision, Recommendation, UnitRoute
from licensing.statuses import DecisionKind, DocumentKind, RecommendedAction
from registry.operations import load_reference
from rulebook.operations import load_editions, set_operating_edition
from rulebook.selectors import get_edition_row
from tests.accounts.factories import unit, user

AT = datetime(2026, 4, 1, 15, 0, tzinfo=UTC)
MONITORED = ("exporter_monitoring_plan", "recipient_no_cluster_undertaking")


def later(**delta: float) -> datetime:
    """Some time after `AT`."""
    return AT + timedelta(**delta)


def load_rules(*, edition: str = "reported-2026-03", at: datetime = AT) -> None:
    """The editions, the reference data and the holidays, with one edition operating."""
    before = at - timedelta(days=1)
    load_editions(at=before)
    load_reference(by=SYSTEM, at=before)
    load_holidays()
    set_operating_edition(
        edition=get_edition_row(edition), by=SYSTEM, at=before, from_at=before, reason="For this test."
    )


@dataclass
class People:
    """Everybody whom a case meets."""

    applicant: User = field(default_factory=lambda: user(Role.EXPORTER_MEMBER))
    officer: User = field(default_factory=lambda: user(Role.LICENSING_OFFICER))
    countersigner: User = field(default_factory=lambda: user(Role.COUNTERSIGNER))
    second_countersigner: User = field(default_factory=lambda: user(Role.COUNTERSIGNER))
    director: User = field(default_factory=lambda: user(Role.LICENSING_DIRECTOR))
    waivers: list[User] = field(default_factory=lambda: [user(Role.WAIVER_OFFICIAL), user(Role.WAIVER_OFFICIAL)])

    @property
    def organization(self) -> Organization:
        return self.applicant.organization


def people() -> People:
    """Everybody, with a unit that receives every case."""
    everybody = People()
    if not UnitRoute.objects.exists():
        UnitRoute.objects.create(destination=None, unit=unit())
    return everybody


def pdf(pages: int = 1, text: str = "") -> SimpleUploadedFile:
    """A small real PDF; `text` makes its bytes its own."""
    writer, stream = PdfWriter(), BytesIO()
    for _ in range(pages):
        writer.add_blank_page(width=200, height=200)
    writer.add_metadata({"/Subject": text})
    writer.write(stream)
    return SimpleUploadedFile("document.pdf", stream.getvalue(), content_type="application/pdf")


def party(role: str, name: str, country: str, **fields: Any) -> dict[str, Any]:
    """A party as a form gives it."""
    return {
        "role": role,
        "name": name,
        "address": "1 Example Road",
        "city": "Example City",
        "country": country,
        "headquarters": country,
        "ultimate_parent": "",
        "ultimate_parent_headquarters": None,
        **fields,
    }


def chips(model: str = "A100", quantity: int = 752, price: str = "10000.00", **fields: Any) -> dict[str, Any]:
    """A line of chips as a form gives it."""
    return {
        "kind": "chip",
        "eccn": "3A090.a",
        "model": model,
        "manufacturer": "NVIDIA",
        "quantity": quantity,
        "unit_price": Decimal(price),
        "tpp": None,
        "memory_bandwidth_gbs": None,
        **fields,
    }


def draft(
    by: User,
    *,
    country: str = "SE",
    end_user: str = "Norrsken Compute AB",
    site: str = "Luleå Hall 1",
    items: list[dict[str, Any]] | None = None,
    safeguards: tuple[str, ...] = (),
    parties: list[dict[str, Any]] | None = None,
    at: datetime = AT,
    end_user_fields: dict[str, Any] | None = None,
    **site_fields: Any,
) -> Application:
    """A complete draft, ready to be certified."""
    application = operations.start_application(organization=by.organization, by=by, at=at)
    parties = parties or [
        party("purchaser", end_user, country, **(end_user_fields or {})),
        party("ultimate_consignee", end_user, country, **(end_user_fields or {})),
        party("end_user", end_user, country, **(end_user_fields or {})),
    ]
    application = operations.save_parties(
        application=application, parties=parties, version=application.version, by=by, at=at
    )
    application = operations.save_installation(
        application=application,
        installation={
            "site_name": site,
            "site_operator": end_user,
            "site_address": "2 Example Road",
            "site_city": "Example City",
            "site_country": country,
            **site_fields,
        },
        version=application.version,
        by=by,
        at=at,
    )
    application = operations.save_items(
        application=application,
        items=items if items is not None else [chips()],
        version=application.version,
        by=by,
        at=at,
    )
    application = operations.save_end_use(
        application=application,
        end_use={"end_use": "Training of weather models for the national meteorological service, by its own staff."},
        version=application.version,
        by=by,
        at=at,
    )
    application = operations.save_safeguards(
        application=application,
        safeguards={
            "declared_facts": list(safeguards),
            "undertaking_signatory": "Director of Operations" if safeguards else "",
            "undertaking_signed_on": day_of(at) if safeguards else None,
        },
        version=application.version,
        by=by,
        at=at,
    )
    if "exporter_monitoring_plan" in safeguards:
        operations.add_document(
            application=application,
            kind=DocumentKind.MONITORING_PLAN,
            title="Monitoring plan",
            upload=pdf(text=f"plan {application.pk}"),
            by=by,
            at=at,
        )
    if "recipient_no_cluster_undertaking" in safeguards:
        operations.add_document(
            application=application,
            kind=DocumentKind.RECIPIENT_UNDERTAKING,
            title="Undertaking",
            upload=pdf(text=f"undertaking {application.pk}"),
            by=by,
            at=at,
        )
    return application


def submit(application: Application, by: User, *, at: datetime = AT, key: str = "") -> Case:
    """Certify and file a draft."""
    return operations.certify_and_submit(
        application=application,
        name=by.name,
        title="Export manager",
        certified=True,
        version=application.version,
        key=key,
        by=by,
        at=at,
    )


def filed(who: People, *, at: datetime = AT, **fields: Any) -> Case:
    """A filed case of the given facts."""
    return submit(draft(who.applicant, at=at, **fields), who.applicant, at=at)


def assigned(who: People, *, at: datetime = AT, **fields: Any) -> Case:
    """A filed case that its officer has taken."""
    case = filed(who, at=at, **fields)
    return operations.assign_case(case=case, officer=who.officer, version=case.version, by=who.officer, at=at)


def asked_lines(case: Case) -> dict[int, int]:
    """Every line as asked."""
    return {item.line_no: item.quantity for item in case.application.items.all()}


def recommend(
    case: Case, who: People, *, action: str = RecommendedAction.APPROVE, at: datetime = AT, **fields: Any
) -> Recommendation:
    """The officer's recommendation, with what a denial needs."""
    case.refresh_from_db()
    given: dict[str, Any] = {
        "lines": asked_lines(case),
        "conditions": [],
        "reasons": "The end use and the end user were verified.",
        "statutory_basis": "50 USC 4813" if action == RecommendedAction.DENY else "",
        "regulatory_basis": "15 CFR 742.6" if action == RecommendedAction.DENY else "",
    }
    return operations.recommend(
        case=case, action=action, version=case.version, by=who.officer, at=at, **{**given, **fields}
    )


def countersign(recommendation: Recommendation, *signers: User, at: datetime = AT) -> None:
    """Everybody's countersignature on one version."""
    for signer in signers:
        operations.countersign(
            recommendation=recommendation, content_hash=recommendation.content_hash, by=signer, at=at
        )


def countersigned(who: People, *, at: datetime = AT, action: str = RecommendedAction.APPROVE, **fields: Any) -> Case:
    """A case that only waits for its decision."""
    case = assigned(who, at=at, **fields)
    recommendation = recommend(case, who, action=action, at=at)
    signers = [who.countersigner, who.second_countersigner][: recommendation.signatures_wanted]
    countersign(recommendation, *signers, at=at)
    case.refresh_from_db()
    return case


def waive_everything(case: Case, who: People, *, at: datetime = AT) -> None:
    """Both officials waive every requirement that is open."""
    for requirement in case.requirements.filter(status="open", gates="issue"):
        for official in who.waivers:
            operations.sign_waiver(
                requirement=requirement, reason="Covered by the arrangement of 2025.", by=official, at=at
            )


def decide(case: Case, who: People, *, kind: str = DecisionKind.APPROVE, at: datetime = AT, **fields: Any) -> Decision:
    """The director's decision."""
    case.refresh_from_db()
    denies = kind == DecisionKind.DENY
    given: dict[str, Any] = {
        "lines": asked_lines(case),
        "reasons": "As recommended.",
        "statutory_basis": "50 USC 4813" if denies else "",
        "regulatory_basis": "15 CFR 742.6" if denies else "",
    }
    return operations.decide(case=case, kind=kind, version=case.version, by=who.director, at=at, **{**given, **fields})


def licensed(who: People, *, at: datetime = AT, **fields: Any) -> Case:
    """A case with its license."""
    case = countersigned(who, at=at, **fields)
    waive_everything(case, who, at=at)
    decide(case, who, at=at)
    case.refresh_from_db()
    return case


def instrument_for(case: Case, *, at: datetime = AT, kind: str = "letter_of_assurance", **changes: Any) -> Any:
    """An instrument of the case's government, in force, that covers all the case asks for."""
    assurances = import_module("tests.assurances.factories")
    models = sorted({item.model for item in case.application.items.all()})
    terms = {
        "title": f"{kind.replace('_', ' ').capitalize()} for {case.destination_id}",
        "country": case.destination_id,
        "countries": (case.destination_id,),
        "chip_models": tuple(models),
        "ceiling": max(case.chips, 50_000),
        **changes,
    }
    return assurances.in_force(assurances.Officers(), at=at, kind=kind, **terms)


def meet(case: Case, who: People, name: str, *, at: datetime = AT, instrument: Any = None, choice: str = "") -> Any:
    """Let a requirement of a case stand on an instrument, its own where none is given; answers the instrument."""
    requirement = next(each for each in case.requirements.all() if name in (each.name, *each.any_of))
    kind = "security_guarantee" if name == "security_guarantee" else "letter_of_assurance"
    instrument = instrument or instrument_for(case, at=at, kind=kind)
    operations.accept_evidence(
        requirement=requirement,
        choice=choice or name,
        subject=("assurances.instrument", str(instrument.pk)),
        says="",
        by=who.officer,
        at=at,
    )
    return instrument
