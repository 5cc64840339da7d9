"""Reading the ledger."""

from collections.abc import Iterable

from django.db.models import QuerySet

from audit.models import Subject, identify
from ledger.models import Account, Entry
from ledger.rules import Balance


def get_account(kind: str, subject: Subject, item: str = "") -> Account | None:
    """The subject's account of this kind, or None when none was opened."""
    subject_kind, subject_id = identify(subject)
    return Account.objects.filter(kind=kind, subject_kind=subject_kind, subject_id=subject_id, item=item).first()


def get_balance(kind: str, subject: Subject, item: str = "") -> Balance | None:
    """What the subject's account holds now, or None when none was opened."""
    account = get_account(kind, subject, item)
    return None if account is None else balance_of(account)


def balance_of(account: Account) -> Balance:
    """The balances of an account in hand."""
    return Balance(ceiling=account.ceiling, reserved=account.reserved, drawn=account.drawn)


def list_entries(account: Account) -> QuerySet[Entry]:
    """The entries of an account, newest first."""
    return Entry.objects.filter(account=account, sequence__gt=0).order_by("-sequence")


def get_totals(kind: str, subjects: Iterable[Subject]) -> dict[str, dict[str, Balance]]:
    """The balances of all accounts of this kind for subjects of one kind: `{subject_id: {item: Balance}}`.

    One query. Subjects without an account are left out.
    """
    identified = [identify(subject) for subject in subjects]
    totals: dict[str, dict[str, Balance]] = {}
    if not identified:
        return totals
    rows = Account.objects.filter(
        kind=kind,
        subject_kind__in={subject_kind for subject_kind, _ in identified},
        subject_id__in=[subject_id for _, subject_id in identified],
    ).values_list("subject_id", "item", "ceiling", "reserved", "drawn")
    for subject_id, item, ceiling, reserved, drawn in rows.order_by("subject_id", "item"):
        totals.setdefault(subject_id, {})[item] = Balance(ceiling=ceiling, reserved=reserved, drawn=drawn)
    return totals
