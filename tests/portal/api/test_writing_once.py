"""A write is carried out once for its idempotency key, whatever happens to the connection."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Event
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.utils import timezone

from licensing.models import Application, Case
from portal import operations, tasks
from portal.api import applications
from portal.models import StoredAnswer
from tests.portal.api.calling import a_draft, a_pdf, assert_problem, certification, of
from tests.threads import at_once


def test_a_repeated_request_gets_the_same_bytes_and_says_that_it_is_a_repetition(exporter):
    first = exporter.send("/applications/", a_draft(), key="one")
    again = exporter.send("/applications/", a_draft(), key="one")
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.content == again.content
    assert first.headers["Location"] == again.headers["Location"]
    assert "Idempotent-Replayed" not in first.headers
    assert again.headers["Idempotent-Replayed"] == "true"
    assert Application.objects.count() == 1


def test_how_the_content_was_written_down_does_not_make_it_another(exporter):
    exporter.send("/applications/", a_draft(), key="one")
    turned = dict(reversed(list(a_draft().items())))
    assert exporter.send("/applications/", turned, key="one").status_code == 201
    assert Application.objects.count() == 1


def test_another_content_under_the_key_is_refused_and_names_the_header(exporter):
    exporter.send("/applications/", a_draft(), key="one")
    answer = exporter.send("/applications/", a_draft(own_reference="OTHER"), key="one")
    assert_problem(answer, 422, field="Idempotency-Key", says="a key of its own")
    assert Application.objects.count() == 1


def test_another_address_under_the_key_is_refused(exporter):
    draft = exporter.create()
    exporter.send(of(draft, "withdraw/"), {"reason": "A mistake."}, key="one")
    assert_problem(exporter.send("/applications/", a_draft(), key="one"), 422, field="Idempotency-Key")


def test_a_document_sent_again_is_stored_once_though_its_parts_are_divided_anew(exporter):
    draft = exporter.create()
    first = exporter.upload(of(draft, "documents/"), a_pdf("same"), key="one")
    again = exporter.upload(of(draft, "documents/"), a_pdf("same"), key="one")
    other = exporter.upload(of(draft, "documents/"), a_pdf("other"), key="one")
    assert first.status_code == 201
    assert first.content == again.content
    assert_problem(other, 422, field="Idempotency-Key")


def test_a_submission_sent_again_gives_the_same_case(exporter):
    draft = exporter.create()
    body = certification(version=draft["version"])
    first = exporter.send(of(draft, "submit/"), body, key="file")
    again = exporter.send(of(draft, "submit/"), body, key="file")
    assert first.status_code == 201
    assert first.content == again.content
    assert Case.objects.count() == 1


def test_two_organizations_may_use_the_same_key(exporter, stranger):
    first = exporter.send("/applications/", a_draft(), key="one").json()
    second = stranger.send("/applications/", a_draft(), key="one").json()
    assert first["reference"] != second["reference"]


def test_a_refused_write_stores_nothing_and_leaves_its_key_free(exporter):
    draft = exporter.create()
    before = StoredAnswer.objects.count()
    refused = exporter.send(of(draft, "submit/"), certification(version=1), key="file")
    assert_problem(refused, 409)
    assert StoredAnswer.objects.count() == before
    mended = exporter.send(of(draft, "submit/"), certification(version=draft["version"]), key="file")
    assert mended.status_code == 201


@pytest.mark.parametrize("key", ["", "with space", "é", "x" * 65, "tab\there"])
@pytest.mark.parametrize("part", ["", "submit/", "withdraw/", "documents/"])
def test_a_write_without_a_usable_key_is_refused(exporter, part, key):
    draft = exporter.create()
    if part == "documents/":
        answer = exporter.upload(of(draft, part), a_pdf(), key=key)
    else:
        bodies = {
            "": {**a_draft(), "version": draft["version"]},
            "submit/": certification(version=draft["version"]),
            "withdraw/": {"reason": "A mistake."},
        }
        answer = exporter.send(of(draft, part), bodies[part], method="post" if part else "put", key=key)
    assert_problem(answer, 400, field="Idempotency-Key")
    assert Application.objects.get().version == draft["version"]


def test_a_stored_answer_cannot_be_altered(exporter):
    exporter.create()
    with pytest.raises(Exception, match="An answer stays as it was given"):
        StoredAnswer.objects.update(body="{}")


@pytest.mark.django_db(transaction=True)
def test_one_request_sent_six_times_at_once_is_carried_out_once(who, exporter):
    answers = at_once([lambda: exporter.send("/applications/", a_draft(), key="one")] * 6)
    made = [answer for answer in answers if answer.status_code == 201]
    busy = [answer for answer in answers if answer.status_code == 409]
    assert len(made) + len(busy) == 6
    assert len({answer.content for answer in made}) == 1
    assert all(answer.headers["Retry-After"] == "1" for answer in busy)
    assert Application.objects.count() == 1
    assert StoredAnswer.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_while_the_first_is_being_carried_out_the_second_is_told_so_at_once(who, exporter, monkeypatch):
    begun, finish = Event(), Event()
    start = applications.start_whole_draft

    def slowly(**words: Any) -> Application:
        begun.set()
        assert finish.wait(20)
        return start(**words)

    monkeypatch.setattr(applications, "start_whole_draft", slowly)

    def first() -> Any:
        try:
            return exporter.send("/applications/", a_draft(), key="one")
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(first)
        assert begun.wait(20)
        meanwhile = exporter.send("/applications/", a_draft(), key="one")
        finish.set()
        done = running.result()
    assert_problem(meanwhile, 409, says="at this moment")
    assert meanwhile.headers["Retry-After"] == "1"
    assert done.status_code == 201
    assert exporter.send("/applications/", a_draft(), key="one").content == done.content
    assert Application.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_an_answer_that_is_stored_unseen_meanwhile_undoes_the_second_carrying_out(who, exporter, monkeypatch):
    start = applications.start_whole_draft

    def overtaken(**words: Any) -> Application:
        draft = start(**words)
        with ThreadPoolExecutor(1) as pool:
            pool.submit(store_elsewhere).result()
        return draft

    def store_elsewhere() -> None:
        StoredAnswer.objects.create(
            organization=exporter.organization,
            key="one",
            api_key=exporter.key,
            request_hash="0" * 64,
            status=201,
            body="{}",
            at=timezone.now(),
        )
        connection.close()

    monkeypatch.setattr(applications, "start_whole_draft", overtaken)
    answer = exporter.send("/applications/", a_draft(), key="one")
    assert_problem(answer, 409, says="Send it again")
    assert Application.objects.count() == 0


def test_answers_are_forgotten_after_their_time_in_batches_and_no_sooner(exporter, monkeypatch):
    bodies = [a_draft(own_reference=f"N{number}") for number in range(5)]
    kept = [exporter.send("/applications/", body, key=f"k{number}") for number, body in enumerate(bodies)]
    monkeypatch.setattr(operations, "FORGOTTEN_AT_ONCE", 2)
    newest = StoredAnswer.objects.latest("at").at
    assert operations.forget_answers(at=StoredAnswer.objects.earliest("at").at + operations.REMEMBERED) == 0
    assert exporter.send("/applications/", bodies[0], key="k0").content == kept[0].content
    assert operations.forget_answers(at=newest + operations.REMEMBERED) == 2
    assert operations.forget_answers(at=newest + operations.REMEMBERED) == 2
    assert operations.forget_answers(at=newest + operations.REMEMBERED) == 0
    assert StoredAnswer.objects.get().key == "k4"
    assert exporter.send("/applications/", bodies[0], key="k0").json() != kept[0].json()


def test_the_schedule_forgets_everything_that_is_old(exporter, monkeypatch):
    for number in range(3):
        exporter.send("/applications/", a_draft(own_reference=f"N{number}"), key=f"k{number}")
    monkeypatch.setattr(operations, "FORGOTTEN_AT_ONCE", 2)
    assert tasks.forget_answers() == 0
    monkeypatch.setattr(operations, "REMEMBERED", timedelta(0))
    assert tasks.forget_answers() == 3
    scheduled = [each["task"] for each in settings.CELERY_BEAT_SCHEDULE.values()]
    assert tasks.forget_answers.name in scheduled


def test_the_guide_says_how_long_a_key_is_remembered():
    guide = (settings.BASE_DIR / "docs" / "how-to" / "api.md").read_text()
    assert f"remembered for {operations.REMEMBERED.days} days" in guide


@pytest.mark.django_db(transaction=True)
def test_of_two_changes_to_one_version_one_is_told_that_somebody_was_faster(who, exporter):
    draft = exporter.create()

    def change(name: str) -> Any:
        body = {**a_draft(own_reference=name), "version": draft["version"]}
        return exporter.send(of(draft), body, method="put")

    answers = at_once([lambda: change("FIRST"), lambda: change("SECOND")])
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    kept = next(answer for answer in answers if answer.status_code == 200).json()
    assert exporter.get(of(draft)).json() == kept


@pytest.mark.django_db(transaction=True)
def test_two_submissions_under_two_keys_make_one_case(who, exporter):
    draft = exporter.create()
    answers = at_once([lambda: exporter.submit(draft)] * 3)
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409]
    assert Case.objects.count() == 1
