"""What commitments offer to a case: which suffice, and what the others lack."""

from datetime import UTC, date, datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from investments import operations
from investments.selectors import list_evidence
from registry.models import Party
from registry.rules import Ask
from tests.investments import factories as make
from tests.investments.test_shortfalls import AFTER
from tests.registry.factories import own, party


def ask(*parties: Party, destination: str = "SA", at: datetime = make.AT) -> Ask:
    return Ask(
        requirement="us_investment",
        terms={},
        destination=destination,
        installation_id=None,
        party_ids=frozenset(each.pk for each in parties),
        models={"GB300": 260_000},
        at=at,
    )


def test_a_commitment_in_force_of_the_destination_suffices_until_its_last_day_is_over(who):
    commitment = make.in_force(who)
    make.verified(commitment, who, "1,000,000,000")
    (found,) = list_evidence(ask())
    assert found.suffices
    assert (found.kind, found.subject_id) == ("investments.commitment", str(commitment.pk))
    assert found.until == datetime(2028, 1, 1, 5, 0, tzinfo=UTC)
    assert "USD 1,000,000,000.00 verified of USD 10,000,000,000.00" in found.says
    assert "USD" not in found.told
    assert list_evidence(ask(destination="AE")) == []


def test_the_firm_of_an_end_user_answers_for_it_also_from_above(who):
    firm, end_user, stranger = (party(name) for name in ("Holding", "End user", "Stranger"))
    own(firm, end_user, "60")
    make.in_force(who, obligor_country=None, obligor_party=firm)
    assert [each.suffices for each in list_evidence(ask(end_user, destination="NO"))] == [True]
    assert [each.suffices for each in list_evidence(ask(firm, destination="NO"))] == [True]
    assert list_evidence(ask(stranger, destination="NO")) == []


def test_what_does_not_suffice_yet_says_what_is_missing_and_comes_last(who):
    draft, signed, standing = make.draft(who), make.signed(who), make.in_force(who)
    found = list_evidence(ask())
    assert [each.subject_id for each in found] == [str(each.pk) for each in (standing, draft, signed)]
    assert found[1].lacks == (
        f"{draft.number} is a draft. It counts once its agreement is signed and it is brought into force.",
    )
    assert "not yet in force" in found[2].lacks[0]
    assert found[2].told == (
        "The investment commitment of Saudi Arabia is signed; Commerce waits for it to enter into force."
    )


def test_a_shortfall_no_longer_suffices_and_its_waiver_does_again(who):
    commitment = make.in_force(who)
    operations.assess_commitment(commitment=commitment, by=who.officer, at=AFTER)
    (found,) = list_evidence(ask(at=AFTER))
    assert found.lacks == (
        f"USD 4,000,000,000.00 of {commitment.number} are short. It counts again once that much is verified, or two "
        "officials waive it.",
    )
    for official in who.waivers:
        operations.sign_waiver(shortfall=commitment.shortfalls.get(), reason="x", by=official, at=AFTER)
    assert list_evidence(ask(at=AFTER))[0].suffices


def test_what_ended_is_left_out_or_says_that_it_ended(who):
    over, late = make.in_force(who), make.in_force(who)
    operations.terminate_commitment(commitment=over, reason="Denounced.", by=who.officer, at=make.AT)
    (found,) = list_evidence(ask(at=datetime(2028, 1, 2, tzinfo=UTC)))
    assert found.subject_id == str(late.pk)
    assert "ended on December 31, 2027" in found.lacks[0]


def test_a_completed_commitment_has_no_end(who):
    commitment = make.in_force(who)
    make.verified(commitment, who, "10,000,000,000")
    operations.complete_commitment(commitment=commitment, reason="All is in.", by=who.officer, at=make.AT)
    (found,) = list_evidence(ask(at=datetime(2028, 1, 2, tzinfo=UTC)))
    assert found.suffices
    assert found.until is None


@pytest.mark.parametrize("number", [1, 4])
def test_the_answer_takes_at_most_three_queries(who, number):
    for _ in range(number):
        make.in_force(who, ends_on=date(2027, 12, 31))
    asked = ask(party("End user"))
    with CaptureQueriesContext(connection) as queries:
        assert len(list_evidence(asked)) == number
    assert len(queries) <= 3
