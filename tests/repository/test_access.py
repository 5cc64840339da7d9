"""Every address of the site, as every kind of person: what the table does not open is shut.

The table names who may read an address and who may act on it. An address that it does not know fails the walk,
so that nobody adds a page without saying who it is for. Acts are sent as a browser would send them, complete:
only then does a refusal come from the permission and not from a form.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from importlib import import_module
from importlib.util import find_spec
from typing import Any
from uuid import uuid4

import pytest
from django.contrib import admin
from django.db import transaction
from django.test import Client, override_settings
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone

from accounts.statuses import Role
from audit.models import Entry
from audit.operations import seal_journal
from licensing import operations
from licensing.statuses import DecisionKind, RecommendedAction
from registry.operations import place_hold
from tests.accounts.factories import api_key, organization, user
from tests.licensing import factories as make
from tests.repository.doors import (
    A_PARTY,
    AN_ITEM,
    ANONYMOUS,
    APPLICANT,
    COMMERCE,
    DESK,
    DIRECTOR,
    EVERYBODY,
    EXPORTERS,
    HOLDERS,
    KEY_HOLDERS,
    NO_ROLE,
    OFFICER,
    PEOPLE,
    READERS,
    SIGNED_IN,
    SIGNER,
    STRANGER,
    WAIVER,
    Access,
    World,
    act_on,
    newest,
    of_draft,
    on,
    only_acting,
)

# The tracks say themselves who may open their pages, and make what those pages show.
TRACKS = [
    import_module(f"tests.{track}.doors")
    for track in ("assurances", "inspections", "investments", "allocations")
    if find_spec(f"tests.{track}.doors")
]


def a_shipment(world: World) -> dict[str, Any]:
    """A shipment as the portal's form sends it, all the way to the record."""
    today = timezone.localdate().isoformat()
    return {"act": "record", "key": str(uuid4()), "shipped_on": today, "quantity_1": "1", "value_1": "10000"}


def a_paper(name: str) -> Access:
    """A paper of a track in the reading room: read by oversight, and every opening written down."""
    return Access(READERS, given=lambda world: {"pk": world.args[name]}, is_written_down=True)


TABLE: dict[str, Access] = {
    # Open to everybody.
    "home": Access(EVERYBODY),
    "about": Access(EVERYBODY),
    "rules": Access(EVERYBODY),
    "accessibility": Access(EVERYBODY),
    "healthz": Access(EVERYBODY),
    "readyz": Access(EVERYBODY),
    "validation:form": Access(EVERYBODY),
    "validation:license": Access(EVERYBODY, given=lambda world: {"number": "D000001"}),
    # Whoever is signed in is led on from the sign-in page.
    "accounts:sign_in": Access(EVERYBODY, EVERYBODY),
    "accounts:sign_out": Access(act=SIGNED_IN),
    "accounts:password": Access(SIGNED_IN, SIGNED_IN),
    # The portal: exporters, each its own organization's.
    "portal:home": Access(EXPORTERS),
    "portal:start": Access(act=EXPORTERS),
    "portal:application": Access(APPLICANT),
    "portal:parties": Access(APPLICANT),
    "portal:add_party": of_draft(**A_PARTY),
    "portal:party": of_draft(**A_PARTY),
    "portal:remove_party": of_draft(),
    "portal:installation": of_draft(site_name="Hall 1", site_address="2 Road", site_city="Luleå", site_country="SE"),
    "portal:items": Access(APPLICANT),
    "portal:add_item": of_draft(**AN_ITEM),
    "portal:item": of_draft(**AN_ITEM),
    "portal:remove_item": of_draft(),
    "portal:end-use": of_draft(end_use="Weather models of the national meteorological service."),
    "portal:safeguards": of_draft(),
    "portal:documents": Access(
        APPLICANT, APPLICANT, sends=lambda world: {"kind": "other", "title": "x", "file": make.pdf(text="walk")}
    ),
    "portal:remove_document": of_draft(),
    "portal:review": Access(APPLICANT),
    "portal:certify": of_draft(key="k", certifier_name="A Person", certified="on"),
    "portal:withdraw": of_draft(reason="The buyer gave up."),
    "portal:copy": only_acting(of_draft()),
    "portal:case": Access(APPLICANT, given=on("licensed")),
    "portal:answer": Access(
        APPLICANT, APPLICANT, sends=lambda world: {"answer": "The operator's own staff."}, given=on("asked")
    ),
    "portal:document": Access(APPLICANT),
    "portal:letter": Access(APPLICANT, given=on("licensed")),
    "portal:licenses": Access(EXPORTERS),
    "portal:shipments": Access(APPLICANT, given=on("licensed")),
    "portal:record_shipment": Access(APPLICANT, APPLICANT, sends=a_shipment, given=on("licensed")),
    "portal:surrender": Access(
        APPLICANT, APPLICANT, sends=lambda world: {"reason": "The buyer gave up."}, given=on("licensed")
    ),
    "portal:inbox": Access(EXPORTERS, EXPORTERS),
    "portal:organization": Access(EXPORTERS),
    "portal:keys": Access(KEY_HOLDERS),
    "portal:new_key": Access(KEY_HOLDERS, KEY_HOLDERS, sends=lambda world: {"name": "Order system"}),
    "portal:revoke_key": Access(frozenset({Role.EXPORTER_ADMIN}), frozenset({Role.EXPORTER_ADMIN})),
    # The desk: Commerce sees every case; an agency's reviewer has an empty basket and an inbox.
    "desk:basket": Access(DESK),
    "desk:inbox": Access(DESK, DESK),
    "desk:case": Access(COMMERCE),
    # A director, who may assign, is told by a rule that only an officer can hold a case.
    "desk:take": act_on("received", OFFICER | DIRECTOR),
    "desk:assign": act_on("received", DIRECTOR, officer=lambda world: world.other_officer.pk),
    "desk:request_information": act_on("review", OFFICER, question="Who runs the hall?"),
    "desk:recommend": act_on("review", OFFICER, action=RecommendedAction.APPROVE, line_1="752", reasons="Verified."),
    "desk:countersign": act_on(
        "recommended",
        SIGNER,
        read="on",
        content_hash=lambda world: newest(world).content_hash,
        recommendation=lambda world: newest(world).pk,
    ),
    "desk:send_back": act_on("recommended", SIGNER | DIRECTOR, reason="Say more on the end user."),
    "desk:decide": act_on(
        "countersigned", DIRECTOR, kind=DecisionKind.APPROVE, line_1="752", reasons="As recommended."
    ),
    "desk:exemption": act_on("exemption", OFFICER, outcome="accept", reasons="Both suffice."),
    "desk:add_note": only_acting(act_on("review", COMMERCE, text="Seen.")),
    "desk:satisfy": act_on("large", OFFICER, evidence=lambda world: world.args["evidence"], says=""),
    "desk:waive": act_on("large", WAIVER, reason="Covered by the arrangement of 2025."),
    "desk:reopen": act_on("satisfied", OFFICER, reason="The letter was not signed."),
    "desk:document": Access(COMMERCE, given=on("exemption")),
    "desk:letter": Access(COMMERCE, given=on("licensed")),
    "desk:licenses": Access(COMMERCE),
    "desk:license": Access(COMMERCE, given=lambda world: {"number": world.cases["licensed"].license.number}),
    "desk:installations": Access(COMMERCE),
    "desk:parties": Access(COMMERCE),
    "desk:holds": Access(COMMERCE),
    "desk:hold_country": Access(HOLDERS),
    "desk:place_hold": Access(
        HOLDERS,
        HOLDERS,
        sends=lambda world: {"cause": "other", "says": "Until it is clear.", "lifter_role": Role.COUNTERSIGNER},
        given=lambda world: {"scope_kind": "country", "scope_id": "NZ"},
    ),
    "desk:lift_hold": Access(DIRECTOR, DIRECTOR, sends=lambda world: {"reason": "It is clear now."}),
    # The reading room: oversight reads everything and writes nothing.
    "admin:index": Access(READERS),
    "admin:journal": Access(READERS),
    "admin:journal_verify": Access(act=READERS),
    "admin:journal_subject": Access(
        READERS,
        given=lambda world: {"subject_kind": "licensing.case", "subject_id": world.cases["licensed"].pk},
    ),
    "admin:licensing_letter_file": Access(
        READERS, given=lambda world: {"pk": world.cases["licensed"].letters.first().pk}, is_written_down=True
    ),
    "admin:licensing_document_file": Access(
        READERS,
        given=lambda world: {"pk": world.cases["exemption"].application.documents.first().pk},
        is_written_down=True,
    ),
    "admin:assurances_textversion_file": a_paper("text_id"),
    "admin:assurances_translation_file": a_paper("translation_id"),
    "admin:assurances_breach_file": a_paper("breach_id"),
    "admin:inspections_paper_file": a_paper("visit_paper"),
    "admin:inspections_seriallist_file": a_paper("visit_list"),
    "admin:investments_paper_file": a_paper("commitment_standing_paper_id"),
}
for track in TRACKS:
    TABLE.update(track.TABLE)
# The pages of the models in the reading room, by the end of their name. There is no row 0: it is not found.
KINDS = {
    "changelist": Access(READERS),
    "change": Access(READERS),
    "history": Access(READERS),
    "": Access(READERS),
    "add": Access(),
    "delete": Access(),
}
APPS = "(" + "|".join(sorted({model._meta.app_label for model in admin.site._registry})) + ")"
_OF_A_MODEL = re.compile(
    r"oversight/" + APPS + r"/[a-z]+/(<path:object_id>/)?"
    r"((add|change|history|delete)/)?"
)
_OF_AN_APP = re.compile(r"admin:app_" + APPS + r"")


@dataclass(frozen=True)
class Address:
    """One line of the URLconf."""

    name: str
    route: str


def walk(patterns: list[Any], prefix: str = "", spaces: tuple[str, ...] = ()) -> Iterator[Address]:
    """Every line of the URLconf, with its full name and its full route."""
    for pattern in patterns:
        route = prefix + str(pattern.pattern).lstrip("^")
        if isinstance(pattern, URLResolver):
            yield from walk(pattern.url_patterns, route, (*spaces, *filter(None, [pattern.namespace])))
        else:
            assert isinstance(pattern, URLPattern)
            yield Address(":".join([*spaces, pattern.name or ""]), route)


def access_to(address: Address) -> Access | None:
    """What the table says of an address; None when it says nothing."""
    if address.name in TABLE:
        return TABLE[address.name]
    if _OF_AN_APP.fullmatch(address.name):
        return Access(READERS)
    of_model = _OF_A_MODEL.fullmatch(address.route)
    if address.name.startswith("admin:") and of_model:
        listed = not of_model[2] and not of_model[3]
        return KINDS["changelist" if listed else of_model[4] or ""]
    return None


EVERY_ADDRESS = list(walk(get_resolver().url_patterns))
ADDRESSES = [each for each in EVERY_ADDRESS if not each.name.startswith("api:")]
OF_THE_API = [each for each in EVERY_ADDRESS if each.name.startswith("api:")]


def test_the_table_knows_every_address_and_no_other():
    assert [each for each in ADDRESSES if access_to(each) is None] == [], "Say in the table who may open these."
    assert set(TABLE) - {each.name for each in ADDRESSES} == set(), "The table names addresses that are not there."


def test_every_address_has_one_name():
    named = [each.name for each in ADDRESSES if not each.name.endswith(":")]
    assert sorted(named) == sorted(set(named))


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker, tmp_path_factory) -> Iterator[World]:
    """One world for the whole walk, in a transaction that is taken back at its end."""
    documents = tmp_path_factory.getbasetemp() / "documents"
    with django_db_blocker.unblock(), override_settings(MEDIA_ROOT=documents), transaction.atomic():
        yield make_world()
        transaction.set_rollback(True)


def make_world() -> World:
    """A draft, and a case in each state."""
    # Close to the clock that the pages read: a question that waits half a year would be another story.
    at = timezone.now() - timedelta(hours=2)
    make.load_rules(at=at)
    who = make.people()
    administrator = user(Role.EXPORTER_ADMIN, organization=who.organization)
    people = {
        **{str(role): user(role) for role in Role},
        Role.EXPORTER_MEMBER: who.applicant,
        Role.EXPORTER_ADMIN: administrator,
        Role.LICENSING_OFFICER: who.officer,
        Role.COUNTERSIGNER: who.countersigner,
        Role.LICENSING_DIRECTOR: who.director,
        Role.WAIVER_OFFICIAL: who.waivers[0],
        NO_ROLE: user(None),
        STRANGER: user(Role.EXPORTER_ADMIN, organization=organization()),
    }

    def at_site(number: int) -> dict[str, Any]:
        return {"at": at, "end_user": f"Norrsken Compute {number} AB", "site": f"Luleå Hall {number}"}

    asked = make.assigned(who, **at_site(1))
    operations.request_information(case=asked, question="Who?", version=asked.version, by=who.officer, at=at)
    recommended = make.assigned(who, **at_site(2))
    make.recommend(recommended, who, at=at)
    large = {"country": "SA", "items": [make.chips("GB300", 35_000)]}
    cases = {
        "received": make.filed(who, **at_site(3)),
        "review": make.assigned(who, **at_site(4)),
        "asked": asked,
        "recommended": recommended,
        "countersigned": make.countersigned(who, **at_site(5)),
        "licensed": make.licensed(who, **at_site(6)),
        "exemption": make.assigned(who, safeguards=make.MONITORED, **at_site(7)),
        "large": make.assigned(who, **at_site(8), **large),
        "satisfied": make.assigned(who, **at_site(10), **large),
    }
    instrument = make.meet(cases["satisfied"], who, "government_assurance", at=at)
    operations.record_shipment(
        license=cases["licensed"].license,
        shipped_on=timezone.localdate(at),
        lines={1: operations.Shipped(1, 10_000_00)},
        key="walk",
        by=who.applicant,
        at=at,
    )
    draft = make.draft(who.applicant, safeguards=make.MONITORED, **at_site(9))
    key, secret = api_key(organization=who.organization, created_by=administrator)
    _, strangers = api_key(organization=people[STRANGER].organization, created_by=people[STRANGER])
    _, revoked = api_key(organization=who.organization, created_by=administrator, revoked_at=at)
    _, expired = api_key(organization=who.organization, created_by=administrator, expires_at=at)
    hold = place_hold(
        scope=("country", "NZ"), cause="other", says="Wait.", lifter_role=Role.LICENSING_DIRECTOR, by=who.officer, at=at
    )
    seal_journal(at=at + timedelta(hours=1))
    world = World(people=people, who=who, draft=draft, cases=cases, other_officer=user(Role.LICENSING_OFFICER))
    world.secrets = {"own": secret, "another's": strangers, "revoked": revoked, "expired": expired}
    world.args = {
        "evidence": f"government_assurance|assurances.instrument|{instrument.pk}",
        **on("licensed")(world),
        "license_number": cases["licensed"].license.number,
        "shipment_number": 1,
        "reference": draft.reference,
        "place": 1,
        "document_id": draft.documents.first().pk,
        "key_id": key.pk,
        "hold_id": hold.pk,
        "object_id": 0,
        "app_label": "licensing",
    }
    for track in TRACKS:
        world.args.update(track.prepare(world))
    return world


def url_of(address: Address, access: Access, world: World) -> str:
    """The address with its arguments filled in."""
    args = {**world.args, **access.given(world)}
    return "/" + re.sub(r"<(?:\w+:)?(\w+)>", lambda found: str(args[found[1]]), address.route).rstrip("$")


def client_of(person: str, world: World) -> Client:
    client = Client()
    if person != ANONYMOUS:
        client.force_login(world.people[person])
    return client


def ask(client: Client, method: str, url: str, sends: dict[str, Any] | None = None) -> tuple[Any, int]:
    """The answer, and how many journal entries it made; whatever it did is taken back."""
    with transaction.atomic():
        before = Entry.objects.count()
        answer = getattr(client, method)(url, sends) if sends is not None else getattr(client, method)(url)
        made = Entry.objects.count() - before
        if answer.streaming:
            list(answer)  # read to its end, a file is closed
        transaction.set_rollback(True)
    return answer, made


def is_shut(answer: Any, person: str) -> bool:
    """A stranger is led to the door; whoever is signed in is told that there is nothing here for them."""
    if person == ANONYMOUS:
        return answer.status_code == 302 and answer["Location"].startswith("/sign-in/?next=")
    return answer.status_code in (403, 404)


def is_open(answer: Any, address: Address) -> bool:
    """The page, a redirect within the site, or a rule or a form that says no to what was sent."""
    if address.route.startswith("oversight/") and "<path:object_id>" in address.route:
        return answer.status_code in (301, 302, 404)
    if address.name in ("readyz", "validation:license"):
        return answer.status_code in (200, 503)
    led_to_the_door = answer.status_code == 302 and answer["Location"].startswith("/sign-in/")
    # A form of one's own account that was sent empty comes back with its errors: it was open.
    came_back = answer.status_code == 400 and answer.request["PATH_INFO"] in ("/sign-in/", "/password/")
    return (came_back or answer.status_code in (200, 301, 302, 409)) and not led_to_the_door


@pytest.mark.parametrize("person", [*PEOPLE, ANONYMOUS])
def test_every_page_opens_to_whom_it_is_for_and_to_nobody_else(world, db, person):
    client, wrong = client_of(person, world), []
    for address in ADDRESSES:
        access = access_to(address)
        assert access is not None, address
        answer, made = ask(client, "get", url_of(address, access, world))
        if not access.read and access.act and answer.status_code == 405:
            continue  # an address that only takes acts
        fits = is_open(answer, address) if person in access.read else is_shut(answer, person)
        if not fits or made != (access.is_written_down and person in access.read):
            wrong.append(f"{address.name or address.route}: {answer.status_code}, {made} journal entries")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("person", [*PEOPLE, ANONYMOUS])
def test_every_act_is_done_by_those_whose_act_it_is_and_by_nobody_else(world, db, person):
    client, wrong = client_of(person, world), []
    for address in ADDRESSES:
        access = access_to(address)
        assert access is not None, address
        answer, made = ask(client, "post", url_of(address, access, world), access.sends(world))
        if not access.act and answer.status_code in (403, 404, 405) and not made:
            continue  # a page to read, which takes nothing
        if person in access.read and address.name.startswith("admin:") and not access.act and not made:
            continue  # Django's own pages answer an act like a look; tests/oversight proves that none is done
        fits = is_open(answer, address) if person in access.act else is_shut(answer, person) and not made
        if not fits:
            wrong.append(f"{address.name or address.route}: {answer.status_code}, {made} journal entries")
        if address.name == "accounts:sign_out":
            client = client_of(person, world)
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("person", [Role.EXPORTER_ADMIN, Role.LICENSING_DIRECTOR, Role.ADMINISTRATOR])
def test_no_address_takes_another_method(world, db, person):
    client, wrong = client_of(person, world), []
    for address in ADDRESSES:
        access = access_to(address)
        assert access is not None, address
        if person not in access.read | access.act:
            continue  # shut already
        for method in ("put", "patch", "delete"):
            answer, made = ask(client, method, url_of(address, access, world))
            # Django's own pages answer another method like one they know, and do nothing that it asks for.
            knows_no_method = address.name.startswith(("admin:", "accounts:", "healthz", "readyz"))
            if made or not (answer.status_code in (403, 404, 405) or knows_no_method):
                wrong.append(f"{method} {address.name or address.route}: {answer.status_code}, {made} entries")
    assert not wrong, "\n".join(wrong)


# Whom the API serves: everybody, whoever holds a key, or the key of the organization whose thing it is.
ANYBODY, ANY_KEY, OWN_KEY, NO_KEY = "anybody", "any key", "own key", "no key"
API: dict[str, str] = {
    "api:schema": ANYBODY,
    "api:nothing": NO_KEY,
    "api:editions": ANY_KEY,
    "api:determinations": ANY_KEY,
    "api:applications": ANY_KEY,
    "api:application": OWN_KEY,
    "api:documents": OWN_KEY,
    "api:document": OWN_KEY,
    "api:copy": OWN_KEY,
    "api:submit": OWN_KEY,
    "api:withdraw": OWN_KEY,
    "api:status": OWN_KEY,
    "api:requirements": OWN_KEY,
    "api:license": OWN_KEY,
    "api:answer": OWN_KEY,
    "api:letter": OWN_KEY,
    "api:shipments": OWN_KEY,
    "api:shipment": OWN_KEY,
    "api:surrender": OWN_KEY,
}
# On which case an address is called, where it is not the licensed one.
STANDS_ON = {"api:answer": "asked", "api:document": "exemption"}
METHODS = ("get", "post", "put", "patch", "delete")
# Complete content where an incomplete one would be refused for its form, before anybody asks whose thing it is.
CONTENT: dict[str, dict[str, Any]] = {
    "api:submit": {"name": "A Person", "title": "Manager", "certified": True, "version": 1},
    "api:withdraw": {"reason": "The buyer gave up."},
    "api:surrender": {"reason": "The buyer gave up."},
    "api:answer": {"answer": "The operator's own staff."},
    "api:shipments": {"shipped_on": "2026-01-01", "lines": [{"line": 1, "quantity": 1, "value_cents": 1_000_000}]},
}


def test_the_table_knows_every_address_of_the_api_and_no_other():
    assert {each.name for each in OF_THE_API} == set(API)


@pytest.mark.parametrize("caller", ["nothing", "session", "revoked", "expired", "another's", "own"])
def test_the_api_answers_a_key_with_what_is_its_organizations_and_nothing_else(world, db, caller):
    client, headers, wrong = Client(), {"Idempotency-Key": f"walk-{caller}"}, []
    if caller == "session":
        client.force_login(world.people[Role.EXPORTER_ADMIN])
    elif caller in world.secrets:
        headers["Authorization"] = f"Bearer {world.secrets[caller]}"
    has_key = caller in ("another's", "own")
    for address in OF_THE_API:
        access = Access(given=on(STANDS_ON.get(address.name, "licensed")))
        for method in METHODS:
            with transaction.atomic():
                before = Entry.objects.count()
                url = url_of(address, access, world)
                body = {} if method == "get" else {"content_type": "application/json"}
                sent = {} if method == "get" else CONTENT.get(address.name, {})
                answer = getattr(client, method)(url, sent, headers=headers, **body)
                made = Entry.objects.count() - before
                if answer.streaming:
                    list(answer)  # read to its end, a file is closed
                transaction.set_rollback(True)
            status, serves = answer.status_code, API[address.name]
            if serves == NO_KEY:
                fits = status == 404
            elif serves == ANYBODY:
                fits = status == (200 if method == "get" else 405)
            elif not has_key:
                fits = status == 401 and not made
            elif serves == OWN_KEY and caller == "another's":
                draft_is_read_first = (method, address.name) == ("put", "api:application")
                fits = (status in (404, 405, 415) or (draft_is_read_first and status == 400)) and not made
            else:
                fits = status in (200, 201, 400, 405, 409, 415, 422)
            if not fits:
                wrong.append(f"{method} {address.name}: {status}, {made} journal entries")
    assert not wrong, "\n".join(wrong)


def test_an_organizations_own_key_reads_everything_that_is_its_own(world, db):
    client = Client(headers={"Authorization": f"Bearer {world.secrets['own']}"})
    for name in ("applications", "application", "status", "requirements", "license", "letter", "shipments", "shipment"):
        (address,) = (each for each in OF_THE_API if each.name == f"api:{name}")
        assert client.get(url_of(address, Access(given=on("licensed")), world)).status_code == 200, name
