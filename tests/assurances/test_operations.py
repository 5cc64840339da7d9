"""From a draft to an instrument in force, and to its end; and every refusal on the way."""

from datetime import date, timedelta

import pytest
from django.db import DatabaseError, IntegrityError, transaction
from django.utils import timezone

from accounts.permissions import NotPermitted
from accounts.rules import SYSTEM, Refused, Stale
from accounts.statuses import Role
from assurances import operations
from assurances.models import BreachStep, Instrument, TextVersion, Undertaking
from assurances.rules import Given
from assurances.selectors import get_standing
from assurances.tasks import record_expiries
from audit import verification
from audit.models import Entry
from deadlines.models import Deadline, Notification
from ledger.selectors import get_balance
from ledger.statuses import AccountKind
from registry.models import Hold
from registry.selectors import get_ground, list_holds, list_reliances
from tests.accounts.factories import user
from tests.registry.factories import installation, party

from . import factories as make
from .factories import AT, later

pytestmark = pytest.mark.django_db


def due(instrument: Instrument, kind: str, status: str = "open") -> Deadline:
    return Deadline.objects.get(
        subject_kind="assurances.instrument", subject_id=str(instrument.pk), kind=kind, status=status
    )


def coverage(instrument: Instrument):
    return get_balance(AccountKind.ASSURANCE_COVERAGE, instrument)


# ── The three limits of 15 CFR 750.4(b)(3) ──────────────────────────────────────────────────────


def test_the_request_through_state_is_due_five_days_after_the_need_was_determined(who):
    instrument = operations.start_instrument(terms=make.terms(), needed_at=AT - timedelta(days=2), by=who.first, at=AT)
    assert due(instrument, "assurance_request").due_at == AT + timedelta(days=3)


def test_a_request_that_is_late_already_gets_no_deadline_in_the_past(who):
    instrument = operations.start_instrument(terms=make.terms(), needed_at=AT - timedelta(days=6), by=who.first, at=AT)
    assert not Deadline.objects.filter(subject_id=str(instrument.pk)).exists()


def test_the_request_meets_the_first_limit_and_state_has_ten_days(who):
    instrument = make.requested(who)
    assert due(instrument, "assurance_request", "met")
    assert due(instrument, "assurance_contact").due_at == AT + timedelta(days=10)
    assert due(instrument, "assurance_contact").owner_id == who.first.pk


def test_the_contact_meets_the_second_limit(who):
    instrument = make.negotiated(who)
    assert due(instrument, "assurance_contact", "met")


def test_the_receipt_gives_five_days_for_the_license_and_a_license_meets_them(who):
    instrument = make.in_force(who)
    assert due(instrument, "assurance_license").due_at == AT + timedelta(days=5)
    act = {"instrument": instrument, "units": 10, "key": "case:1", "by": SYSTEM, "at": AT}
    operations.reserve_coverage(reason="Case C1", **act)
    assert due(instrument, "assurance_license")
    operations.draw_coverage(reason="License D1", **act)
    assert due(instrument, "assurance_license", "met")


def test_without_a_case_no_license_is_due(who):
    instrument = make.in_force(who, occasion="")
    assert not Deadline.objects.filter(subject_id=str(instrument.pk), kind="assurance_license").exists()


# ── Texts, translations, undertakings ───────────────────────────────────────────────────────────


def test_versions_of_a_text_are_numbered_hashed_and_stay(who):
    instrument = make.negotiated(who)
    first, second = make.text(instrument, who.first), make.text(instrument, who.first)
    assert (first.number, second.number) == (1, 2)
    assert first.sha256 != second.sha256
    with pytest.raises(DatabaseError), transaction.atomic():
        TextVersion.objects.filter(pk=first.pk).update(says="Other.")
    with pytest.raises(DatabaseError), transaction.atomic():
        first.delete()


def test_the_same_bytes_are_no_second_version(who):
    instrument = make.negotiated(who)
    upload = make.pdf("One")
    content = {"language": "en", "is_signed": False, "says": "First.", "by": who.first, "at": AT}
    operations.add_text(instrument=instrument, upload=upload, **content)
    upload.seek(0)
    with pytest.raises(Refused, match="version 1 already") as refused:
        operations.add_text(instrument=instrument, upload=upload, **content)
    assert refused.value.field == "file"


def test_what_is_no_pdf_is_no_text(who):
    instrument = make.negotiated(who)
    upload = make.pdf()
    upload.file.seek(0)
    upload.file.write(b"GIF89a")
    upload.seek(0)
    with pytest.raises(Refused, match="not a PDF") as refused:
        operations.add_text(
            instrument=instrument, upload=upload, language="en", is_signed=False, says="x", by=who.first, at=AT
        )
    assert refused.value.field == "file"
    assert not instrument.texts.exists()


def test_a_signed_text_comes_after_the_agreed_one(who):
    with pytest.raises(Refused, match="after the text is agreed") as refused:
        make.text(make.negotiated(who), who.first, signed=True)
    assert refused.value.field == "is_signed"


def test_a_text_that_was_signed_before_a_newer_proposal_is_not_received(who):
    instrument = make.agreed(who)
    signed = make.text(instrument, who.first, signed=True)
    instrument = operations.reopen_negotiation(
        instrument=instrument, reason="More chips.", version=instrument.version, by=who.first, at=AT
    )
    newer = make.text(instrument, who.first)
    instrument = operations.agree_text(
        instrument=instrument, text=newer, version=instrument.version, by=who.first, at=AT
    )
    with pytest.raises(Refused, match="Version 3 was proposed after version 2 was signed") as refused:
        make.receive(instrument, signed, who.first)
    assert refused.value.field == "text"


def test_no_other_text_is_signed_between_the_receipt_and_the_second_officer(who):
    with pytest.raises(Refused, match="before it is received"):
        make.text(make.signed(who), who.first, signed=True)


def test_a_foreign_text_is_not_received_without_a_certified_translation(who):
    instrument = make.agreed(who)
    arabic = make.text(instrument, who.first, signed=True, language="ar")
    with pytest.raises(Refused, match="in Arabic and has no certified translation") as refused:
        make.receive(instrument, arabic, who.first)
    assert refused.value.field == "text"
    instrument.refresh_from_db()
    assert instrument.status == "agreed_text"
    operations.add_translation(
        text=arabic,
        upload=make.pdf("In English"),
        certified_by="A. Translator",
        certified_on=AT.date(),
        by=who.first,
        at=AT,
    )
    assert make.receive(instrument, arabic, who.first).status == "signed"


def test_a_translation_is_another_file_certified_by_somebody_not_later_than_today(who):
    instrument = make.agreed(who)
    upload = make.pdf("Original")
    arabic = operations.add_text(
        instrument=instrument, upload=upload, language="ar", is_signed=True, says="Signed.", by=who.first, at=AT
    )
    upload.seek(0)
    common = {"text": arabic, "by": who.first, "at": AT}
    with pytest.raises(Refused, match="original text itself"):
        operations.add_translation(upload=upload, certified_by="A", certified_on=AT.date(), **common)
    with pytest.raises(Refused, match="who certified") as nobody:
        operations.add_translation(upload=make.pdf(), certified_by=" ", certified_on=AT.date(), **common)
    with pytest.raises(Refused, match="later than today") as tomorrow:
        operations.add_translation(
            upload=make.pdf(), certified_by="A", certified_on=AT.date() + timedelta(days=1), **common
        )
    assert (nobody.value.field, tomorrow.value.field) == ("certified_by", "certified_on")
    assert not arabic.translations.exists()


def test_an_expired_document_is_not_received(who):
    instrument = make.agreed(who, from_on=date(2025, 1, 1), to_on=date(2026, 4, 1))
    with pytest.raises(Refused, match=r"ended on April 1, 2026.*expired") as refused:
        make.receive(instrument, make.text(instrument, who.first, signed=True), who.first)
    assert refused.value.field == "to_on"


def test_a_signature_has_a_name_an_office_an_authority_and_a_day_that_has_come(who):
    instrument = make.agreed(who)
    signed = make.text(instrument, who.first, signed=True)
    for field, value in (
        ("signatory", ""),
        ("signatory_title", " "),
        ("signatory_authority", ""),
        ("signed_on", AT.date() + timedelta(days=2)),
    ):
        with pytest.raises(Refused) as refused:
            make.receive(instrument, signed, who.first, **{field: value})
        assert refused.value.field == field


def test_an_undertaking_is_a_clause_or_missing_and_every_note_stays(who):
    instrument = make.negotiated(who)
    act = {"instrument": instrument, "by": who.first, "at": AT}
    operations.note_undertakings(given={"remedies": Given("Article 9")}, version=instrument.version, **act)
    instrument.refresh_from_db()
    operations.note_undertakings(given={"remedies": Given("")}, version=instrument.version, **act)
    assert [note.clause for note in Undertaking.objects.order_by("id")] == ["Article 9", ""]
    with pytest.raises(DatabaseError), transaction.atomic():
        Undertaking.objects.update(clause="Article 8")


def test_a_notice_within_more_hours_than_allowed_is_refused_at_its_field(who):
    instrument = make.negotiated(who)
    act = {"instrument": instrument, "version": instrument.version, "by": who.first, "at": AT}
    with pytest.raises(Refused, match="96 hours are more than the 72") as long:
        operations.note_undertakings(given={"incident_notice": Given("Article 4", 96)}, **act)
    with pytest.raises(Refused, match="within how many hours") as without:
        operations.note_undertakings(given={"incident_notice": Given("Article 4")}, **act)
    assert long.value.field == without.value.field == "hours_incident_notice"
    assert not Undertaking.objects.exists()


# ── Into force ──────────────────────────────────────────────────────────────────────────────────


def test_an_instrument_comes_into_force_by_a_second_person_and_covers(who):
    instrument = make.signed(who)
    with pytest.raises(NotPermitted, match="You drafted this instrument"):
        operations.bring_into_force(instrument=instrument, version=instrument.version, by=who.first, at=AT)
    instrument = operations.bring_into_force(instrument=instrument, version=instrument.version, by=who.second, at=AT)
    assert instrument.status == "in_force"
    assert coverage(instrument).left == 50_000
    ground = get_ground("assurances.instrument", str(instrument.pk))
    assert ground.stands
    assert ground.until == instrument.until
    assert due(instrument, "assurance_expiry").due_at == instrument.until
    assert Notification.objects.filter(user=who.first, kind="assurance_in_force").exists()


def test_the_database_refuses_a_drafter_who_brings_into_force(who):
    instrument = make.in_force(who)
    with pytest.raises(IntegrityError), transaction.atomic():
        Instrument.objects.filter(pk=instrument.pk).update(in_force_by=who.first)


def test_a_missing_mandatory_undertaking_keeps_it_from_coming_into_force(who):
    instrument = make.signed(who, without=("remedies", "incident_notice"))
    with pytest.raises(Refused) as refused:
        operations.bring_into_force(instrument=instrument, version=instrument.version, by=who.second, at=AT)
    assert "“Notice of loss, theft and change of ownership”, “Remedies”" in refused.value.reason
    assert refused.value.field == "clause_incident_notice"
    assert coverage(instrument) is None
    assert get_ground("assurances.instrument", str(instrument.pk)) is None


def test_it_comes_into_force_within_its_period_only(who):
    early = make.signed(who, from_on=date(2026, 5, 1))
    with pytest.raises(Refused, match=r"begins on May 1, 2026") as refused:
        operations.bring_into_force(instrument=early, version=early.version, by=who.second, at=AT)
    assert refused.value.field == "from_on"
    late = make.signed(who, to_on=date(2026, 4, 10))
    with pytest.raises(Refused, match="ended on April 10, 2026") as refused:
        operations.bring_into_force(instrument=late, version=late.version, by=who.second, at=later(days=20))
    assert refused.value.field == "to_on"


def test_only_a_security_guarantee_goes_without_a_ceiling(who):
    with pytest.raises(Refused, match="how many chips") as refused:
        make.drafted(who, ceiling=None)
    assert refused.value.field == "ceiling"
    guarantee = make.in_force(who, kind="security_guarantee", ceiling=None)
    assert coverage(guarantee).left is None


def test_terms_that_cannot_be_name_their_field(who):
    hall = installation(country="SE")
    for changes, field in (
        ({"kind": "treaty"}, "kind"),
        ({"title": " "}, "title"),
        ({"government": ""}, "government"),
        ({"ministry": ""}, "ministry"),
        ({"us_side": ""}, "us_side"),
        ({"country": "XX"}, "country"),
        ({"countries": ()}, "countries"),
        ({"countries": ("SA", "ZZ")}, "countries"),
        ({"ceiling": 0}, "ceiling"),
        ({"ceiling": -5}, "ceiling"),
        ({"to_on": date(2026, 4, 1)}, "to_on"),
        ({"chip_models": ("GB300", "Abacus 9")}, "chip_models"),
        ({"party_ids": (0,)}, "parties"),
        ({"installation_ids": (0,)}, "installations"),
        ({"installation_ids": (hall.pk,)}, "installations"),
    ):
        with pytest.raises(Refused) as refused:
            make.drafted(who, **changes)
        assert refused.value.field == field, changes
    assert not Instrument.objects.exists()


def test_a_draft_that_is_sent_twice_is_one_draft(who):
    first = make.drafted(who)
    with pytest.raises(Refused, match=f"{first.number} is a draft of this kind with this title already") as refused:
        make.drafted(who)
    assert refused.value.field == "title"
    operations.request_through_state(instrument=first, says="A note.", version=1, by=who.first, at=AT)
    assert make.drafted(who).pk != first.pk


def test_terms_are_fixed_once_the_text_is_agreed(who):
    instrument = make.agreed(who)
    with pytest.raises(Refused, match="terms are fixed"):
        operations.change_terms(
            instrument=instrument, terms=make.terms(ceiling=1), version=instrument.version, by=who.first, at=AT
        )
    instrument = operations.reopen_negotiation(
        instrument=instrument, reason="They want more.", version=instrument.version, by=who.first, at=AT
    )
    instrument = operations.change_terms(
        instrument=instrument, terms=make.terms(ceiling=60_000), version=instrument.version, by=who.first, at=AT
    )
    assert instrument.ceiling == 60_000


def test_an_old_page_is_told_that_it_is_old(who):
    instrument = make.drafted(who)
    with pytest.raises(Stale, match="was changed since"):
        operations.request_through_state(
            instrument=instrument, says="x", version=instrument.version - 1, by=who.first, at=AT
        )


def test_a_step_that_the_state_does_not_allow_says_so(who):
    instrument = make.drafted(who)
    with pytest.raises(Refused, match="is “draft” and cannot be suspended now"):
        operations.suspend_instrument(
            instrument=instrument, reason="x", version=instrument.version, by=who.first, at=AT
        )


@pytest.mark.parametrize("role", [Role.LICENSING_OFFICER, Role.AUDITOR, Role.AGENCY_REVIEWER, Role.EXPORTER_ADMIN])
def test_nobody_but_an_assurance_officer_keeps_instruments(who, role):
    with pytest.raises(NotPermitted):
        operations.start_instrument(terms=make.terms(), by=user(role), at=AT)


# ── The coverage ────────────────────────────────────────────────────────────────────────────────


def test_a_case_reserves_draws_and_gives_back_under_one_key(who):
    instrument = make.in_force(who)
    act = {"instrument": str(instrument.pk), "key": "case:7:1", "reason": "Case C000007", "by": SYSTEM, "at": AT}
    operations.reserve_coverage(units=35_000, **act)
    operations.reserve_coverage(units=35_000, **act)
    assert coverage(instrument).reserved == 35_000
    operations.draw_coverage(units=30_000, **act)
    operations.release_coverage(units=5_000, **act)
    assert (coverage(instrument).reserved, coverage(instrument).drawn) == (0, 30_000)
    operations.give_back_coverage(units=10_000, **act)
    assert coverage(instrument).left == 30_000


def test_more_than_is_left_is_refused_with_what_is_left(who):
    instrument = make.in_force(who)
    with pytest.raises(Refused, match="50,000 are left under the ceiling of 50,000"):
        operations.draw_coverage(
            instrument=instrument, units=50_001, key="k", reason="r", from_reserved=False, by=SYSTEM, at=AT
        )


def test_nothing_is_taken_from_what_does_not_stand_but_everything_can_go_back(who):
    instrument = make.in_force(who)
    act = {"instrument": instrument, "units": 10, "reason": "Case", "by": SYSTEM, "at": AT}
    operations.reserve_coverage(key="a", **act)
    operations.reserve_coverage(key="b", **act)
    operations.draw_coverage(key="b", **act)
    operations.suspend_instrument(
        instrument=instrument, reason="Denied access.", version=instrument.version, by=who.first, at=AT
    )
    with pytest.raises(Stale, match="does not stand"):
        operations.reserve_coverage(key="c", **act)
    with pytest.raises(Stale, match="does not stand"):
        operations.draw_coverage(key="a", **act)
    operations.release_coverage(key="a", **act)
    operations.give_back_coverage(key="b", **act)
    assert coverage(instrument).left == 50_000


def test_nothing_is_taken_after_the_end_even_if_nobody_recorded_it(who):
    instrument = make.in_force(who, to_on=date(2026, 5, 1))
    with pytest.raises(Stale, match="does not stand"):
        operations.reserve_coverage(instrument=instrument, units=1, key="k", reason="r", by=SYSTEM, at=instrument.until)


def test_a_ceiling_below_what_is_used_is_refused_at_its_field(who):
    instrument = make.in_force(who)
    act = {"instrument": instrument, "key": "k", "reason": "Case", "by": SYSTEM, "at": AT}
    operations.reserve_coverage(units=20_000, **act)
    operations.draw_coverage(units=12_000, **act)
    change = {"instrument": instrument, "reason": "Note of April 2.", "version": instrument.version, "at": AT}
    with pytest.raises(
        Refused, match=r"20,000 chips are reserved or drawn already, so the ceiling cannot be 19,999"
    ) as e:
        operations.change_ceiling(ceiling=19_999, by=who.first, **change)
    assert e.value.field == "ceiling"
    assert coverage(instrument).ceiling == 50_000
    lowered = operations.change_ceiling(ceiling=20_000, by=who.first, **change)
    assert lowered.ceiling == coverage(instrument).ceiling == 20_000


def test_raising_a_ceiling_takes_a_second_person(who):
    instrument = make.in_force(who)
    change = {"instrument": instrument, "ceiling": 60_000, "reason": "Note.", "version": instrument.version, "at": AT}
    with pytest.raises(NotPermitted, match="You drafted"):
        operations.change_ceiling(by=who.first, **change)
    assert operations.change_ceiling(by=who.second, **change).ceiling == 60_000
    assert coverage(instrument).left == 60_000


# ── Falling and returning ───────────────────────────────────────────────────────────────────────


def test_a_suspension_holds_dependent_licenses_and_a_restoration_lifts_that(who):
    instrument = make.in_force(who)
    make.stand_on(instrument, ("license", "3"), "D000003")
    make.stand_on(instrument, ("case", "9"), "C000009")
    instrument = operations.suspend_instrument(
        instrument=instrument, reason="Denied access.", version=instrument.version, by=who.first, at=AT
    )
    (hold,) = list_holds([("license", "3")])
    assert "Suspended: Denied access." in hold.says
    assert hold.cause == "assurance_lapsed"
    instrument = operations.restore_instrument(
        instrument=instrument, reason="Access was given.", version=instrument.version, by=who.first, at=later(days=1)
    )
    assert instrument.status == "in_force"
    assert not list_holds().exists()


def test_an_end_is_shown_by_the_date_and_recorded_by_the_schedule(who, monkeypatch):
    instrument = make.in_force(who, to_on=date(2026, 12, 1))
    make.stand_on(instrument, ("license", "3"), "D000003")
    assert get_standing(instrument, AT) == "in_force"
    assert get_standing(instrument, instrument.until - timedelta(days=180)) == "expiring"
    assert get_standing(instrument, instrument.until) == "expired"
    for at, recorded in ((instrument.until - timedelta(seconds=1), 0), (instrument.until, 1), (instrument.until, 0)):
        monkeypatch.setattr(timezone, "now", lambda at=at: at)
        assert record_expiries() == recorded
    instrument.refresh_from_db()
    assert instrument.status == "expired"
    assert Hold.objects.get().says.endswith("Expired on December 1, 2026.")


def test_an_instrument_is_recorded_as_expiring_only_near_its_end(who):
    instrument = make.in_force(who, to_on=date(2026, 12, 1))
    with pytest.raises(Refused, match="does not end within 180 days"):
        operations.record_expiring(instrument=instrument, by=SYSTEM, at=AT)
    near = instrument.until - timedelta(days=10)
    assert operations.record_expiring(instrument=instrument, by=SYSTEM, at=near).status == "expiring"
    with pytest.raises(Refused, match="has not expired"):
        operations.record_expiry(instrument=instrument, by=SYSTEM, at=near)


def test_a_suspended_instrument_is_not_restored_after_its_end(who):
    instrument = make.suspended(who, to_on=date(2026, 5, 1))
    with pytest.raises(Refused, match="Renew it instead"):
        operations.restore_instrument(
            instrument=instrument, reason="x", version=instrument.version, by=who.first, at=later(days=60)
        )


def test_a_renewal_carries_over_what_was_used_and_what_stood_on_it(who):
    instrument = make.in_force(who, to_on=date(2026, 5, 1))
    make.stand_on(instrument, ("license", "3"), "D000003")
    act = {"instrument": instrument, "units": 20_000, "key": "k", "reason": "Case", "by": SYSTEM, "at": AT}
    operations.reserve_coverage(**act)
    operations.draw_coverage(**act)
    end = instrument.until
    operations.record_expiry(instrument=instrument, by=SYSTEM, at=end)
    instrument.refresh_from_db()
    assert list_holds([("license", "3")]).exists()
    new = make.text(instrument, who.first, signed=True, at=end)
    renewal = {
        "instrument": instrument,
        "text": new,
        "says": "Note of May 1.",
        "version": instrument.version,
        "at": end,
    }
    with pytest.raises(NotPermitted, match="You added the text"):
        operations.renew_instrument(to_on=date(2028, 5, 1), by=who.first, **renewal)
    with pytest.raises(Refused, match="later than May 1, 2026") as early:
        operations.renew_instrument(to_on=date(2026, 5, 1), by=who.second, **renewal)
    assert early.value.field == "to_on"
    instrument = operations.renew_instrument(to_on=date(2028, 5, 1), ceiling=70_000, by=who.second, **renewal)
    assert instrument.status == "renewed"
    assert (coverage(instrument).drawn, coverage(instrument).left) == (20_000, 50_000)
    assert not list_holds().exists()
    ground = get_ground("assurances.instrument", str(instrument.pk))
    assert ground.stands_at(end)
    assert ground.until == instrument.until
    assert due(instrument, "assurance_expiry").due_at == instrument.until


def test_a_renewal_rests_on_a_text_that_is_newer(who):
    instrument = make.in_force(who)
    with pytest.raises(Refused, match="is not newer") as refused:
        operations.renew_instrument(
            instrument=instrument,
            text=instrument.texts.get(is_signed=True),
            to_on=None,
            says="x",
            version=instrument.version,
            by=who.second,
            at=later(days=1),
        )
    assert refused.value.field == "text"


def test_an_amendment_changes_terms_and_undertakings_and_keeps_standing(who):
    instrument = make.in_force(who)
    hall = installation(country="SA")
    new = make.text(instrument, who.first, signed=True, at=later(days=1))
    act = {"instrument": instrument, "text": new, "version": instrument.version, "at": later(days=2)}
    with pytest.raises(NotPermitted, match="You added the amended text"):
        operations.amend_instrument(terms=make.terms(), given={}, says="More.", by=who.first, **act)
    with pytest.raises(Refused, match="“Remedies”"):
        operations.amend_instrument(
            terms=make.terms(), given={"remedies": Given("")}, says="Less.", by=who.second, **act
        )
    instrument = operations.amend_instrument(
        terms=make.terms(ceiling=80_000, installation_ids=(hall.pk,)),
        given={"no_cluster_limits": Given("Article 12")},
        says="80,000 chips at one site.",
        by=who.second,
        **act,
    )
    assert instrument.status == "amended"
    assert coverage(instrument).ceiling == instrument.ceiling == 80_000
    assert list(instrument.installations.all()) == [hall]
    assert get_ground("assurances.instrument", str(instrument.pk)).stands


def test_an_amendment_leaves_nobody_without_cover(who):
    instrument = make.in_force(who)
    make.stand_on(instrument, ("license", "3"), "D000003")
    new = make.text(instrument, who.first, signed=True, at=later(days=1))
    act = {"instrument": instrument, "text": new, "given": {}, "says": "x", "by": who.second, "at": later(days=2)}
    with pytest.raises(Refused, match="covers less than before, and D000003") as refused:
        operations.amend_instrument(terms=make.terms(chip_models=("H200",)), version=instrument.version, **act)
    assert refused.value.field == "countries"
    wider = make.terms(countries=("SA", "AE"), chip_models=("GB300", "H200"))
    assert operations.amend_instrument(terms=wider, version=instrument.version, **act).status == "amended"


def test_what_has_ended_is_renewed_and_neither_amended_nor_given_another_ceiling(who):
    instrument = make.in_force(who, to_on=date(2026, 4, 20))
    new = make.text(instrument, who.first, signed=True, at=later(days=1))
    act = {"instrument": instrument, "version": instrument.version, "by": who.second, "at": later(days=30)}
    with pytest.raises(Refused, match="Renew it instead"):
        operations.amend_instrument(text=new, terms=make.terms(), given={}, says="x", **act)
    with pytest.raises(Refused, match="Renew it instead"):
        operations.change_ceiling(ceiling=60_000, reason="x", **act)


def test_an_amendment_does_not_begin_later_than_today(who):
    instrument = make.in_force(who)
    new = make.text(instrument, who.first, signed=True, at=later(days=1))
    act = {"text": new, "given": {}, "says": "x", "version": instrument.version, "by": who.second, "at": later(days=2)}
    with pytest.raises(Refused, match="cannot begin later than today") as refused:
        operations.amend_instrument(instrument=instrument, terms=make.terms(from_on=date(2026, 4, 4)), **act)
    assert refused.value.field == "from_on"
    same_day = make.terms(from_on=date(2026, 4, 3))
    assert operations.amend_instrument(instrument=instrument, terms=same_day, **act).status == "amended"


def test_a_successor_takes_over_what_was_drawn_and_who_stands_on_it(who):
    old, new = make.suspended(who), make.in_force(who, title="New letter", ceiling=60_000)
    old = operations.restore_instrument(
        instrument=old, reason="For the test.", version=old.version, by=who.first, at=AT
    )
    make.stand_on(old, ("license", "3"), "D000003")
    act = {"instrument": old, "units": 20_000, "key": "k", "reason": "Case", "by": SYSTEM, "at": AT}
    operations.reserve_coverage(**act)
    change = {"instrument": old, "successor": new, "says": "A new letter.", "by": who.first, "at": AT}
    with pytest.raises(Refused, match="20,000 chips are reserved here") as refused:
        operations.supersede_instrument(version=old.version, **change)
    assert refused.value.field == "successor"
    operations.draw_coverage(**act)
    old = operations.suspend_instrument(
        instrument=old, reason="Replaced soon.", version=old.version, by=who.first, at=AT
    )
    assert list_holds([("license", "3")]).exists()
    old = operations.supersede_instrument(version=old.version, **change)
    assert (old.status, old.superseded_by) == ("superseded", new)
    assert coverage(new).drawn == 20_000
    assert not list_holds().exists()
    ground = get_ground("assurances.instrument", str(new.pk))
    assert [reliance.label for reliance in list_reliances(ground)] == ["D000003"]


def test_a_successor_covers_at_least_as_much(who):
    old, new = make.in_force(who), make.in_force(who, party_ids=(party().pk,))
    with pytest.raises(Refused, match="does not cover all") as refused:
        operations.supersede_instrument(
            instrument=old, successor=new, says="x", version=old.version, by=who.first, at=AT
        )
    assert refused.value.field == "successor"


@pytest.mark.parametrize(
    ("kind", "other"), [("security_guarantee", "memorandum"), ("memorandum", "security_guarantee")]
)
def test_a_successor_meets_the_same_requirement(who, kind, other):
    old, new = make.in_force(who, kind=kind), make.in_force(who, kind=other, title="Another promise")
    make.stand_on(old, ("license", "3"), "D000003")
    with pytest.raises(Refused, match="meet different requirements") as refused:
        operations.supersede_instrument(
            instrument=old, successor=new, says="x", version=old.version, by=who.first, at=AT
        )
    assert refused.value.field == "successor"
    assert [each.label for each in list_reliances(get_ground("assurances.instrument", str(old.pk)))] == ["D000003"]


def test_what_is_not_in_force_is_withdrawn_and_owes_nothing(who):
    instrument = make.requested(who)
    instrument = operations.withdraw_instrument(
        instrument=instrument, reason="Not needed.", version=instrument.version, by=who.first, at=AT
    )
    assert instrument.status == "withdrawn"
    assert not Deadline.objects.filter(subject_id=str(instrument.pk), status="open").exists()


# ── Breaches ────────────────────────────────────────────────────────────────────────────────────


def test_a_breach_is_alleged_with_evidence_noticed_cured_and_returns(who):
    instrument = make.in_force(who)
    make.stand_on(instrument, ("license", "3"), "D000003")
    breach = make.allege(instrument, who.first)
    assert instrument.status == "breach_alleged"
    assert list_holds([("license", "3")]).exists()
    notice = operations.begin_cure(
        instrument=instrument,
        notice_to="Ministry of Commerce",
        says="Account for the racks.",
        version=instrument.version,
        by=who.first,
        at=AT,
    )
    assert notice.cure_due_at.date() == date(2026, 5, 2)
    assert due(instrument, "assurance_cure").due_at == notice.cure_due_at
    instrument.refresh_from_db()
    operations.accept_cure(
        instrument=instrument, reason="The racks are back.", version=instrument.version, by=who.first, at=later(days=9)
    )
    instrument.refresh_from_db()
    assert instrument.status == "in_force"
    assert due(instrument, "assurance_cure", "met")
    assert not list_holds().exists()
    assert [step.kind for step in breach.steps.all()] == ["notice", "outcome"]
    with pytest.raises(DatabaseError), transaction.atomic():
        BreachStep.objects.update(says="Nothing happened.")


def test_an_allegation_is_dismissed_by_somebody_else(who):
    instrument = make.in_force(who)
    make.allege(instrument, who.first)
    act = {"instrument": instrument, "reason": "A hoax.", "version": instrument.version, "at": AT}
    with pytest.raises(NotPermitted, match="You alleged this breach"):
        operations.dismiss_breach(by=who.first, **act)
    assert operations.dismiss_breach(by=who.second, **act).outcome == "dismissed"


def test_a_suspension_outlasts_an_allegation_that_came_after_it(who):
    instrument = make.in_force(who)
    make.stand_on(instrument, ("license", "3"), "D000003")
    instrument = operations.suspend_instrument(
        instrument=instrument, reason="No access.", version=instrument.version, by=who.first, at=AT
    )
    make.allege(instrument, who.first)
    act = {"instrument": instrument, "reason": "A hoax.", "version": instrument.version, "by": who.second, "at": AT}
    operations.dismiss_breach(**act)
    instrument.refresh_from_db()
    assert instrument.status == "suspended"
    assert list_holds([("license", "3")]).exists()
    operations.restore_instrument(**{**act, "version": instrument.version})
    assert not list_holds([("license", "3")]).exists()


def test_a_cure_period_is_extended_into_the_future_and_later_only(who):
    instrument = make.cured(who)
    act = {
        "instrument": instrument,
        "reason": "A trial runs.",
        "version": instrument.version,
        "by": who.first,
        "at": AT,
    }
    for day in (date(2026, 3, 1), date(2026, 4, 20)):
        with pytest.raises(Refused) as refused:
            operations.extend_cure(cure_until=day, **act)
        assert refused.value.field == "cure_until"
    step = operations.extend_cure(cure_until=date(2026, 7, 1), **act)
    assert due(instrument, "assurance_cure").due_at == step.cure_due_at


def test_a_termination_ends_an_open_breach_as_not_cured(who):
    instrument = make.cured(who)
    instrument = operations.terminate_instrument(
        instrument=instrument, reason="Not cured.", version=instrument.version, by=who.first, at=AT
    )
    assert instrument.status == "terminated"
    assert BreachStep.objects.get(kind="outcome").outcome == "not_cured"
    assert not Deadline.objects.filter(subject_id=str(instrument.pk), status="open").exists()
    assert not get_ground("assurances.instrument", str(instrument.pk)).stands


def test_a_breach_names_an_undertaking_and_brings_a_pdf(who):
    instrument = make.in_force(who)
    act = {"instrument": instrument, "version": instrument.version, "by": who.first, "at": AT}
    with pytest.raises(Refused) as refused:
        operations.allege_breach(undertaking="silence", allegation="x", upload=make.pdf(), **act)
    assert refused.value.field == "undertaking"
    empty = make.pdf()
    empty.file.truncate(0)
    empty.seek(0)
    with pytest.raises(Refused) as refused:
        operations.allege_breach(undertaking="remedies", allegation="x", upload=empty, **act)
    assert refused.value.field == "file"
    instrument.refresh_from_db()
    assert instrument.status == "in_force"


def test_a_breach_that_is_settled_after_the_end_leaves_an_expired_instrument_that_can_be_renewed(who):
    instrument = make.cured(who, to_on=date(2026, 4, 20))
    operations.accept_cure(
        instrument=instrument, reason="They are back.", version=instrument.version, by=who.first, at=later(days=30)
    )
    instrument.refresh_from_db()
    assert instrument.status == "expired"
    assert not get_ground("assurances.instrument", str(instrument.pk)).stands
    new = make.text(instrument, who.first, signed=True, at=later(days=31))
    instrument = operations.renew_instrument(
        instrument=instrument,
        text=new,
        to_on=None,
        says="A note.",
        version=instrument.version,
        by=who.second,
        at=later(days=32),
    )
    assert get_ground("assurances.instrument", str(instrument.pk)).stands


# ── What the database keeps ─────────────────────────────────────────────────────────────────────


def test_every_act_is_journaled_and_the_journal_verifies(who):
    instrument = make.cured(who)
    verbs = list(
        Entry.objects.filter(subject_kind="assurances.instrument", subject_id=str(instrument.pk))
        .order_by("sequence")
        .values_list("verb", flat=True)
    )
    assert [verb for verb in verbs if "deadline" not in verb] == [
        "instrument.drafted",
        "instrument.requested",
        "instrument.contacted",
        "undertaking.noted",
        "text.added",
        "text.agreed",
        "text.added",
        "instrument.received",
        "instrument.in_force",
        "breach.alleged",
        "breach.notice_given",
    ]
    assert verification.verify().intact


def test_an_unknown_status_and_a_deletion_are_refused_by_the_database(who):
    instrument = make.drafted(who)
    with pytest.raises(IntegrityError), transaction.atomic():
        Instrument.objects.filter(pk=instrument.pk).update(status="blessed")
    with pytest.raises(IntegrityError), transaction.atomic():
        Instrument.objects.filter(pk=instrument.pk).update(status="in_force")
    with pytest.raises(DatabaseError), transaction.atomic():
        Instrument.objects.filter(pk=instrument.pk).delete()
