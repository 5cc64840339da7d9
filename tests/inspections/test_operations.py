"""A visit from its request to its end, and what follows from its rating."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction

from accounts.permissions import NotPermitted
from accounts.rules import Refused, Stale
from accounts.statuses import Role
from deadlines.models import Deadline
from inspections import operations
from inspections.models import Answer, Paper, RatingChange, Review, SelectionRound, Serial, SerialList, Visit
from inspections.rules.sampling import draw_positions
from inspections.selectors import list_evidence
from inspections.statuses import Rating, Severity, VisitKind, VisitStatus
from registry.models import Ground
from registry.operations import rely_on
from registry.rules import Ask
from registry.selectors import get_ground, list_holds
from tests.accounts.factories import unit, user
from tests.inspections import calendar_factories as calendar
from tests.inspections import factories as make
from tests.registry.factories import hold, installation

pytestmark = pytest.mark.django_db
GROUND = "inspections.installation"


@pytest.fixture
def who() -> make.People:
    make.load_rules()
    return make.People()


def ask(visit: Visit, at: Any, **terms: Any) -> Ask:
    usual = {"kinds": list(VisitKind.values), "ratings": [Rating.FAVORABLE]}
    return Ask("site_visit", {**usual, **terms}, "SA", visit.installation_id, frozenset(), {"GB300": 1}, at)


def ground_of(visit: Visit) -> Ground | None:
    return get_ground(GROUND, str(visit.installation_id))


def test_a_request_is_due_in_sixty_days(who: make.People) -> None:
    visit = make.requested(who)
    deadline = Deadline.objects.get(subject_kind="inspections.visit", subject_id=str(visit.pk), kind="visit_due")
    assert deadline.due_at == visit.due_at
    assert visit.due_at - make.AT == timedelta(days=60, hours=13)


def test_one_visit_of_a_kind_is_open_at_a_place(who: make.People) -> None:
    visit = make.requested(who)
    with pytest.raises(Refused, match=f"{visit.number}.* is open"):
        make.requested(who, visit.installation)
    assert make.requested(who, visit.installation, kind=VisitKind.PERIODIC)


def test_the_host_is_told_before_it_consents_and_not_in_the_future(who: make.People) -> None:
    visit = make.requested(who)
    told = {"says": "To the ministry.", "version": visit.version, "by": who.officer, "at": make.AT}
    with pytest.raises(Refused, match="cannot have a consent recorded now"):
        operations.record_consent(visit=visit, happened_on=make.AT.date(), **told)
    with pytest.raises(Refused, match="has not come yet"):
        operations.notify_host(visit=visit, happened_on=make.later(days=1).date(), **told)
    with pytest.raises(Refused, match="is before the visit was requested"):
        operations.notify_host(visit=visit, happened_on=make.later(days=-1).date(), **told)
    operations.notify_host(visit=visit, happened_on=make.AT.date(), **told)
    with pytest.raises(Stale, match="was changed since this page was loaded"):
        operations.record_refusal(visit=visit, happened_on=make.AT.date(), **told)


def test_lists_follow_when_a_visit_is_not_done_in_time(who: make.People) -> None:
    visit = make.notified(who)
    given = {"visit": visit, "reason": "No answer from the ministry.", "by": who.supervisor}
    with pytest.raises(Refused, match="Only after that can its operator be sent to the Unverified List"):
        operations.send_to_unverified_list(**given, at=make.later(days=59))
    with pytest.raises(Refused, match="That comes first"):
        operations.nominate_for_entity_list(**given, at=make.later(days=61))
    listed = operations.send_to_unverified_list(**given, at=make.later(days=61))
    assert list_holds([visit.installation]).count() == 1
    with pytest.raises(Refused, match="recorded that already"):
        operations.send_to_unverified_list(**given, at=make.later(days=62))
    with pytest.raises(Refused, match="nominated for the Entity List"):
        operations.nominate_for_entity_list(**given, at=make.later(days=100))
    assert listed.further_due_at is not None
    operations.nominate_for_entity_list(**given, at=make.later(days=122))
    assert not Deadline.objects.filter(subject_id=str(visit.pk), status="open").exists()


def test_nobody_begins_a_visit_with_an_officer_who_moved_to_a_unit_that_recommended_it(who: make.People) -> None:
    recommended, colleague = unit(name="Computing Division"), user(Role.EXPORT_CONTROL_OFFICER)
    files = [calendar.officer(who, person) for person in (who.officer, colleague)]
    who.teams[who.officer.pk] = calendar.team(who, *files)
    visit = make.scheduled(who, recommended_by=[recommended])
    colleague.unit = recommended
    colleague.save()
    with pytest.raises(Refused, match=f"{colleague.name} works for Computing Division now.*moved to another team"):
        make.step(visit, operations.begin_visit, who.officer, make.ARRIVAL)
    visit.refresh_from_db()
    assert (visit.status, visit.arrived_at) == (VisitStatus.SCHEDULED, None)
    alone = calendar.team(who, files[0])
    day = make.ARRIVAL.date()
    visit = make.step(
        visit, operations.reschedule_visit, who.supervisor, team=alone, first_day=day, last_day=day, reason="He moved."
    )
    assert make.step(visit, operations.begin_visit, who.officer, make.ARRIVAL).status == VisitStatus.ON_SITE


def test_only_its_team_enters_what_was_seen(who: make.People) -> None:
    visit = make.on_site(who)
    other = make.People().officer
    given = {"visit": visit, "question": "existence", "value": "yes", "note": "", "entered_at": make.ARRIVAL}
    with pytest.raises(NotPermitted, match="Only an officer of the team"):
        operations.enter_answer(**given, client_key="a", by=other, at=make.ARRIVAL)
    first = operations.enter_answer(**given, client_key="a", by=who.officer, at=make.ARRIVAL)
    again = operations.enter_answer(**{**given, "value": "no"}, client_key="a", by=who.officer, at=make.ARRIVAL)
    assert (again.pk, again.value) == (first.pk, "yes")
    with pytest.raises(Refused, match="answer yes or no"):
        operations.enter_answer(**{**given, "value": "maybe"}, client_key="b", by=who.officer, at=make.ARRIVAL)
    with pytest.raises(Refused, match="not on the checklist"):
        operations.enter_answer(**{**given, "question": "power"}, client_key="c", by=who.officer, at=make.ARRIVAL)
    assert Answer.objects.count() == 1


def test_a_list_with_duplicates_or_bad_rows_names_them_and_stores_nothing(who: make.People) -> None:
    visit = make.on_site(who)
    given = {"visit": visit, "source": "The operator.", "by": who.officer, "at": make.ARRIVAL}
    twice = make.serial_file("GB-1", "GB-2", "gb-1", "GB-3", "GB-2")
    with pytest.raises(Refused, match="GB-1 is serial number 1 and 3 of the list. GB-2 is serial number 2 and 5"):
        operations.add_serial_list(**given, upload=twice)
    with pytest.raises(Refused, match="Row 2 is “!”"):
        operations.add_serial_list(**given, upload=make.serial_file("GB-1", "!"))
    with pytest.raises(Refused, match="has no serial number"):
        operations.add_serial_list(**given, upload=make.serial_file("", ""))
    assert (Serial.objects.count(), SerialList.objects.count()) == (0, 0)


def test_a_list_of_ten_million_is_refused_without_reading_it_all(who: make.People) -> None:
    class Endless:
        pieces = 0

        def read(self, size: int = -1) -> bytes:
            self.pieces += 1
            return b"".join(b"GB%05d-%05d\n" % (self.pieces, row) for row in range(5000))

        def seek(self, offset: int, whence: int = 0) -> int:
            return 0

    upload = Endless()
    with pytest.raises(Refused, match="more than 1,000,000 serial numbers"):
        operations.add_serial_list(
            visit=make.on_site(who), source="The operator.", upload=upload, by=who.officer, at=make.ARRIVAL
        )
    assert upload.pieces < 210
    assert not Serial.objects.exists()


def test_a_sample_can_be_drawn_again_from_its_row(who: make.People) -> None:
    listed = make.listed(who, make.on_site(who))
    sample = make.sampled(who, listed)
    positions = list(sample.items.values_list("position", flat=True))
    assert positions == draw_positions(sample.seed, sample.count, sample.size)
    assert sample.items.first().place.startswith("Hall 1")


def test_a_moved_chip_needs_its_place_and_a_substituted_one_its_number(who: make.People) -> None:
    sample = make.sampled(who, make.listed(who, make.on_site(who)))
    item = sample.items.first()
    given = {"item": item, "entered_at": make.ARRIVAL, "by": who.officer, "at": make.ARRIVAL}
    with pytest.raises(Refused, match="was moved: enter where"):
        operations.enter_result(**given, outcome="moved", client_key="1")
    with pytest.raises(Refused, match="enter the other serial number"):
        operations.enter_result(**given, outcome="substituted", seen_serial=item.serial, client_key="1")
    assert (
        operations.enter_result(**given, outcome="substituted", seen_serial="x-9", client_key="1").seen_serial == "X-9"
    )


def test_papers_are_what_their_bytes_show(who: make.People) -> None:
    visit = make.on_site(who)
    given = {"visit": visit, "says": "The hall", "by": who.officer, "at": make.ARRIVAL}
    for kind in ("JPEG", "PNG"):
        assert operations.add_paper(**given, upload=make.photo(kind=kind)).media_type == f"image/{kind.lower()}"
    operations.add_paper(**given, upload=make.photo())
    assert Paper.objects.count() == 2
    for content, says in ((b"GIF89a", "neither a JPEG"), (b"\xff\xd8\xff junk", "cannot be read"), (b"", "is empty")):
        with pytest.raises(Refused, match=says):
            operations.add_paper(**given, upload=SimpleUploadedFile("photo.jpg", content))


def test_an_adverse_rating_holds_the_place_at_once(who: make.People) -> None:
    good = make.accepted(who)
    rely_on(
        subject=(GROUND, str(good.installation_id)),
        dependent=("license", "7"),
        label="D7",
        by=who.officer,
        at=good.closed_at,
    )
    at = make.later(days=30)
    bad = make.reported(who, Rating.UNFAVORABLE, place=good.installation, at=at)
    assert bad.status == VisitStatus.REPORTED
    assert list_holds([good.installation]).get().lifter_role == "visit_supervisor"
    assert list_holds([("license", "7")]).count() == 1
    assert not ground_of(bad).stands


def test_a_visit_does_not_close_while_an_action_is_unanswered(who: make.People) -> None:
    visit = make.accepted(who, Rating.UNFAVORABLE, with_action=True)
    assert visit.status == VisitStatus.CORRECTIVE_ACTIONS
    at = make.later(days=40)
    with pytest.raises(Refused, match="cannot close while 1 recommended action is neither done nor declined: action 1"):
        make.step(visit, operations.close_visit, who.supervisor, at, reason="Late.")
    action = visit.actions.get()
    with pytest.raises(Refused, match="The justification is missing"):
        operations.answer_action(action=action, outcome="declined", says=" ", by=who.officer, at=at)
    operations.answer_action(action=action, outcome="done", says="Both were shown.", by=who.officer, at=at)
    visit = make.step(
        visit, operations.change_rating, who.supervisor, at, rating="favorable", reason="Both chips were shown."
    )
    assert list_holds([visit.installation]).exists()
    visit = make.step(visit, operations.close_visit, who.supervisor, at, reason="All is answered.")
    assert not list_holds([visit.installation]).exists()
    assert ground_of(visit).stands_at(at)
    assert ground_of(visit).until == at + timedelta(days=365)
    assert [(row.rating_before, row.rating) for row in visit.ratings.all()] == [
        ("", "unfavorable"),
        ("unfavorable", "favorable"),
    ]


def test_a_later_favorable_visit_ends_the_hold_of_a_failed_one(who: make.People) -> None:
    failed = make.accepted(who, Rating.UNFAVORABLE)
    assert failed.status == VisitStatus.CLOSED
    at = make.later(days=60)
    again = make.accepted(who, at=at, place=failed.installation, follows=failed)
    assert not list_holds([again.installation]).exists()
    assert ground_of(again).stands


def test_a_report_is_reviewed_by_a_person_who_neither_went_nor_wrote_it(who: make.People) -> None:
    from accounts.operations import grant_role
    from accounts.rules import SYSTEM

    visit = make.reported(who)
    grant_role(user=who.officer, role="visit_supervisor", by=SYSTEM, at=make.AT)
    with pytest.raises(NotPermitted, match="another visit supervisor has to"):
        make.step(visit, operations.take_up_review, who.officer)
    with pytest.raises(IntegrityError, match="review_by_a_second_person"), transaction.atomic():
        Review.objects.create(
            report=visit.reports.get(),
            outcome="accepted",
            reason="Fine.",
            author=who.second,
            reviewer=who.officer,
            reviewer_label="x",
            at=make.AT,
        )


def test_a_returned_report_comes_back_with_another_rating_and_its_reason(who: make.People) -> None:
    visit = make.under_review(who, Rating.LIMITED)
    at = make.later(days=22)
    visit = make.step(visit, operations.return_report, who.supervisor, at, reason="Say who was met.")
    visit = make.step(
        visit, operations.submit_report, who.officer, at, summary="Seen.", rating="favorable", rationale="All was met."
    )
    assert [row.rating for row in visit.ratings.all()] == ["limited", "favorable"]
    assert visit.reports.count() == 2


def test_history_is_written_once(who: make.People) -> None:
    visit = make.reported(who)
    with pytest.raises(IntegrityError, match="A rating is written once"), transaction.atomic():
        RatingChange.objects.update(reason="Another.")
    with pytest.raises(IntegrityError, match="rating_adverse_holds"), transaction.atomic():
        RatingChange.objects.create(
            visit=visit, number=2, rating="unable", rating_before="favorable", reason="x", made_by=who.officer,
            made_by_label="x", at=make.AT,
        )  # fmt: skip
    with pytest.raises(IntegrityError, match="cannot be deleted"), transaction.atomic():
        Visit.objects.filter(pk=make.requested(who, kind=VisitKind.PLC).pk).delete()


def test_a_visit_that_cannot_be_carried_out_is_rated_unable(who: make.People) -> None:
    visit = make.step(
        make.scheduled(who), operations.record_not_carried_out, who.supervisor, reason="The gate stayed shut."
    )
    assert (visit.status, visit.rating) == (VisitStatus.NOT_CARRIED_OUT, Rating.UNABLE)
    assert list_holds([visit.installation]).exists()
    assert not visit.engagements.filter(released_at=None).exists()


def test_a_canceled_visit_frees_its_officers_and_its_deadlines(who: make.People) -> None:
    visit = make.step(make.scheduled(who), operations.cancel_visit, who.supervisor, reason="Not needed.")
    assert not visit.engagements.filter(released_at=None).exists()
    assert not Deadline.objects.filter(subject_id=str(visit.pk), kind="visit_due", status="open").exists()


def test_a_closed_visit_opens_again_with_a_reason(who: make.People) -> None:
    visit = make.step(make.accepted(who), operations.reopen_visit, who.supervisor, reason="New photos came in.")
    assert visit.status == VisitStatus.CORRECTIVE_ACTIONS
    visit = make.step(
        visit, operations.change_rating, who.supervisor, rating="unfavorable", reason="The photos show other chips."
    )
    assert not ground_of(visit).stands


def test_a_closed_visit_that_is_rated_limited_later_is_no_ground_any_more(who: make.People) -> None:
    visit = make.accepted(who)
    assert ground_of(visit).stands
    at = make.later(days=30)
    visit = make.step(visit, operations.reopen_visit, who.supervisor, at, reason="One hall had not been shown.")
    visit = make.step(visit, operations.change_rating, who.supervisor, at, rating="limited", reason="One hall is open.")
    visit = make.step(visit, operations.close_visit, who.supervisor, at, reason="Another visit follows.")
    assert not ground_of(visit).stands
    again = make.accepted(who, at=at, place=visit.installation)
    visit = make.step(visit, operations.reopen_visit, who.supervisor, make.later(days=60), reason="The hall was seen.")
    make.step(visit, operations.close_visit, who.supervisor, make.later(days=60), reason="Nothing changes.")
    assert ground_of(again).stands


def test_evidence_says_what_a_visit_lacks(who: make.People, django_assert_max_num_queries: Any) -> None:
    visit = make.notified(who)
    with django_assert_max_num_queries(3):
        (found,) = list_evidence(ask(visit, make.AT))
    assert found.lacks == ("The host government is notified: its consent has to be recorded.",)
    assert "consent" in found.told
    done = make.accepted(who, kind=VisitKind.PERIODIC)
    at = done.closed_at + timedelta(days=1)
    (found,) = list_evidence(ask(done, at))
    assert found.suffices
    assert (found.kind, found.subject_id) == (GROUND, str(done.installation_id))
    (found,) = list_evidence(ask(done, at + timedelta(days=400)))
    assert "another visit is needed" in found.lacks[0]
    (found,) = list_evidence(ask(done, at, kinds=[VisitKind.PLC]))
    assert "another kind" in found.lacks[0]


def test_a_selection_keeps_those_passed_over(who: make.People) -> None:
    first, second = (installation(city="Riyadh", country="SA") for _ in range(2))
    hold(second, cause="screening_match")
    choices = [
        operations.Choice(first.pk, True, "The ministry offers a day."),
        operations.Choice(second.pk, False, "Visited by the embassy in March."),
    ]
    given = {"kind": VisitKind.PERIODIC, "says": "Second quarter.", "by": who.officer, "at": make.AT}
    round_ = operations.select_targets(choices=choices, **given)
    rows = {row.installation_id: row for row in round_.candidates.all()}
    assert rows[second.pk].points > rows[first.pk].points
    assert not rows[second.pk].is_chosen
    assert rows[second.pk].rationale == "Visited by the embassy in March."
    with pytest.raises(Refused, match="Why it was passed over is missing"):
        operations.select_targets(choices=[choices[0], operations.Choice(second.pk, False, "")], **given)
    with pytest.raises(IntegrityError, match="written once"), transaction.atomic():
        SelectionRound.objects.update(says="Another")


def test_a_finding_needs_its_severity_and_an_action_a_day_to_come(who: make.People) -> None:
    visit = make.on_site(who)
    given = {"visit": visit, "title": "A door", "says": "It was open.", "by": who.officer, "at": make.ARRIVAL}
    with pytest.raises(Refused, match="how severe"):
        operations.add_finding(**given, severity="grave")
    finding = operations.add_finding(**given, severity=Severity.MINOR)
    with pytest.raises(Refused, match="leaves no time") as refusal:
        operations.recommend_action(
            finding=finding, says="Shut it.", owner="Guard", due_on=make.AT.date(), by=who.officer, at=make.ARRIVAL
        )
    assert refusal.value.field == "due_on"
