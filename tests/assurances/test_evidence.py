"""What instruments are as evidence for a case: what suffices, what lacks, and what an applicant is told."""

from datetime import date
from typing import Any

import pytest

from accounts.rules import SYSTEM
from assurances import operations
from assurances.selectors import list_evidence
from registry.rules import Ask, Evidence
from tests.registry.factories import installation, party

from . import factories as make
from .factories import AT

pytestmark = pytest.mark.django_db

ASSURANCES = {
    "kinds": ["exchange_of_notes", "memorandum", "letter_of_assurance", "end_use_certificate"],
    "covers_units": True,
}
GUARANTEES = {"kinds": ["security_guarantee"], "covers_units": False}


def ask(**changes: Any) -> list[Evidence]:
    return list_evidence(
        Ask(
            **{
                "requirement": "government_assurance",
                "terms": ASSURANCES,
                "destination": "SA",
                "installation_id": None,
                "party_ids": frozenset(),
                "models": {"GB300": 35_000},
                "at": AT,
                **changes,
            }
        )
    )


def test_an_instrument_in_force_that_covers_the_case_suffices(who):
    instrument = make.in_force(who)
    (evidence,) = ask()
    assert evidence.suffices
    assert (evidence.kind, evidence.subject_id) == ("assurances.instrument", str(instrument.pk))
    assert evidence.left == 50_000
    assert evidence.until == instrument.until
    assert evidence.told == "The government of Saudi Arabia has given an assurance that is in force."


def test_every_shortcoming_is_told_with_what_would_supply_it(who):
    hall, buyer = installation(country="SA"), party()
    make.in_force(who, chip_models=("H200",), installation_ids=(hall.pk,), party_ids=(buyer.pk,), ceiling=30_000)
    (evidence,) = ask(installation_id=0, party_ids=frozenset({0}))
    assert len(evidence.lacks) == 4
    told = " ".join(evidence.lacks)
    assert "this one is not among them" in told
    assert "not every end user" in told
    assert "does not cover GB300" in told
    assert "30,000 chips left, and 35,000 are asked for" in told
    (evidence,) = ask(installation_id=hall.pk, party_ids=frozenset({buyer.pk}), models={"h 200": 30_000})
    assert evidence.suffices


def test_what_was_reserved_is_no_longer_offered(who):
    instrument = make.in_force(who)
    operations.reserve_coverage(instrument=instrument, units=20_000, key="k", reason="Case", by=SYSTEM, at=AT)
    (evidence,) = ask()
    assert not evidence.suffices
    assert evidence.left == 30_000


def test_a_security_guarantee_counts_without_a_count(who):
    make.in_force(who, kind="security_guarantee", ceiling=None, title="Guarantee")
    assert ask() == []
    (evidence,) = ask(terms=GUARANTEES, models={"GB300": 260_000})
    assert evidence.suffices
    assert evidence.left is None


def test_an_instrument_of_another_country_is_not_offered(who):
    make.in_force(who)
    assert ask(destination="AE") == []


@pytest.mark.parametrize(
    ("state", "lacks", "told"),
    [
        (make.drafted, "It is a draft", "prepares a request to the government of Saudi Arabia"),
        (make.requested, "State has contacted", "through the Department of State"),
        (make.negotiated, "a text has to be agreed", "Waiting for the government of Saudi Arabia"),
        (make.agreed, "has to be received", "Waiting for the signature"),
        (make.signed, "second assurance officer", "the Department of Commerce checks it"),
        (make.suspended, "It is suspended", "Waiting for the Department of Commerce."),
        (make.cured, "A breach is being cured", "Waiting for the Department of Commerce."),
    ],
)
def test_each_state_says_what_is_missing_and_tells_the_applicant_no_more_than_they_may_know(who, state, lacks, told):
    state(who)
    (evidence,) = ask()
    assert any(lacks in sentence for sentence in evidence.lacks)
    assert told in evidence.told


def test_what_has_ended_lacks_a_renewal(who):
    instrument = make.in_force(who, to_on=date(2026, 5, 1))
    (evidence,) = ask(at=instrument.until)
    assert evidence.lacks == ("It has expired: renew it.",)


def test_a_missing_mandatory_undertaking_keeps_it_from_counting_and_is_named(who):
    make.signed(who, without=("remedies",))
    (evidence,) = ask()
    assert any("Missing undertakings: “Remedies”" in sentence for sentence in evidence.lacks)


def test_the_best_comes_first_in_three_queries(who, django_assert_num_queries):
    make.drafted(who, title="Draft")
    make.in_force(who, title="Small", ceiling=10)
    make.in_force(who, title="Good")
    make.suspended(who, title="Stopped")
    with django_assert_num_queries(3):
        found = ask()
    assert [evidence.title.split(" (")[0] for evidence in found] == ["Good", "Small", "Stopped", "Draft"]
    assert [evidence.suffices for evidence in found] == [True, False, False, False]
