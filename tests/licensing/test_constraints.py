"""What raw SQL cannot do to a case: PostgreSQL itself keeps texts, authors, signers and deciders apart."""

import pytest
from django.db import DatabaseError, connection, transaction

from licensing.models import Case, License
from licensing.statuses import DecisionKind

from . import factories as make

pytestmark = pytest.mark.django_db


@pytest.fixture
def who() -> make.People:
    make.load_rules()
    return make.people()


def refuses(sql: str, *values: object) -> bool:
    """Whether the database refuses the statement."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql, values)
    except DatabaseError:
        return True
    return False


SIGN = (
    "INSERT INTO licensing_signature (recommendation_id, content_hash, author_id, signer_id, signer_label, at)"
    " VALUES (%s, %s, %s, %s, 'x', now())"
)


def test_a_signature_needs_another_person_and_the_very_text(who):
    case = make.assigned(who)
    text = make.recommend(case, who)
    assert refuses(SIGN, text.pk, text.content_hash, who.officer.pk, who.officer.pk)
    assert refuses(SIGN, text.pk, "0" * 64, who.officer.pk, who.countersigner.pk)
    assert refuses(SIGN, text.pk, text.content_hash, who.director.pk, who.officer.pk)
    assert not refuses(SIGN, text.pk, text.content_hash, who.officer.pk, who.countersigner.pk)
    assert refuses(SIGN, text.pk, text.content_hash, who.officer.pk, who.countersigner.pk)


DECIDE = (
    "INSERT INTO licensing_decision (case_id, sequence, kind, lines, conditions, reasons, statutory_basis,"
    " regulatory_basis, recommendation_id, content_hash, author_id, decided_by_id, decided_by_label, at)"
    " VALUES (%s, 1, 'approve', '{}', '[]', 'x', '', '', %s, %s, %s, %s, 'x', now())"
)


def test_a_decision_needs_somebody_who_neither_wrote_nor_signed(who):
    case = make.countersigned(who)
    text = case.recommendations.get()
    assert refuses(DECIDE, case.pk, text.pk, text.content_hash, who.officer.pk, who.officer.pk)
    assert refuses(DECIDE, case.pk, text.pk, text.content_hash, who.officer.pk, who.countersigner.pk)
    assert not refuses(DECIDE, case.pk, text.pk, text.content_hash, who.officer.pk, who.director.pk)


@pytest.mark.parametrize(
    "table",
    [
        "storeddetermination",
        "recommendation",
        "signature",
        "decision",
        "requirementact",
        "note",
        "licenseline",
        "letter",
    ],
)
def test_history_is_neither_changed_nor_removed_nor_emptied(who, table):
    from licensing import operations

    case = make.licensed(who, country="SA", items=[make.chips("GB300", 2000)])
    operations.add_note(case=case, text="Looked at.", by=who.officer, at=make.AT)
    column = "says" if table == "requirementact" else "id"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM licensing_{table}")
        assert cursor.fetchone()[0] > 0
    assert refuses(f"UPDATE licensing_{table} SET {column} = {column}")
    assert refuses(f"DELETE FROM licensing_{table}")
    assert refuses(f"TRUNCATE licensing_{table} CASCADE")


def test_what_was_filed_stays_as_it_was_certified(who):
    case = make.filed(who)
    pk = case.application_id
    assert refuses("UPDATE licensing_application SET end_use = 'another' WHERE id = %s", pk)
    assert refuses("UPDATE licensing_applicationitem SET quantity = 1 WHERE application_id = %s", pk)
    assert refuses("DELETE FROM licensing_applicationparty WHERE application_id = %s", pk)
    assert refuses("DELETE FROM licensing_applicationitem WHERE application_id = %s", pk)


def test_the_terms_of_a_license_stay_as_they_were_issued(who):
    license_ = make.licensed(who).license
    assert refuses("UPDATE licensing_license SET expires_on = '2040-01-01' WHERE id = %s", license_.pk)
    assert refuses("DELETE FROM licensing_license WHERE id = %s", license_.pk)
    License.objects.filter(pk=license_.pk).update(suspended_at=make.AT)


def test_a_case_cannot_be_open_and_over_at_once(who):
    case = make.filed(who)
    assert refuses("UPDATE licensing_case SET status = 'issued' WHERE id = %s", case.pk)
    assert refuses("UPDATE licensing_case SET status = 'lost' WHERE id = %s", case.pk)
    assert refuses("UPDATE licensing_case SET acn = '104233C' WHERE id = %s", case.pk)
    assert Case.objects.get(pk=case.pk).status == "received"


def test_a_denial_without_its_bases_is_not_stored(who):
    case = make.countersigned(who)
    text = case.recommendations.get()
    without = DECIDE.replace("'approve'", f"'{DecisionKind.DENY}'")
    assert refuses(without, case.pk, text.pk, text.content_hash, who.officer.pk, who.director.pk)
