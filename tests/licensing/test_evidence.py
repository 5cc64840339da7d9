"""Requirements stand on instruments, and cases hold of allocations and coverage what they would use."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connections

from accounts.permissions import NotPermitted
from accounts.rules import SYSTEM, Refused
from accounts.statuses import Role
from allocations.models import Allocation
from assurances import operations as assurances
from audit.selectors import list_entries
from deadlines.models import Notification
from ledger.rules import Balance, NotEnough
from ledger.selectors import get_balance
from ledger.statuses import AccountKind
from licensing import operations
from licensing.models import Case
from licensing.operations import Tranche
from licensing.statuses import DecisionKind, RecommendedAction
from registry.selectors import list_holds
from rulebook.operations import add_supplement
from tests.accounts.factories import user
from tests.allocations import factories as allocations
from tests.licensing import factories as make

pytestmark = pytest.mark.django_db

SAUDI: dict[str, Any] = {"country": "SA", "items": [make.chips("GB300", 35_000)], "end_user": "Example Compute"}
NEXT = make.later(days=1)


@pytest.fixture
def who(db: None) -> make.People:
    make.load_rules()
    return make.people()


@pytest.fixture
def case(who: make.People) -> Case:
    return make.assigned(who, **SAUDI)


def requirement_of(case: Case) -> Any:
    return case.requirements.get(name="government_assurance")


def suspend(instrument: Any, *, at: Any = NEXT) -> Any:
    instrument.refresh_from_db()
    return assurances.suspend_instrument(
        instrument=instrument,
        reason="The ministry denied access.",
        version=instrument.version,
        by=user(Role.ASSURANCE_OFFICER),
        at=at,
    )


def issue(case: Case, who: make.People, **fields: Any) -> Any:
    recommendation = make.recommend(case, who)
    make.countersign(recommendation, *[who.countersigner, who.second_countersigner][: recommendation.signatures_wanted])
    make.decide(case, who, **fields)
    case.refresh_from_db()
    return case.license


def coverage(instrument: Any) -> Balance:
    balance = get_balance(AccountKind.ASSURANCE_COVERAGE, instrument)
    assert balance is not None
    return balance


def test_a_document_alone_no_longer_meets_what_an_instrument_must(case: Case, who: make.People) -> None:
    with pytest.raises(Refused, match="not by a document alone"):
        operations.satisfy_requirement(requirement=requirement_of(case), says="A letter.", by=who.officer, at=make.AT)


def test_a_license_is_issued_on_an_instrument_and_draws_its_coverage(case: Case, who: make.People) -> None:
    instrument = make.meet(case, who, "government_assurance")
    assert coverage(instrument) == Balance(ceiling=50_000, reserved=0, drawn=0)
    recommendation = make.recommend(case, who)
    assert coverage(instrument).reserved == 35_000
    make.countersign(recommendation, who.countersigner)
    make.decide(case, who, kind=DecisionKind.APPROVE_IN_PART, lines={1: 18_000})
    assert coverage(instrument) == Balance(ceiling=50_000, reserved=0, drawn=18_000)


def test_what_does_not_suffice_is_refused_with_what_it_lacks(case: Case, who: make.People) -> None:
    small = make.instrument_for(case, ceiling=10_000)
    with pytest.raises(Refused, match="does not suffice yet") as refusal:
        make.meet(case, who, "government_assurance", instrument=small)
    assert "10,000" in refusal.value.reason
    assert requirement_of(case).status == "open"


def test_only_the_officer_of_the_case_chooses(case: Case, who: make.People) -> None:
    instrument = make.instrument_for(case)
    with pytest.raises(NotPermitted):
        make.meet(
            case, make.People(officer=user(Role.LICENSING_OFFICER)), "government_assurance", instrument=instrument
        )


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"choice": "site_visit"}, "choice"),
        ({"subject": ("assurances.instrument", "0")}, "evidence"),
        ({"share": 0}, "share"),
        ({"share": 101}, "share"),
        ({"share": 50}, "share"),
        ({"tranches": [Tranche(0, 35_000)]}, "tranches"),
    ],
)
def test_wrong_input_is_refused_beside_its_field(
    case: Case, who: make.People, changes: dict[str, Any], field: str
) -> None:
    instrument = make.instrument_for(case)
    usual: dict[str, Any] = {
        "choice": "government_assurance",
        "subject": ("assurances.instrument", str(instrument.pk)),
    }
    with pytest.raises(Refused) as refusal:
        operations.accept_evidence(
            requirement=requirement_of(case), says="", by=who.officer, at=make.AT, **{**usual, **changes}
        )
    assert refusal.value.field == field
    assert requirement_of(case).status == "open"


def test_a_suspension_reopens_the_requirement_of_a_pending_case_in_the_same_act(case: Case, who: make.People) -> None:
    instrument = make.meet(case, who, "government_assurance")
    suspend(instrument)
    requirement = requirement_of(case)
    assert (requirement.status, requirement.round) == ("open", 2)
    assert list_entries(case)[0].verb == "requirement.reopened"
    assert Notification.objects.filter(user=who.officer, kind="requirement_reopened").count() == 1
    make.meet(case, who, "government_assurance", at=NEXT)
    assert requirement_of(case).status == "satisfied"


def test_a_suspension_between_countersignature_and_decision_stops_the_license(case: Case, who: make.People) -> None:
    instrument = make.meet(case, who, "government_assurance")
    make.countersign(make.recommend(case, who), who.countersigner)
    suspend(instrument)
    with pytest.raises(Refused, match="Government-to-government assurance” is open"):
        make.decide(case, who, at=NEXT)


def test_a_suspension_holds_the_licenses_that_stand_on_it_until_it_is_restored(case: Case, who: make.People) -> None:
    instrument = make.meet(case, who, "government_assurance")
    license_ = issue(case, who)
    scope = ("license", str(license_.pk))
    suspended = suspend(instrument)
    assert "denied access" in list_holds([scope]).get().says
    assurances.restore_instrument(
        instrument=suspended,
        reason="Access was given.",
        version=suspended.version,
        by=user(Role.ASSURANCE_OFFICER),
        at=NEXT + timedelta(days=1),
    )
    assert not list_holds([scope]).exists()


def test_an_instrument_that_ended_by_its_date_stops_the_decision_without_a_job_and_a_job_writes_it_down(
    case: Case, who: make.People
) -> None:
    make.meet(case, who, "government_assurance", instrument=make.instrument_for(case, to_on=date(2026, 4, 10)))
    make.countersign(make.recommend(case, who), who.countersigner)
    later = make.later(days=30)
    with pytest.raises(Refused, match="no longer stands"):
        make.decide(case, who, at=later)
    assert operations.reopen_ended(by=SYSTEM, at=later) == 1
    assert operations.reopen_ended(by=SYSTEM, at=later) == 0
    assert requirement_of(case).status == "open"


def allocate(country: str, chips: int) -> None:
    """An allocation in effect."""
    allocations.approved(allocations.People(), country, ceiling=chips)


MIXED = """
supplement:
  id: tracks-mixed
  title: "Alternatives may be mixed"
  editions: [reported-2026-03]
  from: 2026-03-06
  source: "for this test"
process:
  alternatives:
    mix_allowed: {value: true, source: "for this test"}
lists: {}
"""


def test_a_mix_meets_a_choice_only_where_the_edition_says_so_and_as_a_whole(who: make.People) -> None:
    case = make.assigned(who, country="KR", items=[make.chips("GB300", 260_000)], end_user="Example Hanguk")
    choice = next(each for each in case.requirements.all() if each.any_of)
    first = make.instrument_for(case, kind="security_guarantee", ceiling=None, title="First guarantee")
    second = make.instrument_for(case, kind="security_guarantee", ceiling=None, title="Second guarantee")

    def accept(instrument: Any, share: int) -> None:
        operations.accept_evidence(
            requirement=choice,
            choice="security_guarantee",
            subject=("assurances.instrument", str(instrument.pk)),
            says="",
            share=share,
            by=who.officer,
            at=make.AT,
        )

    with pytest.raises(Refused, match="allows no mix"):
        accept(first, 60)
    add_supplement(text=MIXED, by=SYSTEM, at=make.AT)
    accept(first, 60)
    choice.refresh_from_db()
    assert choice.status == "open"
    accept(second, 40)
    choice.refresh_from_db()
    assert choice.status == "satisfied"
    suspend(second)
    choice.refresh_from_db()
    assert (choice.status, choice.round) == ("open", 2)
    accept(first, 60)
    suspend(first)
    third = make.instrument_for(case, kind="security_guarantee", ceiling=None, title="Third guarantee")
    accept(third, 40)
    choice.refresh_from_db()
    assert (choice.status, choice.round) == ("open", 3)


def left(country: str = "SA") -> tuple[int, int]:
    balance = get_balance(AccountKind.ALLOCATION, Allocation.objects.get(country=country))
    assert balance is not None
    return balance.reserved, balance.drawn


def test_an_allocation_is_held_on_recommendation_and_used_on_issue(case: Case, who: make.People) -> None:
    allocate("SA", 40_000)
    make.meet(case, who, "government_assurance")
    make.recommend(case, who)
    assert left() == (35_000, 0)
    make.recommend(case, who, lines={1: 20_000})
    assert left() == (20_000, 0)
    make.countersign(case.recommendations.latest("version"), who.countersigner)
    make.decide(case, who, kind=DecisionKind.APPROVE_IN_PART, lines={1: 20_000})
    assert left() == (0, 20_000)


@pytest.mark.parametrize("end", ["deny", "withdraw", "send_back"])
def test_what_was_held_is_given_back_when_the_case_ends_or_goes_back(case: Case, who: make.People, end: str) -> None:
    allocate("SA", 40_000)
    instrument = make.meet(case, who, "government_assurance")
    make.countersign(make.recommend(case, who), who.countersigner)
    assert (left(), coverage(instrument).reserved) == ((35_000, 0), 35_000)
    case.refresh_from_db()
    if end == "deny":
        make.decide(case, who, kind=DecisionKind.DENY)
    elif end == "withdraw":
        operations.withdraw_application(application=case.application, reason="Given up.", by=who.applicant, at=make.AT)
    else:
        operations.send_back(case=case, reason="More.", version=case.version, by=who.director, at=make.AT)
    assert (left(), coverage(instrument).reserved) == ((0, 0), 0)


def test_a_denial_recommended_holds_nothing(case: Case, who: make.People) -> None:
    allocate("SA", 40_000)
    make.recommend(case, who)
    make.recommend(case, who, action=RecommendedAction.DENY)
    assert left() == (0, 0)


def test_a_request_above_what_is_left_is_told_and_never_cut(case: Case, who: make.People) -> None:
    allocate("SA", 30_000)
    with pytest.raises(NotEnough) as refusal:
        make.recommend(case, who)
    assert "30,000" in refusal.value.reason
    assert not case.recommendations.exists()
    make.recommend(case, who, lines={1: 30_000})
    assert left() == (30_000, 0)


def test_an_exemption_uses_the_allocation_too(who: make.People) -> None:
    allocate("SE", 700)
    case = make.assigned(who, safeguards=make.MONITORED, items=[make.chips(quantity=500)])
    operations.accept_exemption(case=case, reasons="Both.", version=case.version, by=who.officer, at=make.AT)
    assert left("SE") == (0, 500)
    other = make.assigned(
        who, safeguards=make.MONITORED, items=[make.chips(quantity=300)], end_user="Another AB", site="Hall 9"
    )
    with pytest.raises(NotEnough, match="200"):
        operations.accept_exemption(case=other, reasons="Both.", version=other.version, by=who.officer, at=make.AT)
    other.refresh_from_db()
    assert other.status == "under_review"


@pytest.mark.django_db(transaction=True)
def test_eight_cases_recommended_at_once_hold_exactly_what_the_country_has() -> None:
    make.load_rules()
    who = make.people()
    allocate("SE", 752 * 3 + 100)
    cases = [make.assigned(who, end_user=f"Compute {n} AB", site=f"Hall {n}") for n in range(8)]

    def one(case: Case) -> bool:
        try:
            make.recommend(case, who)
        except NotEnough:
            return False
        finally:
            connections.close_all()
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(one, cases)) == 3
    assert left("SE") == (752 * 3, 0)
