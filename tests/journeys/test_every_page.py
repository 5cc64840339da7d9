"""Every page of every face as a reader meets it, filled and empty, right and wrong, on a phone and on a desk.

Nothing serious or critical for axe, no scrolling sideways, no complaint of the browser, no other host asked.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import override_settings
from django.utils import timezone
from playwright.sync_api import Page

from accounts.models import User
from accounts.statuses import Role
from assurances import operations as assurances
from audit.operations import seal_journal
from deadlines.operations import notify
from deadlines.rules import day_of
from investments import operations as investments
from licensing import operations
from licensing.models import Application, Case
from licensing.statuses import DecisionKind, RecommendedAction
from registry.operations import place_hold
from tests.accounts.factories import api_key, user
from tests.investments import factories as invest
from tests.journeys import acting
from tests.journeys.looking import WIDTHS, find_faults
from tests.licensing import factories as make
from tests.oversight.factories import our_models, row_of

pytestmark = pytest.mark.journey

LONG = (
    "The Northern Sovereign Artificial Intelligence Infrastructure and Advanced Computing Holding Company "
    "for the Eastern Province"
)
UNBROKEN = "Sovereign" * 12


@dataclass
class Seen:
    """Who looks, and what there is to see."""

    who: make.People
    administrator: User
    newcomer: User
    cases: dict[str, Case]
    draft: Application
    empty: Application
    hold_id: int


@pytest.fixture
def seen(live_server, transactional_db) -> Seen:
    """Cases in every state, one with the longest names, and people who have nothing yet."""
    at = timezone.now() - timedelta(hours=3)
    make.load_rules(at=at)
    who = make.people()

    def at_site(number: int, **more: Any) -> dict[str, Any]:
        return {"at": at, "end_user": f"Norrsken Compute {number} AB", "site": f"Luleå Hall {number}", **more}

    large = {"country": "SA", "items": [make.chips("GB300", 35_000)]}
    long = {"end_user": LONG, "site": UNBROKEN, "items": [make.chips("GB300", 35_000), make.chips("A100", 5)]}
    asked = make.assigned(who, **at_site(1))
    operations.request_information(case=asked, question=f"Who is {LONG}?", version=asked.version, by=who.officer, at=at)
    answered = make.assigned(who, **at_site(2))
    request = operations.request_information(
        case=answered, question="Who?", version=answered.version, by=who.officer, at=at
    )
    operations.answer_information(request=request, answer="The operator's staff.", by=who.applicant, at=at)
    recommended = make.assigned(who, **at_site(3))
    make.recommend(
        recommended,
        who,
        at=at,
        action=RecommendedAction.APPROVE_WITH_CONDITIONS,
        conditions=["The licensee reports the number of chips installed each quarter."],
    )
    denied = make.countersigned(who, action=RecommendedAction.DENY, **at_site(4))
    make.decide(denied, who, kind=DecisionKind.DENY, at=at)
    exempt = make.assigned(who, safeguards=make.MONITORED, **at_site(5))
    operations.accept_exemption(case=exempt, reasons="Both suffice.", version=exempt.version, by=who.officer, at=at)
    cases = {
        "received": make.filed(who, **at_site(6)),
        "review": make.assigned(who, **at_site(7)),
        "asked": asked,
        "answered": answered,
        "recommended": recommended,
        "countersigned": make.countersigned(who, **at_site(8, **large)),
        "licensed": make.licensed(who, **at_site(9)),
        "denied": denied,
        "exemption": make.assigned(who, safeguards=make.MONITORED, **at_site(10)),
        "exempt": exempt,
        "barred": make.filed(who, at=at, country="RU", items=[make.chips(quantity=1)]),
        "long": make.assigned(who, at=at, **long),
    }
    draft = make.draft(who.applicant, safeguards=make.MONITORED, **at_site(11, end_user=LONG))
    empty = operations.start_application(organization=who.organization, by=who.applicant, at=at)
    administrator = user(Role.EXPORTER_ADMIN, organization=who.organization)
    api_key(organization=who.organization, created_by=administrator)
    hold = place_hold(
        scope=("installation", str(cases["long"].application.installation_id)),
        cause="other",
        says="The operator is in doubt.",
        lifter_role=Role.LICENSING_DIRECTOR,
        by=who.officer,
        at=at,
    )
    for person in (who.applicant, who.officer):
        notify(users=[person], kind="case", says=f"Something happened to {LONG}.", url="/", at=at)
    seal_journal(at=at + timedelta(hours=1))
    return Seen(who, administrator, user(Role.EXPORTER_ADMIN), cases, draft, empty, hold.pk)


@pytest.fixture(autouse=True)
def _no_complaints(watch) -> Iterator[None]:
    yield
    assert watch.complaints == [], "\n".join(watch.complaints)


def look(page: Page, addresses: list[str], *, status: int = 200, axe_at: tuple[int, ...] = WIDTHS) -> list[str]:
    """What is wrong with these pages; a page that does not open is wrong, too."""
    faults = []
    for address in addresses:
        answer = page.goto(address)
        if answer is None or answer.status != status:
            faults.append(f"{address}: answered {answer and answer.status}")
            continue
        faults += find_faults(page, axe_at=axe_at)
    return faults


def look_at_errors(page: Page, addresses: list[str]) -> list[str]:
    """What is wrong with each form after it was sent empty, past what the browser itself would stop."""
    faults = []
    for address in addresses:
        page.goto(address)
        form = page.locator("main form[method=post]").last
        form.evaluate("node => { node.noValidate = true }")
        with page.expect_navigation():
            form.locator("button[type=submit], button:not([type])").first.click()
        if not page.title().startswith("Error: "):
            faults.append(f"{address}: an empty form was answered with “{page.title()}”")
            continue
        faults += find_faults(page)
    return faults


def test_the_open_pages(seen, page_of):
    license_ = seen.cases["licensed"].license
    page = page_of(None)
    open_pages = [
        "/",
        "/about/",
        "/rules/",
        "/accessibility/",
        "/sign-in/",
        "/validate/",
        f"/validate/{license_.number}/?code={license_.verification_code}",
    ]
    with override_settings(DEMONSTRATION=True):
        faults = look(page, open_pages)
    faults += look(page, ["/no-such-page/", "/validate/D999999/?code=222222222222"], status=404)
    faults += look(page, ["/validate/?number=12&code="], status=400)
    faults += look_at_errors(page, ["/sign-in/"])
    faults += look(page_of(seen.newcomer), ["/password/"]) + look_at_errors(page_of(seen.newcomer), ["/password/"])
    assert not faults, "\n".join(faults)


def test_the_portal(seen, page_of):
    own = [f"/portal/{name}/" for name in ("licenses", "inbox", "organization", "keys", "keys/new")]
    draft, empty = (f"/portal/applications/{each.reference}/" for each in (seen.draft, seen.empty))
    steps = ["", "parties/", "installation/", "items/", "end-use/", "safeguards/", "documents/", "review/"]
    forms = ["parties/add/", "installation/", "items/add/", "end-use/", "documents/", "certify/", "withdraw/"]
    filed = [f"/portal/applications/{case.application.reference}/case/" for case in seen.cases.values()]
    question = f"/portal/applications/{seen.cases['asked'].application.reference}/case/questions/1/"
    page = page_of(seen.administrator)
    faults = look(page, ["/portal/", *own, question, *filed])
    faults += look(page, [draft + each for each in [*steps, *forms, "parties/1/", "items/1/"] if each])
    faults += look(page, [empty + each for each in steps])
    faults += look_at_errors(page, [empty + each for each in forms] + [question, "/portal/keys/new/"])
    faults += look(page, ["/desk/"], status=403) + look(page, ["/portal/no-such-page/"], status=404)
    faults += look(page_of(seen.newcomer), ["/portal/", "/portal/licenses/", "/portal/inbox/", "/portal/keys/"])
    assert not faults, "\n".join(faults)


def test_the_desk(seen, page_of):
    def on(name: str, act: str = "") -> str:
        return f"/desk/cases/{seen.cases[name].acn}/{act}"

    place = seen.cases["long"].requirements.first().position
    registers = ["licenses/", "parties/", "installations/", "holds/", "holds/?view=lifted", "holds/place/country/SE/"]
    views = [f"?view={name}" for name in ("mine", "unassigned", "overdue", "all")] + ["?view=all&q=nothing+like+it"]
    mine = [
        on("received", "take/"),
        on("review", "request-information/"),
        on("review", "recommend/"),
        on("recommended", "recommend/"),
        on("exemption", "exemption/"),
        on("long", f"requirements/{place}/evidence/"),
    ]
    officer = page_of(seen.who.officer)
    faults = look(officer, [f"/desk/{each}" for each in ["", "inbox/", *views, *registers]])
    faults += look(officer, [on(name) for name in seen.cases] + mine)
    # Where nothing suffices yet, there is nothing to send.
    fresh = [each for each in mine[1:] if each != on("recommended", "recommend/") and "evidence" not in each]
    faults += look_at_errors(officer, fresh + ["/desk/holds/place/country/SE/"])
    faults += look(officer, ["/portal/"], status=403) + look(officer, ["/desk/cases/C999999/"], status=404)
    director, signer = page_of(seen.who.director), page_of(seen.who.countersigner)
    decide, sign = on("countersigned", "decide/"), on("recommended", "countersign/")
    lift = f"/desk/holds/{seen.hold_id}/lift/"
    faults += look(director, ["/desk/?view=decision", decide, on("received", "assign/"), lift])
    faults += look_at_errors(director, [decide, on("received", "assign/"), lift])
    faults += look(signer, ["/desk/?view=signature", sign, on("recommended", "send-back/")])
    faults += look_at_errors(signer, [sign, on("recommended", "send-back/")])
    waive = on("long", f"requirements/{place}/waiver/")
    faults += look(page_of(seen.who.waivers[0]), ["/desk/", waive])
    faults += look_at_errors(page_of(seen.who.waivers[0]), [waive])
    faults += look(page_of(user(Role.AGENCY_REVIEWER)), ["/desk/", "/desk/inbox/"])
    assert not faults, "\n".join(faults)


def test_what_cases_and_licenses_stand_on(live_server, transactional_db, page_of):
    at = timezone.now() - timedelta(hours=3)
    make.load_rules(at=at)
    who = make.people()

    def asked_for(country: str, model: str, quantity: int) -> Case:
        named = {"end_user": f"Compute of {country}", "site": f"Hall of {country}"}
        return make.assigned(who, at=at, country=country, items=[make.chips(model, quantity)], **named)

    def address(case: Case, name: str, act: str = "evidence/") -> str:
        place = next(each.position for each in case.requirements.all() if name in (each.name, *each.any_of))
        return f"/desk/cases/{case.acn}/requirements/{place}/{act}"

    officer = page_of(who.officer)
    bare, choice, restricted = (
        asked_for("NO", "GB300", 35_000),
        asked_for("KR", "GB300", 260_000),
        asked_for("CN", "H20", 500),
    )
    empty = [address(bare, "government_assurance"), address(choice, "us_investment"), address(choice, "site_visit")]
    faults = look(officer, empty)
    offered = asked_for("SA", "GB300", 35_000)
    make.instrument_for(offered, at=at, title=LONG)
    make.instrument_for(offered, at=at, ceiling=20)
    commitment_for("KR", at=at)
    conditions = address(restricted, "national_security_conditions")
    pages = [address(offered, "government_assurance"), address(choice, "us_investment"), conditions]
    faults += look(officer, pages) + look_at_errors(officer, pages)
    case = make.countersigned(who, at=at, country="SA", end_user=LONG, items=[make.chips("GB300", 20_000)])
    instrument = make.meet(case, who, "government_assurance", at=at)
    make.decide(case, who, at=at)
    case.refresh_from_db()
    own = f"/desk/licenses/{case.license.number}/"
    stands = [f"/desk/cases/{case.acn}/", "/desk/licenses/", own, f"/desk/assurances/{instrument.pk}/"]
    faults += look(officer, [*stands, address(case, "government_assurance", "reopen/")])
    assurances.suspend_instrument(
        instrument=instrument,
        reason=f"{LONG} is in doubt.",
        version=instrument.version,
        by=instrument.drafted_by,
        at=at,
    )
    faults += look(officer, [*stands, "/desk/holds/", "/desk/holds/country/"])
    assert not faults, "\n".join(faults)


def commitment_for(country: str, *, at: datetime) -> None:
    """A commitment in force of the nation."""
    who, today, nation = invest.People(), day_of(at), invest.country(country)
    period = {"starts_on": today, "ends_on": today + timedelta(days=700)}
    commitment = invest.draft(who, at=at, obligor_country=nation, funds_from=nation, **period)
    invest.asset(commitment, who, at=at)
    invest.milestone(commitment, who, today + timedelta(days=300), "10,000,000,000", at=at)
    commitment.refresh_from_db()
    commitment = investments.sign_commitment(
        commitment=commitment, reference="Agreement", signed_on=today, paper=invest.paper(), by=who.officer, at=at
    )
    investments.bring_into_force(commitment=commitment, says="Notes.", by=who.officer, at=at)


def test_shipments_on_the_portal(seen, page_of):
    license_ = seen.cases["licensed"].license
    listed = f"/portal/licenses/{license_.number}/shipments/"
    record = f"{listed}new/"
    page = page_of(seen.administrator)
    faults = look(page, [listed, record]) + look_at_errors(page, [record])
    acting.review_shipment(
        page,
        f"/portal/applications/{seen.cases['licensed'].application.reference}/case/",
        model="A100",
        quantity=700,
        dollars=7_000_000,
    )
    acting.reads(page, "Review this shipment")
    faults += find_faults(page)
    acting.record_shipment(page)
    acting.reads(page, "was recorded: 700 A100.")
    faults += look(page, [listed, record, "/portal/licenses/"])
    place_hold(
        scope=("license", str(license_.pk)),
        cause="other",
        says=f"{LONG} is in doubt.",
        lifter_role=Role.LICENSING_DIRECTOR,
        by=seen.who.officer,
        at=timezone.now(),
    )
    faults += look(page, [record])
    faults += look(page_of(seen.newcomer), [listed], status=404)
    assert not faults, "\n".join(faults)


def test_the_reading_room(seen, page_of):
    case = seen.cases["licensed"]
    addresses = ["/oversight/", "/oversight/journal/", f"/oversight/journal/licensing.case/{case.pk}/"]
    registers = {"licensing": addresses}
    for model in our_models():
        opts = model._meta
        if opts.model_name == "chainhead" or not model._default_manager.exists():
            continue
        register = f"/oversight/{opts.app_label}/{opts.model_name}/"
        registers.setdefault(opts.app_label, []).extend([register, f"{register}{row_of(model).pk}/change/"])
    addresses += [f"/oversight/licensing/case/{case.pk}/history/", "/oversight/licensing/"]
    page = page_of(user(Role.AUDITOR))
    faults = look(page, registers.pop("licensing"))
    # Two templates draw all of them: after those of the cases, one width is enough for axe, though not for fitting.
    for others in registers.values():
        faults += look(page, others, axe_at=(max(WIDTHS),))
    faults += look(page, ["/oversight/licensing/case/add/"], status=403)
    assert not faults, "\n".join(faults)


def test_looking_finds_what_is_wrong(browser):
    page = browser.new_page()
    page.set_content(
        '<html lang="en"><title>Bad</title><main><img src="data:,"><p style="color: #ccc">Faint</p>'
        '<div style="width: 500px">Wide</div></main></html>'
    )
    faults = "\n".join(find_faults(page))
    for wrong in ("at 360: scrolls sideways", "critical image-alt", "serious color-contrast"):
        assert wrong in faults
    page.close()
