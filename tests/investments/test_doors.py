"""Every address of commitments, as every kind of person: what the table of doors does not open is shut."""

from datetime import timedelta

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.statuses import Role
from audit.models import Entry
from tests.accounts.factories import user
from tests.investments import factories as make
from tests.investments.doors import TABLE, prepare
from tests.licensing.factories import People
from tests.repository.doors import World

PEOPLE = (
    Role.COMMITMENT_OFFICER,
    Role.WAIVER_OFFICIAL,
    Role.LICENSING_OFFICER,
    Role.AGENCY_REVIEWER,
    Role.EXPORTER_MEMBER,
    Role.AUDITOR,
)


@pytest.fixture
def world(db) -> World:
    make.load_rules(timezone.now() - timedelta(days=1))
    people = {role: user(role) for role in PEOPLE}
    made = World(people=people, who=People(), draft=None, cases={}, other_officer=people[Role.LICENSING_OFFICER])
    made.args = prepare(made)
    return made


def address(name, world):
    args = TABLE[name].given(world)
    wanted = {key: value for key, value in args.items() if key == "number" or f"{key}:" in KEYS.get(name, "")}
    return reverse(name, kwargs=wanted)


# Which number of a row an address takes.
KEYS = {
    "desk:commitment_paper": "paper_id:",
    "desk:commitment_remove_asset": "asset_id:",
    "desk:commitment_remove_milestone": "milestone_id:",
    "desk:commitment_reverse_amount": "entry_id:",
    "desk:commitment_verify": "evidence_id:",
    "desk:commitment_withdraw_evidence": "evidence_id:",
    "desk:commitment_reverse": "evidence_id:",
    "desk:commitment_plan": "shortfall_id:",
    "desk:commitment_waive": "shortfall_id:",
}


def test_every_page_opens_to_whom_it_is_for_and_every_act_is_theirs_alone(world):
    wrong = []
    for role in PEOPLE:
        client = Client()
        client.force_login(world.people[role])
        for name, access in TABLE.items():
            target = address(name, world)
            if access.read:
                answer = client.get(target)
                if answer.streaming:
                    list(answer)  # read to its end, a file is closed
                if answer.status_code != (200 if role in access.read else 403):
                    wrong.append(f"{role} reads {name}: {answer.status_code}")
            if access.act:
                with transaction.atomic():
                    before = Entry.objects.count()
                    answer = client.post(target, access.sends(world))
                    made = Entry.objects.count() - before
                    transaction.set_rollback(True)
                acts = answer.status_code == 302 and (made or name == "desk:commitment_assess")
                if role in access.act and not acts:
                    wrong.append(f"{role} acts on {name}: {answer.status_code}, {made} entries")
                if role not in access.act and (answer.status_code != 403 or made):
                    wrong.append(f"{role} is not shut out of {name}: {answer.status_code}, {made} entries")
    assert wrong == []
