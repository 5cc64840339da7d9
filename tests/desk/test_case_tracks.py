"""The case page and the tracks: what a requirement stands on, what is left, and what a grant would do to it."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from accounts.statuses import Role
from assurances import operations as assurances
from ledger.selectors import get_balance
from ledger.statuses import AccountKind
from licensing import operations
from licensing.models import Case
from licensing.operations import Tranche
from tests.accounts.factories import user
from tests.allocations import factories as allocations
from tests.investments import factories as investments
from tests.licensing import factories as make

pytestmark = pytest.mark.django_db

SAUDI: dict[str, Any] = {"country": "SA", "items": [make.chips("GB300", 35_000)], "end_user": "Example Compute"}
Enter = Callable[[User], Client]


def hours_ago(hours: float) -> Any:
    return timezone.now() - timedelta(hours=hours)


def address(case: Case, rest: str = "") -> str:
    return f"/desk/cases/{case.acn}/{rest}"


@pytest.fixture
def year() -> int:
    return timezone.localdate().year


@pytest.fixture
def case(who: make.People) -> Case:
    return make.assigned(who, at=hours_ago(5), **SAUDI)


def allocate(chips: int, year: int) -> Any:
    return allocations.approved(allocations.People(), "SA", year=year, ceiling=chips, at=hours_ago(5))


def meet(case: Case, who: make.People, **changes: Any) -> Any:
    instrument = make.instrument_for(case, at=hours_ago(5), **changes)
    return make.meet(case, who, "government_assurance", at=hours_ago(4), instrument=instrument)


def suspend(instrument: Any) -> None:
    instrument.refresh_from_db()
    assurances.suspend_instrument(
        instrument=instrument,
        reason="The ministry denied access.",
        version=instrument.version,
        by=user(Role.ASSURANCE_OFFICER),
        at=timezone.now(),
    )


def countersigned(case: Case, who: make.People, **fields: Any) -> Case:
    recommendation = make.recommend(case, who, at=hours_ago(3), **fields)
    signers = [who.countersigner, who.second_countersigner][: recommendation.signatures_wanted]
    make.countersign(recommendation, *signers, at=hours_ago(3))
    case.refresh_from_db()
    return case


def sent(case: Case, **fields: Any) -> dict[str, Any]:
    """A recommendation as its form sends it."""
    case.refresh_from_db()
    usual = {"version": case.version, "action": "approve", "line_1": 35_000, "reasons": "Verified on the spot."}
    return {**usual, **fields}


class TestTheLadder:
    def test_names_what_satisfies_a_requirement_and_until_when(self, case: Case, who: make.People, enter: Enter):
        instrument = meet(case, who, to_on=timezone.localdate() + timedelta(days=700))
        page = enter(who.officer).get(address(case)).text
        assert f'<a class="usa-link" href="/desk/assurances/{instrument.pk}/">Letter of assurance for SA' in page
        assert "<span>Stands</span>" in page
        assert "Until <time" in page

    def test_marks_a_ground_that_ends_soon_with_what_would_carry_it_on(
        self, case: Case, who: make.People, enter: Enter
    ):
        meet(case, who, to_on=timezone.localdate() + timedelta(days=100))
        page = enter(who.officer).get(address(case)).text
        assert "<span>Ends soon</span>" in page
        assert "Unless it is renewed, the requirement needs other evidence from that day on." in page

    def test_shows_at_once_that_a_suspended_assurance_carries_it_no_longer(
        self, case: Case, who: make.People, enter: Enter
    ):
        instrument = meet(case, who)
        suspend(instrument)
        page = enter(who.officer).get(address(case)).text
        assert "<span>No longer stands</span>" in page
        assert "<span>Open again</span>" in page
        assert "The ministry denied access." in page
        assert "or other evidence is chosen" in page
        assert f'href="{address(case, "requirements/1/evidence/")}"' in page

    def test_tells_on_the_case_of_an_issued_license_what_fell(self, case: Case, who: make.People, enter: Enter):
        instrument = meet(case, who)
        make.decide(countersigned(case, who), who, at=hours_ago(2))
        suspend(instrument)
        page = enter(who.officer).get(address(case)).text
        assert "<span>Satisfied by what fell</span>" in page
        assert f'href="/desk/licenses/{case.license.number}/"' in page

    def test_an_end_by_date_blocks_in_the_words_of_the_refusal(self, who: make.People, enter: Enter):
        case = make.assigned(who, **SAUDI)
        instrument = make.instrument_for(case, to_on=make.later(days=30).date())
        make.meet(case, who, "government_assurance", instrument=instrument)
        page = enter(who.officer).get(address(case)).text
        assert "<span>Has ended</span>" in page
        assert "The requirement that stood on it needs other evidence." in page

    def test_counts_the_conditions_that_were_verified(self, who: make.People, enter: Enter):
        case = make.assigned(who, at=hours_ago(5), country="CN", items=[make.chips("H20", 900)], end_user="Example Co")
        conditions = case.requirements.filter(name="national_security_conditions").first()
        assert conditions is not None
        operations.verify_condition(
            requirement=conditions, item="us_supply", says="The certificate is here.", by=who.officer, at=hours_ago(1)
        )
        page = enter(who.officer).get(address(case)).text
        assert '<strong class="num">1 of 5</strong> conditions verified' in page
        assert "Sufficient supply in the United States: verified" in page


class TestWhatIsLeft:
    def test_stands_in_the_rail_with_the_entries_and_what_the_case_holds(
        self, case: Case, who: make.People, enter: Enter, year: int
    ):
        allocation, instrument = allocate(200_000, year), meet(case, who)
        client = enter(who.officer)
        page = client.get(address(case)).text
        assert f'<a class="usa-link" href="/desk/allocations/{allocation.pk}/entries/">Allocation SA {year}:' in page
        assert "200,000 of 200,000 left" in page
        assert "This case holds none." in page
        make.recommend(case, who, at=hours_ago(3))
        page = client.get(address(case)).text
        assert "165,000 of 200,000 left" in page
        assert "This case holds 35,000 chips." in page
        assert f'href="/desk/assurances/{instrument.pk}/coverage/">Coverage Letter of assurance for SA' in page
        assert "15,000 of 50,000 left" in page

    def test_says_where_no_allocation_is_in_effect(self, case: Case, who: make.People, enter: Enter):
        assert "No allocation is in effect for Saudi Arabia." in enter(who.officer).get(address(case)).text

    def test_of_a_suspended_instrument_is_shown_while_the_case_holds_of_it(
        self, case: Case, who: make.People, enter: Enter
    ):
        instrument = meet(case, who)
        make.recommend(case, who, at=hours_ago(3))
        suspend(instrument)
        page = enter(who.officer).get(address(case)).text
        assert f'href="/desk/assurances/{instrument.pk}/coverage/"' in page
        assert "This case holds 35,000 chips." in page


class TestRecommending:
    def test_shows_what_is_left_before_anything_is_typed(self, case: Case, who: make.People, enter: Enter, year: int):
        allocate(30_000, year)
        page = enter(who.officer).get(address(case, "recommend/")).text
        assert "What is left for this case" in page
        assert f"Allocation SA {year}" in page
        assert "30,000 of 30,000" in page

    def test_above_it_is_refused_beside_the_line_with_what_is_left_and_what_was_typed_kept(
        self, case: Case, who: make.People, enter: Enter, year: int
    ):
        allocate(30_000, year)
        response = enter(who.officer).post(address(case, "recommend/"), sent(case))
        assert response.status_code == 409
        form = response.context["form"]
        assert list(form.errors) == ["line_1"]
        assert f"SA {year} has 30,000 of 30,000 chips left for this case; 35,000 do not fit." in response.text
        assert "Decide at the ceiling, for at most 30,000 chips together, or hold the case" in response.text
        assert "Verified on the spot." in response.text
        assert 'value="35000"' in response.text
        assert not case.recommendations.exists()

    def test_tells_every_ceiling_that_is_too_low(self, case: Case, who: make.People, enter: Enter, year: int):
        allocate(30_000, year)
        other = make.assigned(who, at=hours_ago(5), country="SA", items=[make.chips("GB300", 20_000)],
                              end_user="Another Compute", site="Hall 9")  # fmt: skip
        instrument = meet(case, who, ceiling=40_000)
        make.meet(other, who, "government_assurance", at=hours_ago(4), instrument=instrument)
        make.recommend(other, who, at=hours_ago(3))
        response = enter(who.officer).post(address(case, "recommend/"), sent(case))
        assert "has 20,000 of 40,000 chips left for this case" in response.text
        assert f"SA {year} has 10,000 of 30,000 chips left for this case" in response.text
        assert "for at most 10,000 chips together" in response.text

    def test_a_new_version_can_use_what_the_case_holds_already(
        self, case: Case, who: make.People, enter: Enter, year: int
    ):
        allocation = allocate(36_000, year)
        make.recommend(case, who, at=hours_ago(3))
        client = enter(who.officer)
        assert "<strong>36,000</strong>" in client.get(address(case, "recommend/")).text
        assert client.post(address(case, "recommend/"), sent(case)).status_code == 302
        balance = get_balance(AccountKind.ALLOCATION, allocation)
        assert balance is not None
        assert balance.reserved == 35_000

    def test_with_several_lines_the_one_that_passes_is_told(self, who: make.People, enter: Enter, year: int):
        case = make.assigned(
            who, at=hours_ago(5), country="SA", items=[make.chips("GB300", 800), make.chips("H200", 700)]
        )
        allocate(1_000, year)
        response = enter(who.officer).post(address(case, "recommend/"), sent(case, line_1=800, line_2=700))
        assert list(response.context["form"].errors) == ["line_2"]


class TestDeciding:
    def test_shows_the_ceilings_before_and_after(self, case: Case, who: make.People, enter: Enter, year: int):
        allocate(120_000, year)
        meet(case, who)
        countersigned(case, who)
        page = enter(who.director).get(address(case, "decide/")).text
        assert f"SA {year}</th>" in page
        assert "120,000 → 85,000 left" in page
        assert "50,000 → 15,000 left" in page

    def test_shows_what_was_typed_where_it_was_refused(self, case: Case, who: make.People, enter: Enter, year: int):
        allocate(120_000, year)
        countersigned(case, who)
        given = {"version": case.version, "kind": "approve_in_part", "line_1": 20_000, "reasons": "In part."}
        response = enter(who.director).post(address(case, "decide/"), given)
        assert response.status_code == 409
        assert "120,000 → 100,000 left" in response.text
        assert "As you typed it below." in response.text

    def test_tells_what_is_released_at_the_issue(self, who: make.People, enter: Enter):
        at = make.AT
        case = make.assigned(who, at=at, country="SA", items=[make.chips("GB300", 260_000)], end_user="Example Compute")
        commitment = investments.in_force(investments.People(), at=at)
        requirement = next(each for each in case.requirements.all() if "us_investment" in each.any_of)
        operations.accept_evidence(
            requirement=requirement,
            choice="us_investment",
            subject=("investments.commitment", str(commitment.pk)),
            says="",
            tranches=[Tranche(0, 60_000), Tranche(commitment.target, 200_000)],
            by=who.officer,
            at=at,
        )
        countersigned(case, who)
        page = enter(who.director).get(address(case, "decide/")).text
        assert "0 → 60,000" in page
        assert "of 260,000 chips released at the issue, in 2 steps" in page
        ladder = enter(who.officer).get(address(case)).text
        assert "Tranche 1: 60,000 chips at once" in ladder
        assert "Tranche 2: 200,000 chips once USD 10,000,000,000.00 is verified" in ladder


def test_every_stage_asks_at_most_twenty_questions(case: Case, who: make.People, enter: Enter, year: int):
    allocate(200_000, year)
    instrument = meet(case, who)
    client = enter(who.director)

    def count() -> int:
        client.get(address(case))
        with CaptureQueriesContext(connection) as asked:
            assert client.get(address(case)).status_code == 200
        return len(asked)

    counts = [count()]
    countersigned(case, who)
    counts.append(count())
    make.decide(case, who, at=hours_ago(2))
    counts.append(count())
    suspend(instrument)
    counts.append(count())
    assert max(counts) <= 20, counts


def test_another_periods_reservation_is_named_for_what_it_is(who: make.People, enter: Enter):
    case = make.assigned(who, **SAUDI)
    allocations.approved(
        allocations.People(), "SA", year=2026, ceiling=50_000, starts_on=date(2026, 1, 1), ends_on=date(2026, 6, 1)
    )
    make.recommend(case, who)
    page = enter(who.officer).get(address(case)).text
    assert "SA of a period that is over" in page
    assert "This case holds 35,000 chips." in page
