"""How many are left: accounts with a ceiling, and the entries that alone can change them.

PostgreSQL enforces it: inserting an entry locks its account, does the arithmetic, refuses what does not
suffice, and chains the entry by hash. Nothing else can move a balance. `docs/decisions/` says how.
"""

import pgtrigger
from django.db import models
from django.db.models import F, Q

from audit.triggers import FirmTrigger, append_only, hash_expression, instant_expression, refuse
from ledger.statuses import EntryKind

# What a refused entry reports; class 23 makes drivers call it a violation of integrity.
NOT_ENOUGH = "23L01"
KEY_USED = "23L02"
NOT_POSSIBLE = "23L03"

_ACCOUNT_HASH = hash_expression(
    "account",
    ("NEW.id::text", "NEW.kind", "NEW.subject_kind", "NEW.subject_id", "NEW.item", "NEW.unit"),
)

_BEGIN = f"""
NEW.ceiling := NULL;
NEW.reserved := 0;
NEW.drawn := 0;
NEW.sequence := 0;
NEW.head_hash := {_ACCOUNT_HASH};
RETURN NEW;
"""

_ENTRY_HASH = hash_expression(
    "ledger entry",
    (
        "NEW.id::text",
        "NEW.account_id::text",
        "NEW.sequence::text",
        "NEW.kind",
        "NEW.units::text",
        "NEW.key",
        "NEW.reason",
        instant_expression("NEW.at"),
        "NEW.actor_kind",
        "NEW.actor_id",
        "NEW.actor_label",
        "coalesce(NEW.ceiling_after::text, 'none')",
        "NEW.reserved_after::text",
        "NEW.drawn_after::text",
        "NEW.previous_hash",
    ),
)

_POST = f"""
SELECT * INTO account FROM ledger_account WHERE id = NEW.account_id FOR NO KEY UPDATE;
IF NOT FOUND THEN
    RAISE EXCEPTION USING ERRCODE = '{NOT_POSSIBLE}', MESSAGE = 'There is no such ledger account.';
END IF;
IF EXISTS (SELECT FROM ledger_entry WHERE account_id = NEW.account_id AND key = NEW.key) THEN
    RAISE EXCEPTION USING ERRCODE = '{KEY_USED}',
        MESSAGE = format('The key "%s" has already been used on this ledger account.', NEW.key);
END IF;
IF (NEW.kind = 'open') <> (account.sequence = 0) THEN
    RAISE EXCEPTION USING ERRCODE = '{NOT_POSSIBLE}',
        MESSAGE = 'The first entry of a ledger account opens it, and only the first.';
END IF;
IF NEW.units IS NULL OR NEW.units < 0 OR (NEW.units = 0 AND NEW.kind <> 'open') THEN
    RAISE EXCEPTION USING ERRCODE = '{NOT_POSSIBLE}', MESSAGE = 'A ledger entry moves at least one unit.';
END IF;
IF NEW.kind IN ('raise', 'lower') AND account.ceiling IS NULL THEN
    RAISE EXCEPTION USING ERRCODE = '{NOT_POSSIBLE}', MESSAGE = 'This ledger account has no ceiling.';
END IF;
CASE NEW.kind
    WHEN 'open' THEN
        account.ceiling := NEW.ceiling_after;
        IF NEW.units <> coalesce(NEW.ceiling_after, 0) THEN
            RAISE EXCEPTION USING ERRCODE = '{NOT_POSSIBLE}',
                MESSAGE = 'A ledger account opens with its ceiling, or with no units and no ceiling.';
        END IF;
    WHEN 'reserve' THEN account.reserved := account.reserved + NEW.units;
    WHEN 'release' THEN account.reserved := account.reserved - NEW.units;
    WHEN 'draw' THEN account.drawn := account.drawn + NEW.units;
    WHEN 'draw_reserved' THEN
        account.reserved := account.reserved - NEW.units;
        account.drawn := account.drawn + NEW.units;
    WHEN 'return' THEN account.drawn := account.drawn - NEW.units;
    WHEN 'raise' THEN account.ceiling := account.ceiling + NEW.units;
    WHEN 'lower' THEN account.ceiling := account.ceiling - NEW.units;
    ELSE
        RAISE EXCEPTION USING ERRCODE = '{NOT_POSSIBLE}', MESSAGE = 'There is no such kind of ledger entry.';
END CASE;
IF account.reserved < 0 OR account.drawn < 0 OR account.reserved + account.drawn > account.ceiling THEN
    RAISE EXCEPTION USING ERRCODE = '{NOT_ENOUGH}',
        MESSAGE = format('Not enough on this ledger account for %s %s.', NEW.units, account.unit);
END IF;
NEW.id := nextval('ledger_entry_id_seq');
NEW.sequence := account.sequence + 1;
NEW.ceiling_after := account.ceiling;
NEW.reserved_after := account.reserved;
NEW.drawn_after := account.drawn;
NEW.previous_hash := account.head_hash;
NEW.hash := {_ENTRY_HASH};
UPDATE ledger_account SET ceiling = account.ceiling, reserved = account.reserved, drawn = account.drawn,
    sequence = NEW.sequence, head_hash = NEW.hash WHERE id = account.id;
RETURN NEW;
"""


class Account(models.Model):
    """Units of one thing, counted for one subject: so many at most, so many reserved, so many drawn.

    No ceiling means that the account only counts. The balances are kept by the entries' trigger.
    """

    kind = models.CharField(max_length=50)
    subject_kind = models.CharField(max_length=100)
    subject_id = models.CharField(max_length=100)
    item = models.CharField(max_length=200, blank=True, default="")
    unit = models.CharField(max_length=50)
    ceiling = models.BigIntegerField(null=True)
    reserved = models.BigIntegerField(default=0)
    drawn = models.BigIntegerField(default=0)
    sequence = models.PositiveBigIntegerField(default=0)
    head_hash = models.CharField(max_length=64, blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "subject_kind", "subject_id", "item"], name="ledger_account_once"),
            models.CheckConstraint(condition=Q(reserved__gte=0), name="ledger_account_reserved_not_negative"),
            models.CheckConstraint(condition=Q(drawn__gte=0), name="ledger_account_drawn_not_negative"),
            models.CheckConstraint(
                condition=Q(ceiling__isnull=True) | Q(ceiling__gte=F("reserved") + F("drawn")),
                name="ledger_account_within_ceiling",
            ),
        ]
        triggers = [
            FirmTrigger(name="begin", when=pgtrigger.Before, operation=pgtrigger.Insert, func=_BEGIN),
            refuse(
                "no_update",
                pgtrigger.Update,
                "A ledger account is changed by its entries alone.",
                unless="pg_trigger_depth() > 0",
            ),
            refuse("no_delete", pgtrigger.Delete, "A ledger account cannot be deleted."),
            refuse("no_truncate", pgtrigger.Truncate, "The ledger's accounts cannot be emptied."),
        ]

    def __str__(self) -> str:
        return " ".join(part for part in (self.kind, self.subject_id, self.item) if part)


class Entry(models.Model):
    """One movement of whole units on an account, written once, with the balances after it."""

    # Without an index of its own: two unique ones begin with the account.
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="entries", db_index=False)
    sequence = models.PositiveBigIntegerField()
    kind = models.CharField(max_length=20, choices=EntryKind)
    units = models.BigIntegerField()
    key = models.CharField(max_length=200)
    reason = models.TextField()
    at = models.DateTimeField()
    actor_kind = models.CharField(max_length=20)
    actor_id = models.CharField(max_length=100)
    actor_label = models.CharField(max_length=300)
    ceiling_after = models.BigIntegerField(null=True)
    reserved_after = models.BigIntegerField()
    drawn_after = models.BigIntegerField()
    previous_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)

    class Meta:
        verbose_name_plural = "entries"
        constraints = [
            # On a condition that always holds: a query that does not say it cannot use this index. Before a table
            # is analyzed the planner would take it for finding a key, and read all the account's entries.
            models.UniqueConstraint(
                fields=["account", "sequence"], condition=Q(sequence__gt=0), name="ledger_entry_once_in_its_chain"
            ),
            models.CheckConstraint(condition=Q(sequence__gt=0), name="ledger_entry_sequence_from_one"),
            models.UniqueConstraint(fields=["account", "key"], name="ledger_entry_key_once"),
            models.CheckConstraint(
                condition=Q(units__gt=0) | Q(kind=EntryKind.OPEN, units=0), name="ledger_entry_units_positive"
            ),
            models.CheckConstraint(condition=Q(kind__in=EntryKind.values), name="ledger_entry_kind_known"),
        ]
        triggers = [
            FirmTrigger(
                name="post",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                declare=[("account", "ledger_account")],
                func=_POST,
            ),
            *append_only("A ledger entry"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.units}"
