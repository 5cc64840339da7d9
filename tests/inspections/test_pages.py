"""The pages of visits: what they cost, what they show, and that the phone's entries arrive once."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from desk.grounds import address_of
from inspections import operations
from inspections.models import Answer, SerialResult, Visit
from inspections.operations.rating import GROUND
from inspections.statuses import VisitStatus
from tests.inspections import factories as make

pytestmark = pytest.mark.django_db


@pytest.fixture
def who() -> make.People:
    make.load_rules()
    return make.People()


@pytest.fixture
def officer(who: make.People) -> Client:
    client = Client()
    client.force_login(who.officer)
    return client


def test_the_register_takes_at_most_eight_queries(
    who: make.People, officer: Client, django_assert_max_num_queries: Any
) -> None:
    for _ in range(3):
        make.requested(who)
    make.scheduled(who)
    officer.get(reverse("desk:visits"))
    with django_assert_max_num_queries(8):
        page = officer.get(reverse("desk:visits"), {"view": "all"})
    assert page.content.decode().count("cs-row-link") == 4


@pytest.mark.parametrize("view", ["open", "mine", "late", "review", "actions", "over", "all"])
def test_every_view_and_filter_answers(who: make.People, officer: Client, view: str) -> None:
    visit = make.requested(who)
    fields = {"view": view, "q": visit.number, "kind": visit.kind, "country": "SA"}
    assert officer.get(reverse("desk:visits"), fields).status_code == 200
    assert officer.get(reverse("desk:visits"), {"view": view, "format": "csv"}).status_code == 200


def test_the_link_of_a_ground_shows_the_visits_of_its_place_also_those_that_are_over(
    who: make.People, officer: Client, django_assert_max_num_queries: Any
) -> None:
    over = make.accepted(who)
    place = over.installation
    other = make.requested(who)
    url = address_of(GROUND, str(place.pk))
    assert url == f"/desk/visits/?installation={place.pk}"
    officer.get(url)
    with django_assert_max_num_queries(8):
        text = officer.get(url).content.decode()
    # Their links and not their numbers: the page names one as an example.
    link = {visit: f'href="{reverse("desk:visit", args=[visit.pk])}"' for visit in (over, other)}
    assert link[over] in text
    assert link[other] not in text
    assert f"Installation: {place.name}" in text
    assert f'name="installation" value="{place.pk}"' in text
    assert f"installation={place.pk}&amp;view=open" in text
    assert link[over] not in officer.get(url, {"installation": place.pk, "view": "open"}).content.decode()
    csv = b"".join(officer.get(url, {"installation": place.pk, "format": "csv"}).streaming_content).decode()
    assert over.number in csv
    assert other.number not in csv


@pytest.mark.parametrize(("asked", "status"), [("999999999", 200), ("x", 400), ("-1", 400), ("9" * 30, 400), ("", 200)])
def test_a_place_that_is_not_known_is_told(officer: Client, asked: str, status: int) -> None:
    page = officer.get(reverse("desk:visits"), {"installation": asked})
    assert page.status_code == status
    assert ("No visit fits these filters" in page.content.decode()) == (asked == "999999999")


def test_a_visit_with_everything_takes_at_most_eighteen_queries(
    who: make.People, django_assert_max_num_queries: Any
) -> None:
    make.one_of_each(at=make.AT)
    visit = Visit.objects.filter(reports__isnull=False).get()
    client = Client()
    client.force_login(who.supervisor)
    client.get(reverse("desk:visit", args=[visit.pk]))
    with django_assert_max_num_queries(18):
        page = client.get(reverse("desk:visit", args=[visit.pk]))
    text = page.content.decode()
    assert page.status_code == 200
    for words in ("Two chips are missing", "The same seed draws the same numbers again", "Nobody goes of"):
        assert words in text


def test_a_phone_s_entry_is_stored_once_and_told_as_json(who: make.People, officer: Client) -> None:
    visit = make.on_site(who)
    sample = make.sampled(who, make.listed(who, visit))
    assert officer.get(reverse("desk:visit_field", args=[visit.pk])).status_code == 200
    url = reverse("desk:visit_field_answer", args=[visit.pk])
    sent = {"question": "existence", "value": "yes", "client_key": "k1", "entered_at": "2026-04-20T12:00:00Z"}
    for _ in range(2):
        told = officer.post(url, sent, headers={"accept": "application/json"})
        assert told.json() == {"stored": True, "says": "Stored: yes"}
    refused = officer.post(url, {**sent, "value": "?", "client_key": "k2"}, headers={"accept": "application/json"})
    assert (refused.status_code, refused.json()["stored"]) == (409, False)
    assert Answer.objects.get().entered_at.isoformat() == "2026-04-20T12:00:00+00:00"
    item = sample.items.first()
    plain = officer.post(
        reverse("desk:visit_field_result", args=[visit.pk, item.pk]), {"outcome": "found", "client_key": "r1"}
    )
    assert plain.url == f"/desk/visits/{visit.pk}/field/#item-{item.pk}"
    assert SerialResult.objects.get().outcome == "found"


def test_a_visit_goes_from_request_to_consent_by_its_pages(who: make.People, officer: Client) -> None:
    place = make.installation(city="Riyadh", country="SA")
    made = officer.post(
        reverse("desk:visit_request"),
        {"installation": place.pk, "kind": "pre_license_check", "occasion": "A year is over.", "subject_label": ""},
    )
    visit = Visit.objects.get()
    assert made.url == reverse("desk:visit", args=[visit.pk])
    today = timezone.localdate().isoformat()
    for name in ("desk:visit_notify", "desk:visit_consent"):
        visit.refresh_from_db()
        told = {"version": visit.version, "happened_on": today, "says": "Through State."}
        assert officer.post(reverse(name, args=[visit.pk]), told).status_code == 302
    visit.refresh_from_db()
    assert visit.status == VisitStatus.CONSENTED
    again = officer.post(reverse("desk:visit_consent", args=[visit.pk]), {**told, "says": "x"})
    assert again.status_code == 409


def test_a_list_and_a_sample_come_by_their_pages(who: make.People, officer: Client) -> None:
    visit = make.on_site(who)
    url = reverse("desk:visit_serials_add", args=[visit.pk])
    twice = officer.post(url, {"source": "The operator.", "file": make.serial_file("GB-1", "GB-1")})
    assert twice.status_code == 409
    assert "GB-1 is serial number 1 and 2" in twice.content.decode()
    assert officer.post(url, {"source": "The operator.", "file": make.serial_file("GB-1", "GB-2")}).status_code == 302
    page = officer.get(reverse("desk:visit_sample", args=[visit.pk]))
    assert "2 serial numbers are declared" in page.content.decode()


def test_a_selection_is_made_on_its_page(who: make.People, officer: Client) -> None:
    place = make.installation(city="Riyadh", country="SA")
    make.installation(city="Jeddah", country="SA")
    page = officer.get(reverse("desk:visit_target_select"))
    assert "Never visited" in page.content.decode()
    sent = {"kind": "periodic", "says": "Quarter.", "chosen": [place.pk], f"rationale_{place.pk}": "Near."}
    assert officer.post(reverse("desk:visit_target_select"), sent).status_code == 409
    made = officer.post(reverse("desk:visit_target_select"), {**sent, "passed_over": "Later."})
    assert made.status_code == 302
    assert "Passed over" in officer.get(made.url).content.decode()


def test_a_photo_is_handed_out_as_a_file(who: make.People, officer: Client) -> None:
    visit = make.on_site(who)
    paper = operations.add_paper(
        visit=visit, says="Racks", upload=make.photo(), by=who.officer, at=make.ARRIVAL + timedelta(hours=1)
    )
    answer = officer.get(reverse("desk:visit_paper", args=[visit.pk, paper.pk]))
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert b"".join(answer.streaming_content).startswith(b"\xff\xd8\xff")
    answer.close()
