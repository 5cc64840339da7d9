"""Grounds: what licenses stand on falls and returns, and everything that follows happens in the same act."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from django.db import DatabaseError, transaction

from accounts.permissions import NotPermitted
from accounts.rules import SYSTEM, Principal, Refused, Stale
from accounts.statuses import Role
from audit.models import Entry
from registry import listening
from registry.models import Ground, Hold, Reliance
from registry.operations import end_reliances, place_hold, rely_on, set_ground
from registry.selectors import list_grounds_of, list_holds
from registry.statuses import HoldCause
from tests.accounts.factories import user

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 4, 1, 15, 0, tzinfo=UTC)
INSTRUMENT = ("assurances.instrument", "7")


def _set(
    stands: bool, says: str, *, at: datetime = NOW, by: Principal = SYSTEM, until: datetime | None = None
) -> Ground:
    return set_ground(
        subject=INSTRUMENT,
        title="Letter of assurance of Saudi Arabia",
        stands=stands,
        says=says,
        until=until,
        cause=HoldCause.ASSURANCE_LAPSED,
        lifter_role=Role.LICENSING_DIRECTOR,
        by=by,
        at=at,
    )


def _rely(kind: str, number: str, label: str) -> Reliance:
    return rely_on(subject=INSTRUMENT, dependent=(kind, number), label=label, by=SYSTEM, at=NOW)


def test_a_fall_holds_every_license_that_stands_on_it_and_its_return_lifts_them() -> None:
    _set(True, "In force.")
    _rely("license", "3", "D100003")
    _rely("license", "4", "D100004")
    _rely("case", "9", "C100009")
    other = place_hold(
        scope=("license", "3"),
        cause=HoldCause.OTHER,
        says="Something else.",
        lifter_role=Role.LICENSING_DIRECTOR,
        by=SYSTEM,
        at=NOW,
    )
    _set(False, "Suspended.", at=NOW + timedelta(hours=1))
    assert list_holds([("license", "3"), ("license", "4")]).count() == 3
    assert "Suspended." in list_holds([("license", "4")]).get().says
    assert Entry.objects.filter(subject_kind="licensing.license", verb="hold_placed").count() == 3
    _set(True, "Restored.", at=NOW + timedelta(hours=2))
    assert list(list_holds([("license", "3"), ("license", "4")])) == [other]
    assert Hold.objects.filter(lift_reason="It returned: Restored.").count() == 2


def test_saying_the_same_again_holds_nothing_twice() -> None:
    _set(True, "In force.")
    _rely("license", "3", "D100003")
    _set(False, "Suspended.")
    _set(False, "Suspended.")
    assert Hold.objects.count() == 1


def test_what_ended_is_no_longer_held() -> None:
    _set(True, "In force.")
    _rely("license", "3", "D100003")
    assert end_reliances(dependent=("license", "3"), by=SYSTEM, at=NOW) == 1
    _set(False, "Suspended.")
    assert not Hold.objects.exists()


def test_nothing_can_rely_on_what_has_fallen_or_ended() -> None:
    with pytest.raises(Stale, match="does not stand"):
        _rely("case", "9", "C100009")
    _set(True, "In force.", until=NOW)
    with pytest.raises(Stale, match="does not stand at present: In force"):
        _rely("case", "9", "C100009")
    _set(False, "Suspended.")
    with pytest.raises(Stale, match="Suspended"):
        _rely("case", "9", "C100009")


def test_relying_again_is_the_reliance_that_is_there() -> None:
    _set(True, "In force.")
    assert _rely("case", "9", "C100009") == _rely("case", "9", "C100009")
    assert [ground.title for ground in list_grounds_of(("case", "9"), lock=True)] == [
        "Letter of assurance of Saudi Arabia"
    ]


def test_an_app_above_is_told_in_the_same_act(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[tuple[bool, list[str]]] = []

    def listener(ground: Ground, reliances: Sequence[Reliance], by: Principal, at: datetime) -> None:
        told.append((ground.stands, [reliance.label for reliance in reliances]))

    monkeypatch.setattr(listening, "_listeners", [])
    listening.listen(listener)
    listening.listen(listener)
    _set(True, "In force.")
    _rely("case", "9", "C100009")
    _set(False, "Suspended.")
    assert told == [(False, ["C100009"])]


def test_an_end_follows_from_the_date_alone() -> None:
    ground = _set(True, "In force.", until=NOW + timedelta(days=1))
    assert ground.stands_at(NOW)
    assert not ground.stands_at(NOW + timedelta(days=1))


def test_a_ground_needs_a_reason_and_commerce() -> None:
    with pytest.raises(Refused, match="Say why"):
        _set(True, " ")
    with pytest.raises(NotPermitted):
        _set(True, "In force.", by=user(Role.AGENCY_REVIEWER))


def test_raw_sql_cannot_remove_a_reliance_or_move_a_hold_to_another_ground() -> None:
    _set(True, "In force.")
    reliance = _rely("license", "3", "D100003")
    with pytest.raises(DatabaseError), transaction.atomic():
        Reliance.objects.filter(pk=reliance.pk).delete()
    ground = _set(False, "Suspended.")
    with pytest.raises(DatabaseError), transaction.atomic():
        Hold.objects.filter(ground=ground).update(ground=None)
