"""What a program reads of its applications, and what it never reads."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from accounts.models import ApiKey
from accounts.rules import SYSTEM
from ledger.operations import draw
from ledger.selectors import get_account
from ledger.statuses import AccountKind
from licensing import operations
from licensing.models import Application, Case, InformationRequest, License
from portal.models import StoredAnswer
from tests.licensing import factories as make
from tests.portal.api.calling import (
    Program,
    a_draft,
    a_party,
    a_pdf,
    an_item,
    assert_problem,
    certification,
    of,
    program,
)

pytestmark = pytest.mark.django_db


def now() -> Any:
    return timezone.now()


@pytest.fixture
def licensed(who: make.People) -> Case:
    return make.licensed(who, at=now(), items=[make.chips("GB300", 777, "43210.00")])


def asked(who: make.People, question: str = "Who runs the weather models?") -> InformationRequest:
    case = make.assigned(who, at=now())
    return operations.request_information(case=case, question=question, version=case.version, by=who.officer, at=now())


def answer_to(request: InformationRequest) -> str:
    return of(request.case.application, f"questions/{request.number}/answer/")


def elsewhere(quantity: int) -> None:
    """Another exporter's pending filing for the same installation."""
    make.filed(
        make.People(),
        at=now(),
        end_user="Norrsken Compute AB",
        site="Luleå Hall 1",
        items=[make.chips(quantity=quantity)],
    )


# ── A draft ──────────────────────────────────────────────────────────────────────────────────────


def test_a_draft_is_told_as_it_was_given(exporter):
    given = a_draft(
        parties=[
            a_party("end_user", ultimate_parent="Holding", ultimate_parent_headquarters="FI", postal_code="97231")
        ],
        items=[an_item(model="made-up", tpp=4000.5, memory_bandwidth_gbs=900, unit_price="0.10")],
        additional_information="See the letter.",
        all_or_nothing=True,
        resubmission_of="c000042",
        safeguards={
            "declared_facts": ["exporter_monitoring_plan"],
            "undertaking_signatory": "Director",
            "undertaking_signed_on": "2026-03-31",
        },
    )
    given["installation"] |= {"installed": 5, "licensed": 0, "pending": 7}
    content = exporter.create(**given)["content"]
    assert content.pop("resubmission_of") == given.pop("resubmission_of").upper()
    assert content == given


def test_what_was_read_can_be_sent_back_with_its_version(exporter):
    draft = exporter.create()
    body = {**draft["content"], "version": draft["version"], "own_reference": "NEW"}
    changed = exporter.send(of(draft), body, method="put")
    assert changed.status_code == 200
    assert changed.json()["version"] > draft["version"]
    assert changed.json()["content"]["own_reference"] == "NEW"
    assert changed.json() == exporter.get(of(draft)).json()


def test_a_change_replaces_everything_but_the_documents(exporter):
    draft = exporter.create(additional_information="Old.", safeguards={"declared_facts": ["exporter_monitoring_plan"]})
    exporter.upload(of(draft, "documents/"), a_pdf())
    body = {**a_draft(items=[an_item(quantity=3)]), "version": draft["version"]}
    changed = exporter.send(of(draft), body, method="put").json()
    assert [item["quantity"] for item in changed["content"]["items"]] == [3]
    assert changed["content"]["additional_information"] == ""
    assert changed["content"]["safeguards"]["declared_facts"] == []
    assert len(changed["documents"]) == 1


def test_a_price_given_as_a_number_loses_no_cent(exporter):
    draft = exporter.create(items=[an_item(unit_price=123456789012.34, quantity=1), an_item(unit_price=7)])
    assert [item["unit_price"] for item in draft["content"]["items"]] == ["123456789012.34", "7.00"]


def test_an_application_is_written_down_as_the_keys_doing(exporter):
    reference = exporter.create()["reference"]
    assert exporter.key.prefix in Application.objects.get(reference=reference).created_by_label


def test_a_draft_has_no_case_no_requirements_and_no_license(exporter):
    draft = exporter.create()
    standing = exporter.get(of(draft, "status/")).json()
    assert (standing["status"], standing["case"], standing["determination"]) == ("draft", None, None)
    assert_problem(exporter.get(of(draft, "requirements/")), 409, says="never submitted")
    assert_problem(exporter.get(of(draft, "license/")), 404, says="No license and no exemption")


def test_a_withdrawn_draft_is_over(exporter):
    draft = exporter.create()
    assert exporter.send(of(draft, "withdraw/"), {"reason": "A mistake."}).json()["status"] == "withdrawn"
    assert_problem(exporter.send(of(draft, "withdraw/"), {"reason": "Again."}), 409)
    assert_problem(exporter.submit(draft), 409)


def test_a_pending_application_is_withdrawn_with_its_case(exporter):
    draft = exporter.create()
    exporter.submit(draft)
    standing = exporter.send(of(draft, "withdraw/"), {"reason": "The buyer stepped back."}).json()
    assert (standing["status"], standing["case"]["status"]) == ("withdrawn", "withdrawn")


# ── The list ─────────────────────────────────────────────────────────────────────────────────────


def test_the_list_is_walked_page_by_page_without_gaps_while_new_ones_arrive(exporter):
    made = [exporter.create(own_reference=f"N{number}")["content"]["own_reference"] for number in range(5)]
    seen, after = [], None
    while True:
        page = exporter.get("/applications/", {"limit": 2, **({"after": after} if after else {})}).json()
        seen += [row["own_reference"] for row in page["applications"]]
        after = page["after"]
        if after is None:
            break
        exporter.create(own_reference="LATER")
    assert seen == made[::-1]


def test_an_empty_list_is_empty(exporter):
    assert exporter.get("/applications/").json() == {"applications": [], "after": None}


def test_a_list_shows_what_the_organizations_people_filed_too(exporter, who):
    case = make.filed(who, at=now())
    (row,) = exporter.get("/applications/").json()["applications"]
    assert row["case"]["acn"] == case.acn


# ── A case ───────────────────────────────────────────────────────────────────────────────────────


def test_a_submission_answers_with_the_case_and_where_to_follow_it(exporter):
    draft = exporter.create(
        installation={**a_draft()["installation"], "country": "NO"}, items=[an_item(model="GB300", quantity=100_000)]
    )
    filed = exporter.submit(draft)
    assert filed.status_code == 201
    assert filed.headers["Location"] == f"/api/v1{of(draft, 'status/')}"
    assert filed.json() == exporter.get(of(draft, "status/")).json()
    assert filed.json()["determination"]["tier"] == "medium"
    (wanted,) = exporter.get(of(draft, "requirements/")).json()["requirements"]
    assert (wanted["name"], wanted["status"], wanted["gates"]) == ("government_assurance", "open", "issue")
    assert wanted["satisfied_by"]


def test_a_barred_order_is_refused_with_a_letter_at_once(exporter):
    parties = [
        a_party(role, country="RU", headquarters="RU") for role in ("purchaser", "ultimate_consignee", "end_user")
    ]
    draft = exporter.create(parties=parties, installation={**a_draft()["installation"], "country": "RU"})
    standing = exporter.submit(draft).json()
    assert standing["case"]["status"] == "refused_barred"
    letter = exporter.client.get(standing["letters"][0]["url"], headers={"Authorization": f"Bearer {exporter.secret}"})
    assert letter.headers["Content-Type"] == "application/pdf"
    assert letter.content.startswith(b"%PDF-")


def test_what_other_exporters_have_at_the_place_is_told_in_no_answer(exporter):
    elsewhere(quantity=99_333)
    draft = exporter.create()
    filed = exporter.submit(draft)
    standing = filed.json()
    assert standing["withheld"] is True
    assert standing["determination"]["counted"]["quantity"] is None
    total = 99_333 + 752
    for part in ("", "status/", "requirements/"):
        text = exporter.get(of(draft, part)).content.decode()
        for number in (99_333, total):
            assert str(number) not in text, part
            assert f"{number:,}" not in text, part


def test_a_draft_does_not_tell_what_others_have_either(exporter):
    elsewhere(quantity=99_333)
    assert "99" not in str(exporter.create()["lacking"])


def test_staffs_notes_recommendations_and_papers_are_told_in_no_answer(exporter, who):
    case = make.assigned(who, at=now())
    operations.add_note(case=case, text="A doubtful buyer.", by=who.officer, at=now())
    make.recommend(case, who, at=now(), reasons="Between ourselves.")
    Application.objects.get(pk=case.application_id).documents.create(
        kind="evidence", title="An internal paper", file="x.pdf", sha256="0" * 64, size=1, pages=1,
        uploaded_by_label="staff", uploaded_at=now(), is_internal=True,
    )  # fmt: skip
    for part in ("", "status/", "requirements/"):
        text = exporter.get(of(case.application, part)).content.decode()
        for secret in ("doubtful", "Between ourselves", "internal paper", who.officer.name):
            assert secret not in text, part


# ── Questions ────────────────────────────────────────────────────────────────────────────────────


def test_a_question_is_read_and_answered_and_the_case_goes_on(exporter, who):
    request = asked(who)
    (question,) = exporter.get(of(request.case.application, "status/")).json()["questions"]
    assert (question["question"], question["answered_at"]) == ("Who runs the weather models?", None)
    answer = exporter.send(answer_to(request), {"answer": "The service's own staff."})
    assert answer.status_code == 200
    assert answer.json()["case"]["status"] == "under_review"
    assert answer.json()["questions"][0]["answer"] == "The service's own staff."


def test_an_answer_brings_documents(exporter, who):
    request = asked(who)
    files = [make.pdf(text="one"), make.pdf(text="two")]
    answer = exporter.upload(answer_to(request), {"answer": "See both.", "documents": files})
    assert answer.status_code == 200
    assert len(answer.json()["questions"][0]["documents"]) == 2


@pytest.mark.parametrize("file", [b"GIF89a", b"%PDF-broken"])
def test_an_answer_with_a_pdf_that_is_none_is_not_sent(exporter, who, file):
    request = asked(who)
    wrong = SimpleUploadedFile("plan.pdf", file, content_type="application/pdf")
    answer = exporter.upload(answer_to(request), {"answer": "See both.", "documents": [make.pdf(), wrong]})
    assert_problem(answer, 422, field="documents")
    request.refresh_from_db()
    assert request.answered_at is None
    assert request.documents.count() == 0


@pytest.mark.parametrize("body", [{}, {"answer": ""}, {"answer": 1}, {"answer": "x" * 8001}, {"reply": "Yes."}])
def test_a_wrong_answer_is_named(exporter, who, body):
    assert_problem(exporter.send(answer_to(asked(who)), body), 400)


def test_a_question_is_answered_once(exporter, who):
    request = asked(who)
    exporter.send(answer_to(request), {"answer": "Yes."})
    assert_problem(exporter.send(answer_to(request), {"answer": "No."}), 409, says="answered already")


def test_a_question_that_was_never_asked_is_not_there(exporter, who):
    request = asked(who)
    assert_problem(exporter.send(of(request.case.application, "questions/2/answer/"), {"answer": "Yes."}), 404)
    huge = f"questions/{10**30}/answer/"
    assert_problem(exporter.send(of(request.case.application, huge), {"answer": "Yes."}), 404)


# ── A license ────────────────────────────────────────────────────────────────────────────────────


def test_a_license_tells_its_lines_and_what_is_left_of_them(exporter, licensed):
    license_ = License.objects.get(case=licensed)
    line = license_.lines.get()
    for kind, units in ((AccountKind.LICENSE_LINE_QUANTITY, 77), (AccountKind.LICENSE_LINE_VALUE, 332_717_000)):
        account = get_account(kind, line)
        assert account is not None
        draw(account=account, units=units, key="ship", reason="Shipped.", by=SYSTEM, at=now())
    told = exporter.get(of(licensed.application, "license/")).json()
    assert (told["kind"], told["number"], told["status"]) == ("license", license_.number, "valid")
    assert told["verification_code"] == license_.verification_code
    (row,) = told["lines"]
    assert (row["model"], row["quantity"], row["quantity_left"]) == ("GB300", 777, 700)
    assert row["unit_price"] == "43210.00"
    assert row["value_cents"] - row["value_cents_left"] == 332_717_000
    assert told["letters"][0]["url"].endswith(f"/api/v1/letters/{licensed.letters.get().pk}/")


def test_the_validation_address_of_a_license_confirms_it(exporter, licensed, client):
    told = exporter.get(of(licensed.application, "license/")).json()
    assert client.get(told["validation_url"]).status_code == 200


def test_an_accepted_exemption_is_told_in_the_same_place(exporter, who):
    case = make.assigned(who, at=now(), safeguards=make.MONITORED)
    exemption = operations.accept_exemption(
        case=case, reasons="Both suffice.", version=case.version, by=who.officer, at=now()
    )
    told = exporter.get(of(case.application, "license/")).json()
    assert (told["kind"], told["number"], told["chips"], told["lines"]) == ("exemption", exemption.number, 752, [])


def test_a_suspended_license_says_so(exporter, licensed):
    License.objects.filter(case=licensed).update(suspended_at=now())
    assert exporter.get(of(licensed.application, "license/")).json()["status"] == "suspended"


@pytest.mark.parametrize("letter", ["0", "999999", str(10**40)])
def test_a_letter_that_is_not_there_is_a_404(exporter, letter):
    assert_problem(exporter.get(f"/letters/{letter}/"), 404)


# ── The rules ────────────────────────────────────────────────────────────────────────────────────


def test_editions_are_listed_with_the_one_that_operates(exporter):
    editions = exporter.get("/editions/").json()["editions"]
    assert [each["id"] for each in editions if each["operating"]] == ["reported-2026-03"]
    assert len(editions) == 3
    operating = next(each for each in editions if each["operating"])
    assert "exporter_monitoring_plan" in [fact["name"] for fact in operating["facts"]]


def test_an_order_is_determined_under_the_edition_that_is_named(exporter):
    facts = {"destination": "ID", "items": [{"kind": "chip", "model": "GB300", "quantity": 100_001}]}
    today = exporter.send("/determinations/", facts, key="").json()
    before = exporter.send("/determinations/", {**facts, "edition": "baseline-2026-01"}, key="").json()
    assert (today["edition"], today["tier"]) == ("reported-2026-03", "large")
    assert (before["edition"], before["tier"]) == ("baseline-2026-01", None)


# ── Budgets ──────────────────────────────────────────────────────────────────────────────────────


def many(exporter: Program) -> None:
    for number in range(6):
        draft = exporter.create(installation={**a_draft()["installation"], "name": f"Hall {number}"})
        if number % 2:
            assert exporter.submit(draft).status_code == 201


def test_a_list_costs_the_same_however_long_it_is(exporter, django_assert_max_num_queries):
    exporter.get("/editions/")
    many(exporter)
    with django_assert_max_num_queries(3) as few:
        exporter.get("/applications/", {"limit": 1})
    with django_assert_max_num_queries(len(few)):
        assert len(exporter.get("/applications/").json()["applications"]) == 6


@pytest.mark.parametrize(("part", "most"), [("", 8), ("status/", 8), ("requirements/", 4), ("license/", 9)])
def test_what_is_read_of_an_application_keeps_to_its_queries(
    exporter, licensed, part, most, django_assert_max_num_queries
):
    exporter.get("/editions/")
    with django_assert_max_num_queries(most):
        assert exporter.get(of(licensed.application, part)).status_code == 200


def strangers(country: str) -> dict[str, Any]:
    """Four parties and a place that nobody has named before, and two models."""
    roles = ("purchaser", "intermediate_consignee", "ultimate_consignee", "end_user")
    return {
        "parties": [a_party(role, name=f"{role} Ltd.", country=country, headquarters=country) for role in roles],
        "items": [an_item(model="GB300", quantity=500), an_item(model="H200", quantity=300)],
        "installation": {**a_draft()["installation"], "country": country},
    }


SAFEGUARDS = {
    "declared_facts": list(make.MONITORED),
    "undertaking_signatory": "Director",
    "undertaking_signed_on": "2026-03-31",
}
OUTCOMES = [
    pytest.param(strangers("AE"), "license", "received", id="license"),
    pytest.param(strangers("RU"), "refusal", "refused_barred", id="barred"),
    pytest.param({**strangers("SE"), "safeguards": SAFEGUARDS}, "exemption", "received", id="exemption"),
]


def with_documents(exporter: Program, draft: dict[str, Any]) -> dict[str, Any]:
    for kind in ("monitoring_plan", "recipient_undertaking"):
        assert exporter.upload(of(draft, "documents/"), a_pdf(kind, kind=kind)).status_code == 201
    return dict(exporter.get(of(draft)).json())


@pytest.mark.parametrize(("content", "kind", "status"), OUTCOMES)
@pytest.mark.parametrize("first_of_the_day", [False, True])
def test_a_submission_costs_at_most_thirty_queries_whatever_comes_of_it(
    exporter, content, kind, status, first_of_the_day, django_assert_max_num_queries
):
    draft = with_documents(exporter, exporter.create(**content))
    if first_of_the_day:
        ApiKey.objects.update(last_used_on=None)
    # Key, begin, idempotency and commit are among them.
    with django_assert_max_num_queries(30):
        filed = exporter.submit(draft)
    assert filed.status_code == 201
    assert (filed.json()["case"]["kind"], filed.json()["case"]["status"]) == (kind, status)
    assert filed.json() == exporter.get(of(draft, "status/")).json()


def test_a_submission_under_a_key_that_was_forgotten_gives_the_same_case_and_its_questions(exporter, who):
    draft = exporter.create()
    body = certification(version=draft["version"])
    assert exporter.send(of(draft, "submit/"), body, key="file").status_code == 201
    StoredAnswer.objects.all().delete()
    again = exporter.send(of(draft, "submit/"), body, key="file")
    assert again.status_code == 201
    assert again.json() == exporter.get(of(draft, "status/")).json()
    assert Case.objects.count() == 1


def test_a_key_that_expires_later_still_works(who):
    assert program(who.organization, expires_at=now() + timedelta(hours=1)).get("/applications/").status_code == 200
