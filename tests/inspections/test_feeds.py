"""The feed that an officer's calendar program reads, checked with a parser and against RFC 5545."""

import re
from datetime import date, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from icalendar import Calendar

from accounts.permissions import NotPermitted
from accounts.statuses import Role
from inspections.models import CalendarToken
from inspections.operations import cancel_visit, scheduling
from inspections.operations import officers as keep
from tests.accounts.factories import user
from tests.inspections import calendar_factories as make
from tests.registry.factories import installation

START = (timezone.now() - timedelta(days=1)).replace(hour=15, minute=0, second=0, microsecond=0)
FIRST = START.date() + timedelta(days=30)
LAST = FIRST + timedelta(days=2)
DAYS = {"first_day": FIRST, "last_day": LAST, "at": START}


@pytest.fixture
def who(db) -> make.People:
    make.load_rules(START)
    return make.People()


@pytest.fixture
def own(who):
    """The officer's file, a team of that officer alone, and the address of the feed."""
    officer = make.officer(who, who.officer, at=START)
    return officer, make.team(who, officer, at=START), renew(who.officer)


def renew(person) -> str:
    _, secret = keep.renew_calendar_token(by=person, at=START)
    return reverse("calendar_ics", args=[secret])


def read(address: str) -> dict[str, list]:
    """The events by what they say."""
    answer = Client().get(address)
    assert answer.status_code == 200
    events: dict[str, list] = {}
    for event in Calendar.from_ical(answer.content).walk("VEVENT"):
        events.setdefault(str(event["summary"]), []).append(event)
    return events


def plan(who, visit, team, **fields):
    return scheduling.schedule_visit(**make.plan(visit, team, who, **{**DAYS, **fields}))


def a_visit(who, name="Riyadh Hall 7", **fields):
    return make.visit(who, at=START, place=installation(name, **make.RIYADH), **fields)


VISIT = "Post-shipment verification: Riyadh Hall 7"


def test_a_visit_is_an_event_of_whole_days_with_an_exclusive_end_and_its_travel(who, own):
    _, team, address = own
    plan(who, a_visit(who), team)
    events = read(address)
    assert set(events) == {VISIT, f"Travel to {VISIT}", f"Travel back from {VISIT}"}
    visit = events[VISIT][0]
    assert visit["dtstart"].params["VALUE"] == "DATE"
    assert (visit["dtstart"].dt, visit["dtend"].dt) == (FIRST, LAST + timedelta(days=1))
    assert (visit["status"], visit["sequence"], visit["transp"]) == ("CONFIRMED", 0, "OPAQUE")
    there, back = events[f"Travel to {VISIT}"][0], events[f"Travel back from {VISIT}"][0]
    assert (there["dtstart"].dt, there["dtend"].dt) == (FIRST - timedelta(days=1), FIRST)
    assert (back["dtstart"].dt, back["dtend"].dt) == (LAST + timedelta(days=1), LAST + timedelta(days=2))


def test_a_moved_visit_keeps_its_name_and_raises_its_number(who, own):
    _, team, address = own
    made = a_visit(who)
    plan(who, made, team)
    before = read(address)[VISIT][0]
    moved = {"first_day": FIRST + timedelta(days=7), "last_day": LAST + timedelta(days=7)}
    scheduling.reschedule_visit(**make.plan(made, team, who, **{**DAYS, **moved, "at": START + timedelta(hours=1)}))
    after = read(address)[VISIT]
    assert len(after) == 1
    assert after[0]["uid"] == before["uid"]
    assert after[0]["dtstart"].dt == moved["first_day"]
    assert after[0]["sequence"] > before["sequence"]
    assert after[0]["last-modified"].dt == before["last-modified"].dt + timedelta(hours=1)
    assert after[0]["dtstamp"].dt == after[0]["last-modified"].dt
    assert after[0]["created"].dt == before["created"].dt


def test_what_is_called_off_stays_as_a_cancellation_and_can_return(who, own):
    _, team, address = own
    made = a_visit(who)
    plan(who, made, team)
    numbers = [read(address)[VISIT][0]["sequence"]]
    scheduling.unschedule_visit(
        visit=made, reason="The border is closed.", version=2, by=who.supervisor, at=START + timedelta(hours=1)
    )
    for event in (each for group in read(address).values() for each in group):
        assert (event["status"], event["transp"]) == ("CANCELLED", "TRANSPARENT")
    numbers.append(read(address)[VISIT][0]["sequence"])
    plan(who, made, team, at=START + timedelta(hours=2))
    again = read(address)[VISIT][0]
    assert again["status"] == "CONFIRMED"
    numbers.append(again["sequence"])
    made.refresh_from_db()
    cancel_visit(
        visit=made, reason="No longer needed.", version=made.version, by=who.supervisor, at=START + timedelta(hours=3)
    )
    last = read(address)[VISIT][0]
    assert last["status"] == "CANCELLED"
    numbers.append(last["sequence"])
    assert numbers == sorted(set(numbers))


def test_an_officer_who_is_replaced_reads_a_cancellation_and_the_other_a_visit(who, own):
    _, team, address = own
    other = user(Role.EXPORT_CONTROL_OFFICER)
    others = make.team(who, make.officer(who, other, at=START), at=START)
    made = a_visit(who)
    plan(who, made, team)
    scheduling.reschedule_visit(**make.plan(made, others, who, **{**DAYS, "reason": "She is ill."}))
    assert read(address)[VISIT][0]["status"] == "CANCELLED"
    assert read(renew(other))[VISIT][0]["status"] == "CONFIRMED"


def test_travel_that_a_later_plan_does_without_is_cancelled(who, own):
    officer, team, address = own
    near = make.team(who, officer, travel_days=0, at=START)
    made = a_visit(who)
    plan(who, made, team)
    scheduling.reschedule_visit(**make.plan(made, near, who, **{**DAYS, "reason": "They are there already."}))
    events = read(address)
    assert events[VISIT][0]["status"] == "CONFIRMED"
    assert events[f"Travel to {VISIT}"][0]["status"] == "CANCELLED"
    assert events[f"Travel to {VISIT}"][0]["sequence"] == events[VISIT][0]["sequence"] == 2


def test_an_absence_is_in_the_feed_without_its_note_and_taken_back_it_is_cancelled(who, own):
    officer, _, address = own
    absence = make.leave(who, officer, FIRST, LAST, says="An operation on the knee.", at=START)
    leave = read(address)["Leave"][0]
    assert (leave["dtstart"].dt, leave["dtend"].dt) == (FIRST, LAST + timedelta(days=1))
    assert b"knee" not in Client().get(address).content
    keep.end_absence(absence=absence, reason="Later.", by=who.supervisor, at=START)
    assert read(address)["Leave"][0]["status"] == "CANCELLED"


def test_the_feed_tells_of_a_visit_its_kind_and_place_and_nothing_more(who, own):
    _, team, address = own
    secrets = {"subject_kind": "case", "subject_id": "7", "subject_label": "C104233"}
    plan(who, a_visit(who, **secrets), team, reason="Because of the anomaly.")
    text = Client().get(address).content.decode().replace("\r\n ", "")
    for word in ("C104233", "35\\,000", "anomaly", "ministry", team.name, "Riyadh\\,"):
        assert word not in text
    assert text.count("DESCRIPTION:Protected from disclosure: 50 USC 4820(h).") == 3
    assert text.count("CLASS:CONFIDENTIAL") == 3


def test_the_feed_is_one_that_calendar_programs_read(who, own):
    _, team, address = own
    long = "Hall für Rechenknoten, Geländeabschnitt Süd; zweiter Bauteil, hinter dem großen Umspannwerk \\ Tor 9"
    plan(who, a_visit(who, name=long), team)
    answer = Client().get(address)
    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    body = answer.content
    assert body.startswith(b"BEGIN:VCALENDAR\r\n")
    assert body.endswith(b"END:VCALENDAR\r\n")
    assert not re.search(rb"(?<!\r)\n|\r(?!\n)", body), "Every line ends in CR LF."
    assert max(len(line) for line in body.split(b"\r\n")) <= 75
    for line in body.split(b"\r\n"):
        line.decode("utf-8")
    read_back = Calendar.from_ical(body)
    assert (str(read_back["version"]), str(read_back["calscale"])) == ("2.0", "GREGORIAN")
    assert read_back["prodid"]
    assert "method" not in read_back
    events = read_back.walk("VEVENT")
    assert {str(event["summary"]).endswith(long) for event in events} == {True}
    assert len({str(event["uid"]) for event in events}) == len(events) == 3
    for event in events:
        for once in ("uid", "dtstamp", "dtstart", "dtend", "sequence", "status", "last-modified", "class"):
            assert not isinstance(event[once], list), once
        assert event.errors == []
        for instant in ("dtstamp", "last-modified", "created"):
            assert event[instant].to_ical().endswith(b"Z")
        assert event["dtend"].dt > event["dtstart"].dt


def test_the_same_content_is_the_same_bytes_and_is_sent_once(who, own):
    _, team, address = own
    made = a_visit(who)
    plan(who, made, team)
    client = Client()
    first = client.get(address)
    assert first["Cache-Control"] == "private, no-cache"
    assert first["Last-Modified"]
    assert client.get(address).content == first.content
    again = client.get(address, headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again["ETag"] == first["ETag"]
    since = client.get(address, headers={"If-Modified-Since": first["Last-Modified"]})
    assert since.status_code == 304
    head = client.head(address)
    assert (head.status_code, head.content, head["ETag"]) == (200, b"", first["ETag"])
    scheduling.unschedule_visit(visit=made, reason="Off.", version=2, by=who.supervisor, at=START + timedelta(hours=1))
    changed = client.get(address, headers={"If-None-Match": first["ETag"]})
    assert changed.status_code == 200
    assert changed["ETag"] != first["ETag"]
    assert client.post(address).status_code == 405


def test_an_empty_calendar_is_a_calendar(who, own):
    _, _, address = own
    assert read(address) == {}


def test_what_is_long_over_leaves_the_feed(who, own):
    officer, _, address = own
    past = START - timedelta(days=200)
    make.leave(who, officer, past.date(), past.date() + timedelta(days=3), at=past)
    make.leave(who, officer, FIRST, LAST, at=START)
    assert [event["dtstart"].dt for event in read(address)["Leave"]] == [FIRST]


def test_only_the_hash_of_the_secret_is_kept_and_a_new_one_ends_the_old(who, own):
    _, _, address = own
    secret = address.rsplit("/", 1)[1].removesuffix(".ics")
    assert len(secret) >= 43
    token = CalendarToken.objects.get()
    assert secret not in str(token.__dict__)
    renewed = renew(who.officer)
    assert Client().get(address).status_code == 404
    assert Client().get(renewed).status_code == 200
    assert keep.revoke_calendar_token(by=who.officer, at=START) == 1
    assert Client().get(renewed).status_code == 404
    assert keep.revoke_calendar_token(by=who.officer, at=START) == 0
    assert CalendarToken.objects.filter(revoked_at=None).count() == 0


def test_an_unknown_address_explains_itself_and_tells_nothing(db):
    answer = Client().get(reverse("calendar_ics", args=["guess"]))
    assert answer.status_code == 404
    assert "may have been renewed or ended" in answer.content.decode()


def test_who_is_deactivated_or_no_officer_any_more_has_no_feed(who, own):
    _, _, address = own
    who.officer.is_active = False
    who.officer.save()
    assert Client().get(address).status_code == 404
    who.officer.is_active = True
    who.officer.save()
    who.officer.grants.all().delete()
    assert Client().get(address).status_code == 404
    with pytest.raises(NotPermitted):
        keep.renew_calendar_token(by=user(Role.VISIT_SUPERVISOR), at=START)


@pytest.mark.parametrize("visits", [1, 15])
def test_the_feed_costs_the_same_however_much_is_in_it(who, own, visits, django_assert_max_num_queries):
    _, team, address = own
    for number in range(visits):
        days = {name: day + timedelta(days=10 * number) for name, day in (("first_day", FIRST), ("last_day", LAST))}
        plan(who, a_visit(who, f"Hall {number}"), team, **days)
    with django_assert_max_num_queries(4):
        Client().get(address)


def test_the_page_shows_an_address_once_and_ends_it(who, own, client):
    client.force_login(who.officer)
    page = reverse("desk:calendar_feed")
    assert "An address has worked since" in client.get(page).content.decode()
    made = client.post(page).content.decode()
    address = re.search(r"http://testserver(/calendar/[\w-]+\.ics)", made)[1]
    assert Client().get(address).status_code == 200
    assert address not in client.get(page).content.decode()
    client.post(reverse("desk:calendar_feed_end"))
    assert Client().get(address).status_code == 404
    assert "You have no address at present" in client.get(page).content.decode()
    assert "no-store" in client.get(page)["Cache-Control"]


def test_a_day_that_is_no_day_of_summer_time_stays_one_day(who, own):
    officer, _, address = own
    year = FIRST.year + 1
    sunday = next(date(year, 3, day) for day in range(8, 15) if date(year, 3, day).weekday() == 6)
    make.leave(who, officer, sunday, sunday, at=START)
    assert (read(address)["Leave"][0]["dtend"].dt - read(address)["Leave"][0]["dtstart"].dt).days == 1
