"""Calling the API as a program does, with bodies that a test then breaks in one place."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from django.http import HttpResponse
from django.test import Client

from accounts.models import ApiKey, Organization
from licensing.models import Application
from tests.accounts.factories import api_key
from tests.licensing import factories as make

ROOT = "/api/v1"
_numbers = count(1)


@dataclass
class Program:
    """A program of an exporter, with its key."""

    secret: str
    key: ApiKey | None = None
    client: Client = field(default_factory=lambda: Client(raise_request_exception=False))

    @property
    def organization(self) -> Organization:
        assert self.key is not None
        return self.key.organization

    def get(self, address: str, query: Mapping[str, Any] | None = None) -> HttpResponse:
        """Read an address below the root."""
        return self.client.get(f"{ROOT}{address}", query, headers={"Authorization": f"Bearer {self.secret}"})

    def send(self, address: str, body: Any, *, method: str = "post", key: str | None = None) -> HttpResponse:
        """Write JSON under an idempotency key; a new one where none is given, and none for an empty text."""
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        return self.client.generic(
            method.upper(),
            f"{ROOT}{address}",
            content,
            content_type="application/json",
            headers=self._headers(key),
        )

    def upload(self, address: str, parts: Mapping[str, Any], *, key: str | None = None) -> HttpResponse:
        """Write a multipart form under an idempotency key."""
        return self.client.post(f"{ROOT}{address}", parts, headers=self._headers(key))

    def _headers(self, key: str | None) -> dict[str, str]:
        named = f"request-{next(_numbers)}" if key is None else key
        return {"Authorization": f"Bearer {self.secret}", **({"Idempotency-Key": named} if named else {})}

    def create(self, **changes: Any) -> dict[str, Any]:
        """A draft, as it was answered."""
        answer = self.send("/applications/", a_draft(**changes))
        assert answer.status_code == 201, answer.content.decode()
        return dict(answer.json())

    def submit(self, draft: Mapping[str, Any], **changes: Any) -> HttpResponse:
        """Certify and file a draft."""
        return self.send(of(draft, "submit/"), certification(**{"version": draft["version"], **changes}))


def program(organization: Organization | None = None, **fields: Any) -> Program:
    """A program with a key of an organization, of a new exporter unless told otherwise."""
    key, secret = api_key(organization=organization, **fields)
    return Program(secret=secret, key=key)


def of(draft: Mapping[str, Any] | Application, part: str = "") -> str:
    """An address below an application."""
    reference = draft.reference if isinstance(draft, Application) else draft["reference"]
    return f"/applications/{reference}/{part}"


def a_party(role: str, **changes: Any) -> dict[str, Any]:
    """A party as a program gives it."""
    return {
        "role": role,
        "name": "Norrsken Compute AB",
        "address": "1 Example Road",
        "city": "Luleå",
        "country": "SE",
        "headquarters": "SE",
        **changes,
    }


def an_item(**changes: Any) -> dict[str, Any]:
    """A line of chips as a program gives it."""
    return {
        "kind": "chip",
        "eccn": "3A090.a",
        "model": "A100",
        "manufacturer": "NVIDIA",
        "quantity": 752,
        "unit_price": "10000.00",
        **changes,
    }


def a_draft(**changes: Any) -> dict[str, Any]:
    """A whole application that can be filed."""
    return {
        "own_reference": "ORDER-17",
        "parties": [a_party("purchaser"), a_party("ultimate_consignee"), a_party("end_user")],
        "installation": {
            "name": "Luleå Hall 1",
            "operator": "Norrsken Compute AB",
            "address": "2 Example Road",
            "city": "Luleå",
            "country": "SE",
        },
        "items": [an_item()],
        "end_use": "Training of weather models for the national meteorological service, by its own staff.",
        **changes,
    }


def certification(*, version: Any, **changes: Any) -> dict[str, Any]:
    """What is certified."""
    return {"name": "Ada Person", "title": "Export manager", "certified": True, "version": version, **changes}


def a_pdf(text: str = "plan", **changes: Any) -> dict[str, Any]:
    """The parts of a document to add."""
    return {"kind": "other", "title": "A paper", "file": make.pdf(text=text), **changes}


def assert_problem(answer: HttpResponse, status: int, *, field: str | None = None, says: str = "") -> dict[str, Any]:
    """It is a problem document of this status; it names the field, and says the words."""
    assert answer.status_code == status, answer.content.decode()
    assert answer.headers["Content-Type"] == "application/problem+json"
    body = dict(answer.json())
    assert body["status"] == status
    assert body["title"]
    assert body["detail"]
    assert "Traceback" not in answer.content.decode()
    if field is not None:
        assert field in [error["field"] for error in body["errors"]], body
    assert says in answer.content.decode(), body
    return body
