"""Many at once on visits: entries stay single, one act wins, and a hold never comes too late unnoticed."""

from datetime import timedelta
from typing import Any

import pytest

from accounts.rules import Refused, Stale
from accounts.statuses import Role
from audit.verification import verify
from deadlines.rules import day_of
from inspections import operations
from inspections.models import Answer, Engagement, Review, SampleItem, SerialResult, Visit
from inspections.operations.rating import GROUND
from inspections.selectors.entries import list_items
from inspections.statuses import Rating, VisitKind, VisitStatus
from licensing.models import License, Shipment
from licensing.operations import Shipped, record_shipment
from registry.models import Hold, Installation
from registry.operations import rely_on
from registry.selectors import list_holds
from tests.accounts.factories import user
from tests.inspections import calendar_factories as calendar
from tests.inspections import factories as make
from tests.licensing import factories as licensing
from tests.threads import at_once

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS = pytest.mark.parametrize("round_", range(2))
# A license is stopped by its hold, or by the fall of what it stands on; which is told first does not matter here.
STOPPED = "has stopped shipments|does not stand at present"


@pytest.fixture
def who() -> make.People:
    make.load_rules()
    return make.People()


@pytest.fixture
def case_people() -> licensing.People:
    licensing.load_rules()
    return licensing.people()


def refused(answers: list[Any]) -> list[Refused]:
    return [answer for answer in answers if isinstance(answer, Refused)]


def pair_on_site(who: make.People) -> tuple[Visit, list[Any]]:
    """A visit that a team of two has begun, and the two."""
    second = user(Role.EXPORT_CONTROL_OFFICER)
    files = [calendar.officer(who, person) for person in (who.officer, second)]
    who.teams[who.officer.pk] = calendar.team(who, *files)
    return make.on_site(who), [who.officer, second]


def see(item_id: int, by: Any, key: str, outcome: str = "found") -> SerialResult:
    item = SampleItem.objects.select_related("sample__visit").get(pk=item_id)
    return operations.enter_result(
        item=item, outcome=outcome, client_key=key, entered_at=make.ARRIVAL, by=by, at=make.ARRIVAL
    )


def test_two_officers_who_see_one_serial_at_once_are_both_kept_and_the_later_counts(who: make.People) -> None:
    visit, pair = pair_on_site(who)
    sample = make.sampled(who, make.listed(who, visit))
    item = sample.items.all()[0]
    answers = at_once(
        [
            lambda: see(item.pk, pair[0], "first", "found"),
            lambda: see(item.pk, pair[1], "second", "missing"),
        ]
    )
    assert not refused(answers)
    newest = max(answers, key=lambda result: result.pk)
    assert next(line.result.outcome for line in list_items(sample) if line.item == item) == newest.outcome
    assert SerialResult.objects.count() == 2
    assert verify().intact


def test_one_key_that_arrives_many_times_at_once_is_stored_once(who: make.People) -> None:
    visit = make.on_site(who)
    item = make.sampled(who, make.listed(who, visit)).items.all()[0]

    def answer() -> Answer:
        return operations.enter_answer(
            visit=visit,
            question="existence",
            value="yes",
            note="",
            client_key="same",
            entered_at=make.ARRIVAL,
            by=who.officer,
            at=make.ARRIVAL,
        )

    assert len({row.pk for row in at_once([lambda: see(item.pk, who.officer, "same")] * 4)}) == 1
    assert len({row.pk for row in at_once([answer] * 4)}) == 1
    assert (SerialResult.objects.count(), Answer.objects.count()) == (1, 1)


def test_two_samples_drawn_at_once_have_two_numbers_and_all_their_serials(who: make.People) -> None:
    visit = make.on_site(who)
    list_ = make.listed(who, visit)
    drawn = at_once([lambda seed=seed: make.sampled(who, list_, seed=seed) for seed in ("one", "two", "three")])
    assert sorted(sample.number for sample in drawn) == [1, 2, 3]
    assert all(sample.items.count() == sample.size for sample in drawn)


@ROUNDS
def test_of_two_supervisors_who_accept_and_return_at_once_one_is_heard(who: make.People, round_: int) -> None:
    visit = make.under_review(who)
    given = {"visit": visit, "version": visit.version, "at": make.later(days=22)}
    answers = at_once(
        [
            lambda: operations.accept_report(**given, reason="It is complete.", by=who.supervisor),
            lambda: operations.return_report(**given, reason="Say who was met.", by=who.second),
        ]
    )
    (late,) = refused(answers)
    assert isinstance(late, Stale)
    visit.refresh_from_db()
    assert (visit.status, Review.objects.get().outcome) in (
        (VisitStatus.CLOSED, "accepted"),
        (VisitStatus.REPORTING, "returned"),
    )


@ROUNDS
def test_a_visit_does_not_close_past_an_action_that_is_opened_again_at_once(who: make.People, round_: int) -> None:
    visit = make.accepted(who, Rating.LIMITED, with_action=True)
    action, at = visit.actions.get(), make.later(days=30)
    operations.answer_action(action=action, outcome="done", says="Both were shown.", by=who.officer, at=at)
    answers = at_once(
        [
            lambda: operations.close_visit(
                visit=visit, reason="All is answered.", version=visit.version, by=who.supervisor, at=at
            ),
            lambda: operations.answer_action(
                action=action, outcome="reopened", says="It was another chip.", by=who.officer, at=at
            ),
        ]
    )
    (late,) = refused(answers)
    visit.refresh_from_db()
    open_again = action.steps.order_by("-pk")[0].outcome == "reopened"
    assert (visit.status == VisitStatus.CLOSED) != open_again
    assert ("cannot close" in late.reason) == open_again


@ROUNDS
def test_an_action_is_in_the_report_or_comes_too_late_for_it(who: make.People, round_: int) -> None:
    visit = make.left(who, with_action=True)
    finding, at = visit.findings.get(), make.later(days=20)
    answers = at_once(
        [
            lambda: operations.submit_report(
                visit=visit,
                summary="Seen.",
                rating=Rating.LIMITED,
                rationale="Two gaps.",
                version=visit.version,
                by=who.officer,
                at=at,
            ),
            lambda: operations.recommend_action(
                finding=finding,
                says="Lock the cage.",
                owner="Site manager",
                due_on=day_of(at + timedelta(days=9)),
                by=who.officer,
                at=at,
            ),
        ]
    )
    assert not isinstance(answers[0], Refused)
    assert visit.actions.count() == (1 if isinstance(answers[1], Refused) else 2)
    visit = make.step(visit, operations.take_up_review, who.supervisor, at)
    visit = make.step(visit, operations.accept_report, who.supervisor, at, reason="Complete.")
    assert visit.status == VisitStatus.CORRECTIVE_ACTIONS


@ROUNDS
def test_of_moving_and_canceling_at_once_one_happens(who: make.People, round_: int) -> None:
    visit = make.scheduled(who)
    day = day_of(make.later(days=40))
    given = {"visit": visit, "version": visit.version, "at": make.later(days=1)}
    answers = at_once(
        [
            lambda: operations.reschedule_visit(
                **given, team=who.team(), first_day=day, last_day=day, reason="A holiday.", by=who.officer
            ),
            lambda: operations.cancel_visit(**given, reason="Not needed.", by=who.supervisor),
        ]
    )
    (late,) = refused(answers)
    assert isinstance(late, Stale)
    visit.refresh_from_db()
    booked = Engagement.objects.filter(visit=visit, released_at=None)
    if visit.status == VisitStatus.CANCELLED:
        assert not booked.exists()
    else:
        assert booked.get().schedule.number == 2


def test_of_many_requests_for_one_place_and_kind_one_is_made(who: make.People) -> None:
    place = make.installation(city="Riyadh", country="SA")
    answers = at_once([lambda: make.requested(who, place)] * 4)
    visit = Visit.objects.get()
    assert [visit.number in answer.reason for answer in refused(answers)] == [True] * 3


@pytest.mark.parametrize("round_", range(3))
def test_of_a_request_and_a_visit_opened_again_at_once_one_is_open(who: make.People, round_: int) -> None:
    over = make.accepted(who)
    at = make.later(days=30)
    answers = at_once(
        [
            lambda: make.requested(who, over.installation, at=at),
            lambda: operations.reopen_visit(
                visit=over, reason="New photos came in.", version=over.version, by=who.supervisor, at=at
            ),
        ]
    )
    (late,) = refused(answers)
    assert Visit.objects.get(closed_at=None).number in late.reason


@ROUNDS
def test_two_visits_that_close_at_once_both_end_the_hold_of_a_failed_one(who: make.People, round_: int) -> None:
    failed = make.accepted(who, Rating.UNFAVORABLE)
    place, at = failed.installation, make.later(days=40)
    one = make.under_review(who, at=at, place=place)
    other = make.under_review(make.People(), at=at, place=place, kind=VisitKind.PERIODIC)
    answers = at_once(
        [
            lambda visit=visit: operations.accept_report(
                visit=visit,
                reason="It is complete.",
                version=visit.version,
                by=who.supervisor,
                at=at + timedelta(days=22),
            )
            for visit in (one, other)
        ]
    )
    assert not refused(answers)
    assert not list_holds([place]).exists()
    assert verify().intact


def seen(place: Installation) -> tuple[Any, Visit]:
    """A visit whose report is due, after an earlier one on which the place can stand."""
    travelers = make.People()
    make.accepted(travelers, place=place)
    return travelers, make.left(travelers, at=make.later(days=30), place=place, kind=VisitKind.PERIODIC)


def condemn(travelers: make.People, visit: Visit) -> Any:
    return operations.submit_report(
        visit=visit,
        summary="Seen.",
        rating=Rating.UNFAVORABLE,
        rationale="A rack is gone.",
        version=visit.version,
        by=travelers.officer,
        at=make.later(days=50),
    )


def ship(license_: License, who: licensing.People, key: str) -> Shipment:
    return record_shipment(
        license=license_,
        shipped_on=day_of(make.later(days=50)),
        lines={1: Shipped(100, 100 * 10_000_00)},
        key=key,
        by=who.applicant,
        at=make.later(days=50),
    )


@pytest.mark.parametrize("stands_on_it", [False, True])
def test_a_license_comes_before_an_adverse_rating_or_not_at_all(
    case_people: licensing.People, stands_on_it: bool
) -> None:
    case = licensing.countersigned(case_people)
    licensing.waive_everything(case, case_people)
    place = case.application.installation
    travelers, visit = seen(place)
    if stands_on_it:
        rely_on(
            subject=(GROUND, str(place.pk)),
            dependent=("case", str(case.pk)),
            label=case.acn,
            by=case_people.officer,
            at=make.later(days=49),
        )
    answers = at_once(
        [
            lambda: condemn(travelers, visit),
            lambda: licensing.decide(case, case_people, at=make.later(days=50)),
        ]
    )
    assert not isinstance(answers[0], Refused), answers
    assert list_holds([place]).count() == 1
    issued = License.objects.filter(case=case).first()
    if isinstance(answers[1], Refused):
        assert issued is None
        assert "A hold stands" in answers[1].reason or "no longer stands" in answers[1].reason
    else:
        assert Hold.objects.filter(scope_kind="license", scope_id=str(issued.pk)).exists() == stands_on_it
        with pytest.raises(Refused, match=STOPPED):
            ship(issued, case_people, "later")
    assert verify().intact


@pytest.mark.parametrize("stands_on_it", [False, True])
def test_a_shipment_leaves_before_an_adverse_rating_or_not_at_all(
    case_people: licensing.People, stands_on_it: bool
) -> None:
    license_ = licensing.licensed(case_people).license
    travelers, visit = seen(license_.installation)
    if stands_on_it:
        rely_on(
            subject=(GROUND, str(license_.installation_id)),
            dependent=("license", str(license_.pk)),
            label=license_.number,
            by=case_people.officer,
            at=make.later(days=49),
        )
    answers = at_once(
        [
            lambda: condemn(travelers, visit),
            lambda: ship(license_, case_people, "at once"),
            lambda: ship(license_, case_people, "at once, too"),
        ]
    )
    assert not isinstance(answers[0], Refused), answers
    left = [answer for answer in answers[1:] if not isinstance(answer, Refused)]
    assert Shipment.objects.count() == len(left)
    with pytest.raises(Refused, match=STOPPED):
        ship(license_, case_people, "later")
    assert Hold.objects.filter(scope_kind="license").exists() == stands_on_it
    assert verify().intact
