"""How often a page asks the database, whole requests through the whole middleware, signed in."""

from datetime import UTC, datetime
from typing import Any

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from licensing import operations
from tests.accounts.factories import api_key
from tests.licensing import factories as make

CASE_PAGE_BAR = 20
SUBMIT_BAR = 30
AT = datetime.now(tz=UTC)


def measure() -> list[dict[str, Any]]:
    """A licensed case with everything on it, and an application whose parties and site are all new."""
    make.load_rules(at=AT)
    who = make.people()
    return [_case_page(who), _submission(who), *_submissions_by_key(who)]


def _row(name: str, asked: int, bar: int, detail: str) -> dict[str, Any]:
    return {"name": name, "figure": asked, "bar": bar, "holds": asked <= bar, "unit": "queries", "detail": detail}


def _signed_in(person: User) -> Client:
    client = Client()
    client.force_login(User.objects.get(pk=person.pk))
    client.get("/")
    return client


def _case_page(who: make.People) -> dict[str, Any]:
    case = make.assigned(who, at=AT, country="SA", items=[make.chips("GB300", 35000), make.chips("H200", 40)])
    asked = operations.request_information(
        case=case, question="Who operates the hall?", version=case.version, by=who.officer, at=AT
    )
    operations.answer_information(request=asked, answer="We do.", by=who.applicant, at=AT)
    operations.add_note(case=case, text="Looked at.", by=who.officer, at=AT)
    make.countersign(make.recommend(case, who, at=AT), who.countersigner, at=AT)
    make.waive_everything(case, who, at=AT)
    make.decide(case, who, at=AT)
    client = _signed_in(who.director)
    with CaptureQueriesContext(connection) as queries:
        response = client.get(f"/desk/cases/{case.acn}/")
    assert response.status_code == 200
    assert case.acn.encode() in response.content
    return _row("case page", len(queries), CASE_PAGE_BAR, "a licensed case with question, note, waiver and signatures")


def _new_names(country: str) -> dict[str, Any]:
    """Four parties, a site and two models, all named for the first time."""
    roles = ("purchaser", "intermediate_consignee", "ultimate_consignee", "end_user")
    return {
        "country": country,
        "site": f"New hall in {country}",
        "parties": [make.party(role, f"New {role} of {country}", country) for role in roles],
        "items": [make.chips("GB300", 500), make.chips("H200", 300)],
    }


def _submission(who: make.People) -> dict[str, Any]:
    draft = make.draft(who.applicant, at=AT, **_new_names("AE"))
    client = _signed_in(who.applicant)
    form = {
        "certifier_name": who.applicant.name,
        "certifier_title": "Export manager",
        "certified": "on",
        "version": draft.version,
        "key": "bench",
    }
    with CaptureQueriesContext(connection) as queries:
        response = client.post(f"/portal/applications/{draft.reference}/certify/", form)
    draft.refresh_from_db()
    assert draft.status == "submitted", response.status_code
    return _row(
        "submitting an application", len(queries), SUBMIT_BAR, "four parties, a site and two models, all named first"
    )


def _submissions_by_key(who: make.People) -> list[dict[str, Any]]:
    """The same over the API, for every outcome, with a key that was not used before on this day."""
    rows = []
    for kind, country, safeguards in (
        ("license", "SA", ()),
        ("refusal", "RU", ()),
        ("exemption", "SE", make.MONITORED),
    ):
        draft = make.draft(who.applicant, at=AT, safeguards=safeguards, **_new_names(country))
        secret = api_key(organization=who.organization)[1]
        with CaptureQueriesContext(connection) as queries:
            response = Client().post(
                f"/api/v1/applications/{draft.reference}/submit/",
                {"name": who.applicant.name, "title": "Manager", "certified": True, "version": draft.version},
                content_type="application/json",
                headers={"Authorization": f"Bearer {secret}", "Idempotency-Key": f"bench-{kind}"},
            )
        assert response.status_code == 201, response.content
        assert response.json()["case"]["kind"] == kind, response.content
        rows.append(
            _row(
                f"submitting over the API: {kind}",
                len(queries),
                SUBMIT_BAR,
                "key, begin, idempotency and commit among them",
            )
        )
    return rows
