"""Whether chips may be shipped under a license, rule by rule, without a database."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from licensing.rules import ShipmentFacts, check_shipment, tolerance

ISSUED = date(2026, 4, 1)


def facts(**changes: Any) -> ShipmentFacts:
    """A shipment that every rule allows, with changes."""
    usual: dict[str, Any] = {
        "license_number": "D100001",
        "status": "valid",
        "issued_on": ISSUED,
        "expires_on": date(2030, 4, 1),
        "recorded_on": date(2026, 5, 2),
        "shipped_on": date(2026, 5, 1),
        "longest_past_days": 30,
        "late_reason": "",
        "quantities": {1: 10},
        "values": {1: 100_00},
        "known_lines": frozenset({1}),
        "requirements": [("National security conditions", "satisfied")],
        "grounds": [("Letter of assurance", True, "In force.")],
        "holds": [],
    }
    return ShipmentFacts(**{**usual, **changes})


def unmet(**changes: Any) -> set[str]:
    return {finding.rule for finding in check_shipment(facts(**changes)) if not finding.met}


def test_a_shipment_within_everything_is_allowed() -> None:
    assert unmet() == set()


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"quantities": {1: 10, 2: 5}, "values": {1: 1, 2: 1}}, "shipment.lines_known"),
        ({"quantities": {}, "values": {}}, "shipment.some"),
        ({"quantities": {1: -1}}, "shipment.some"),
        ({"values": {1: 0}}, "shipment.value"),
        ({"values": {1: -5}}, "shipment.value"),
        ({"values": {}}, "shipment.value"),
        ({"quantities": {1: 10, 2: 0}, "values": {1: 1, 2: 1}, "known_lines": frozenset({1, 2})}, "shipment.value"),
        ({"shipped_on": date(2026, 5, 3)}, "shipment.not_in_future"),
        ({"shipped_on": ISSUED - timedelta(days=1), "late_reason": "Late."}, "shipment.in_validity"),
        ({"expires_on": date(2026, 4, 30)}, "shipment.in_validity"),
        ({"shipped_on": ISSUED}, "shipment.late_says_why"),
        ({"status": "revoked"}, "shipment.license_usable"),
        ({"status": "suspended"}, "shipment.license_usable"),
        ({"status": "exhausted"}, "shipment.license_usable"),
        ({"requirements": [("National security conditions", "open")]}, "shipment.requirement"),
        ({"grounds": [("Letter of assurance", False, "Suspended.")]}, "shipment.ground"),
        ({"holds": ["Under investigation."]}, "shipment.no_hold"),
    ],
)
def test_what_stands_in_the_way_is_named(changes: dict[str, Any], rule: str) -> None:
    assert unmet(**changes) == {rule}


def test_a_late_shipment_with_its_reason_is_allowed() -> None:
    assert unmet(shipped_on=ISSUED, late_reason="The forwarder told us late.") == set()


def test_every_refusal_is_a_sentence_that_says_what_to_do() -> None:
    findings = check_shipment(facts(status="suspended", requirements=[("Conditions", "open")], holds=["Stop."]))
    for finding in findings:
        if not finding.met:
            assert finding.says.lstrip("“")[0].isupper()
            assert finding.says.rstrip().endswith((".", "”"))


@given(some.integers(0, 10**15), some.integers(0, 100), some.integers(0, 10**9))
def test_the_tolerance_is_never_more_than_its_share_and_none_once_all_is_shipped(
    value: int, percent: int, left: int
) -> None:
    allowed = tolerance(value, percent=percent, quantity_left=left)
    assert 0 <= allowed * 100 <= value * percent
    if not left:
        assert allowed == 0
