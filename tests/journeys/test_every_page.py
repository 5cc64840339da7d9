"""Every page of every face as a reader meets it, filled and empty, right and wrong, on a phone and on a desk.

Nothing serious or critical for axe, no scrolling sideways, no complaint of the browser, no other host asked.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.test import override_settings
from django.utils import timezone
from playwright.sync_api import Page

from accounts.models import User
from accounts.statuses import Role
from audit.operations import seal_journal
from deadlines.operations import notify
from licensing import operations
from licensing.models import Application, Case
from licensing.statuses import DecisionKind, RecommendedAction
from registry.operations import place_hold
from tests.accounts.factories import api_key, user
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
    fresh = [each for each in mine[1:] if each != on("recommended", "recommend/")]
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
