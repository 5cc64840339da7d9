"""The pure rules of a case, each alone."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.rules import Refused
from licensing.rules import (
    APPLICATION_TRANSITIONS,
    CASE_TRANSITIONS,
    REQUIREMENT_TRANSITIONS,
    ApplicationFacts,
    Counts,
    ItemFacts,
    PartyFacts,
    acn_of,
    check_application,
    check_decided_lines,
    check_requirements_closed,
    chips_in_unit,
    content_hash,
    exemption_number_of,
    expiry_of,
    explain_to_applicant,
    larger_counts,
    license_number_of,
    license_status,
    next_status,
    transaction_digest,
    worst_party,
)
from licensing.statuses import ApplicationStatus, CaseStatus, RequirementStatus

counts = st.builds(Counts, *[st.integers(0, 10**7)] * 3)


@given(counts, counts)
def test_the_larger_counts_are_never_below_what_was_declared_or_known(declared, known):
    larger = larger_counts(declared, known)
    for stage in ("installed", "licensed", "pending"):
        assert getattr(larger, stage) == max(getattr(declared, stage), getattr(known, stage))
    assert larger.total >= max(declared.total, known.total)


def test_numbers_are_a_letter_and_six_digits_and_run_out_loudly():
    assert (acn_of(104233), license_number_of(1), exemption_number_of(999_999)) == ("C104233", "D000001", "E999999")
    for serial in (0, -1, 1_000_000):
        with pytest.raises(ValueError, match="six digits"):
            acn_of(serial)


def test_chips_count_one_each_or_by_their_tpp_over_the_reference():
    chips = {"A100": 60_400, "GB300": 10}
    tpp = {"A100": 4992, "GB300": 56000}
    assert chips_in_unit(chips, tpp, None) == 60_410
    assert chips_in_unit(chips, tpp, 56000) == 5395
    assert chips_in_unit({"Unknown": 7}, {}, 56000) == 7


def test_the_gravest_country_among_all_parties_counts():
    gravity = {"SE": 10, "CN": 20, "RU": 30}
    parties = [("SE", "SE"), (None, None), ("SE", "CN")]
    assert worst_party(parties, gravity) == ("SE", "CN")
    assert worst_party([*parties, (None, "RU")], gravity) == (None, "RU")
    assert worst_party([], gravity) == (None, None)
    assert worst_party([(None, None), ("SE", None)], gravity) == ("SE", None)


def digest(**changes):
    facts = {
        "organization_id": 1,
        "purchaser": "Norrsken Compute AB",
        "ultimate_consignee": "Norrsken Compute AB",
        "site": ("SE", "Luleå", "Hall 1"),
        "items": [("A100", 752)],
    }
    return transaction_digest(**{**facts, **changes})


def test_a_transaction_is_the_same_whatever_its_spelling_and_however_its_lines_are_split():
    assert digest(purchaser="NORRSKEN  compute, ab.") == digest()
    assert digest(items=[("A100", 700), ("a100", 52)]) == digest()
    assert digest(items=[("A100", 753)]) != digest()
    assert digest(site=("SE", "Luleå", "Hall 2")) != digest()
    assert digest(organization_id=2) != digest()


def test_a_license_runs_to_its_anniversary_and_from_a_leap_day_to_the_first_of_march():
    stays = {"years": 4, "roll": lambda day: day}
    assert expiry_of(date(2026, 4, 1), **stays) == date(2030, 4, 1)
    assert expiry_of(date(2024, 2, 29), years=1, roll=lambda day: day) == date(2025, 3, 1)
    assert expiry_of(date(2026, 4, 1), years=4, roll=lambda day: day + timedelta(days=1)) == date(2030, 4, 2)


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({}, "valid"),
        ({"on": date(2026, 3, 31)}, "not_yet_valid"),
        ({"on": date(2030, 4, 1)}, "valid"),
        ({"on": date(2030, 4, 2)}, "expired"),
        ({"quantity_left": 0}, "exhausted"),
        ({"suspended": True}, "suspended"),
        ({"suspended": True, "revoked": True}, "revoked"),
    ],
)
def test_what_a_license_is_worth_follows_from_dates_acts_and_the_ledger(changes, status):
    facts = {
        "on": date(2027, 1, 1),
        "valid_from": date(2026, 4, 1),
        "expires_on": date(2030, 4, 1),
        "suspended": False,
        "revoked": False,
        "quantity_left": 5,
    }
    assert license_status(**{**facts, **changes}) == status


COMPLETE = ApplicationFacts(
    applicant_is_us_person=True,
    parties=[PartyFacts(role, "A", "SE") for role in ("purchaser", "ultimate_consignee", "end_user")],
    items=[ItemFacts(1, "chip", "A100", 5, Decimal(1), True, False)],
    site_name="Hall",
    site_city="City",
    site_address="Street",
    site_country="SE",
    end_use="Training of weather models by the national service.",
)


def unmet(**changes):
    return [finding.rule for finding in check_application(replace(COMPLETE, **changes)) if not finding.met]


def test_a_complete_application_meets_every_rule():
    assert unmet() == []


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"applicant_is_us_person": False}, "applicant.us_person"),
        ({"parties": COMPLETE.parties[1:]}, "parties.purchaser"),
        ({"parties": COMPLETE.parties[:1] + COMPLETE.parties[2:]}, "parties.ultimate_consignee"),
        ({"parties": COMPLETE.parties[:2]}, "parties.end_user"),
        ({"site_country": None}, "installation.named"),
        ({"items": []}, "items.some"),
        ({"end_use": "Computing."}, "end_use.specific"),
        ({"items": [ItemFacts(1, "chip", "X1", 5, Decimal(1), False, False)]}, "items.figures"),
        ({"declared": {"exporter_monitoring_plan": "a plan"}}, "safeguards.exporter_monitoring_plan"),
    ],
)
def test_what_is_missing_is_named_by_its_rule(changes, rule):
    assert rule in unmet(**changes)


@pytest.mark.parametrize(
    ("changes", "asked"),
    [
        ({"site_address": ""}, "the installation's street address."),
        ({"site_city": "", "site_country": None}, "the installation's city and country."),
        (
            {"site_name": "", "site_address": "", "site_city": "", "site_country": None},
            "the installation's name, street address, city and country.",
        ),
    ],
)
def test_only_what_is_missing_of_the_installation_is_asked_for(changes, asked):
    found = check_application(replace(COMPLETE, **changes))
    assert [finding.says for finding in found if not finding.met] == [f"Say where the chips will stand: {asked}"]


def test_a_declared_safeguard_is_proved_by_its_document_and_its_signatory():
    declared = {"recipient_no_cluster_undertaking": "an undertaking"}
    assert unmet(declared=declared, document_kinds=frozenset({"recipient_undertaking"})) == ["safeguards.signatory"]
    whole = {"document_kinds": frozenset({"recipient_undertaking"}), "undertaking_signed": True}
    assert unmet(declared=declared, undertaking_signatory="Director", **whole) == []


def test_only_requirements_that_gate_the_issue_hold_up_a_license():
    rows = [("Assurance", "waived", "issue"), ("Conditions", "open", "shipment"), ("Visit", "open", "issue")]
    assert [finding.met for finding in check_requirements_closed(rows)] == [True, True, False]


@pytest.mark.parametrize(
    ("granted", "whole", "all_or_nothing", "rule"),
    [
        ({1: 11}, False, False, "decision.never_more"),
        ({1: -1}, False, False, "decision.never_negative"),
        ({1: 0}, False, False, "decision.some"),
        ({2: 1}, False, False, "decision.lines_asked"),
        ({1: 9}, True, False, "decision.whole"),
        ({1: 10}, False, False, "decision.part_is_less"),
        ({1: 9}, False, True, "decision.all_or_nothing"),
    ],
)
def test_a_decision_grants_what_was_asked_and_no_more(granted, whole, all_or_nothing, rule):
    findings = check_decided_lines(asked={1: 10}, granted=granted, whole=whole, all_or_nothing=all_or_nothing)
    assert rule in [finding.rule for finding in findings if not finding.met]


def test_a_text_and_its_hash_change_together():
    content = {"action": "approve", "lines": {"1": 5}}
    assert content_hash(content) == content_hash(dict(reversed(content.items())))
    assert content_hash(content) != content_hash({**content, "action": "deny"})


def test_an_act_that_the_table_does_not_list_is_refused_in_words():
    with pytest.raises(Refused, match="“license issued” and can no longer be withdrawn"):
        next_status(CASE_TRANSITIONS, CaseStatus.ISSUED, "withdraw", subject="Case C1")


@pytest.mark.parametrize(
    ("table", "statuses"),
    [
        (APPLICATION_TRANSITIONS, ApplicationStatus),
        (CASE_TRANSITIONS, CaseStatus),
        (REQUIREMENT_TRANSITIONS, RequirementStatus),
    ],
)
def test_every_state_of_a_table_is_known_and_each_act_leads_to_one_place(table, statuses):
    assert {step.source for step in table} | {step.target for step in table} <= set(statuses.values)
    steps = [(step.source, step.act) for step in table]
    assert len(steps) == len(set(steps))


def test_an_applicant_reads_no_count_that_comes_from_other_filings():
    result = {
        "tier": "large",
        "counted": {"unit": "chips", "measure": "installation", "quantity": 130_000},
        "reasons": [
            {"rule": "counted", "says": "30,000 ordered + 100,000 pending = 130,000.", "source": "s"},
            {"rule": "tier.large", "says": "The count of 130,000 is in tier large.", "source": "s"},
            {"rule": "requirement.site_visit", "says": "A visit.", "source": "s"},
        ],
    }
    open_answer, withheld = explain_to_applicant(result, discloses_counts=True)
    assert (open_answer, withheld) == (result, False)
    closed, withheld = explain_to_applicant(result, discloses_counts=False)
    assert withheld
    assert "130" not in str(closed)
    assert closed["reasons"][2] == result["reasons"][2]
