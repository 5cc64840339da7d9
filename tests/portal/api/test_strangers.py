"""To another organization's key, what is somebody else's is exactly what is not there."""

import uuid
from typing import Any

import pytest
from django.http import HttpResponse
from django.utils import timezone

from audit.models import Entry
from licensing import operations
from portal.models import StoredAnswer
from tests.licensing import factories as make
from tests.portal.api.calling import Program, a_draft, a_pdf, certification
from tests.portal.api.test_access import CLOSED, methods_of

pytestmark = pytest.mark.django_db
# Complete content for every write, so that nothing else can be said of it than that there is nothing here.
CONTENT: dict[str, Any] = {
    "put application": {**a_draft(), "version": 1},
    "post submit": certification(version=1),
    "post withdraw": {"reason": "Not mine."},
    "post copy": {},
    "post answer": {"answer": "Not mine."},
    "post surrender": {"reason": "Not mine."},
    "delete document": b"",
    "post shipments": {"shipped_on": "2026-01-01", "lines": [{"line": 1, "quantity": 1, "value_cents": 1_000_000}]},
}
OF_NOBODY = {"editions", "determinations", "applications"}


def call(caller: Program, name: str, method: str, route: str, places: dict[str, Any]) -> HttpResponse:
    address = "/" + route
    for kind, place in (
        ("uuid", "reference"),
        ("int", "number"),
        ("int", "document_id"),
        ("int", "letter_id"),
        ("str", "license_number"),
        ("int", "shipment_number"),
    ):
        address = address.replace(f"<{kind}:{place}>", str(places[place]))
    if method == "get":
        return caller.get(address)
    if f"{method} {name}" == "post documents":
        return caller.upload(address, a_pdf())
    return caller.send(address, CONTENT[f"{method} {name}"], method=method)


def test_every_address_answers_a_stranger_as_if_nothing_were_there(exporter, stranger, who):
    case = make.assigned(who, at=timezone.now())
    operations.request_information(
        case=case, question="Who runs it?", version=case.version, by=who.officer, at=timezone.now()
    )
    licensed = make.licensed(who, at=timezone.now(), site="Hall 2")
    draft = exporter.create()
    added = exporter.upload(f"/applications/{draft['reference']}/documents/", a_pdf())
    there = {"number": 1, "document_id": added.json()["id"], "letter_id": licensed.letters.get().pk}
    there |= {"license_number": licensed.license.number, "shipment_number": 1}
    nowhere = {"reference": uuid.uuid4(), "number": 1, "document_id": 10**9, "letter_id": 10**9}
    nowhere |= {"license_number": "D999999", "shipment_number": 10**9}
    before = Entry.objects.count(), StoredAnswer.objects.count()
    seen = 0
    for reference in (draft["reference"], case.application.reference, licensed.application.reference):
        for pattern in CLOSED:
            if pattern.name in OF_NOBODY:
                continue
            for method in methods_of(pattern):
                told = [
                    call(stranger, str(pattern.name), method, str(pattern.pattern), places)
                    for places in ({**there, "reference": reference}, nowhere)
                ]
                assert [each.status_code for each in told] == [404, 404], (method, pattern.name)
                assert told[0].content == told[1].content, (method, pattern.name)
                assert told[0].headers == told[1].headers, (method, pattern.name)
                seen += 1
    assert seen == 3 * 18
    assert (Entry.objects.count(), StoredAnswer.objects.count()) == before
    theirs = stranger.get("/applications/", {"after": draft["reference"]})
    nobodys = stranger.get("/applications/", {"after": str(uuid.uuid4())})
    assert (theirs.status_code, theirs.content) == (400, nobodys.content)
