"""The journal: entries in one hash chain for each subject, the head of each chain, and a seal for each day.

PostgreSQL keeps it, not this code: a trigger numbers and hashes every entry, and others refuse to change,
delete or empty anything. `docs/decisions/` says how.
"""

import pgtrigger
from django.db import models

from audit.triggers import (
    FORGED,
    FirmTrigger,
    append_only,
    hash_expression,
    instant_expression,
    refuse,
)

_ENTRY_HASH = hash_expression(
    "entry",
    (
        "NEW.id::text",
        "NEW.subject_kind",
        "NEW.subject_id",
        "NEW.sequence::text",
        instant_expression("NEW.at"),
        "NEW.actor_kind",
        "NEW.actor_id",
        "NEW.actor_label",
        "NEW.verb",
        "NEW.says",
        "NEW.data::text",
        "NEW.covers::text",
        "NEW.previous_hash",
    ),
)

# The head is locked before the number is drawn, so that numbers rise along each chain; once locked it stays in its
# place, and is written there. A chain that two transactions begin at once is begun by one of them: the other finds
# the head and follows it.
_APPEND = f"""
IF NEW.covers <> '[]'::jsonb THEN
    NEW.covers := audit_cover(NEW.covers);
END IF;
LOOP
    SELECT sequence + 1, hash, ctid INTO NEW.sequence, NEW.previous_hash, place FROM audit_chainhead
        WHERE subject_kind = NEW.subject_kind AND subject_id = NEW.subject_id FOR NO KEY UPDATE;
    NEW.id := nextval('audit_entry_id_seq');
    IF FOUND THEN
        NEW.hash := {_ENTRY_HASH};
        UPDATE audit_chainhead SET sequence = NEW.sequence, hash = NEW.hash WHERE ctid = place;
        RETURN NEW;
    END IF;
    NEW.sequence := 1;
    NEW.previous_hash := '';
    NEW.hash := {_ENTRY_HASH};
    INSERT INTO audit_chainhead (subject_kind, subject_id, sequence, hash)
        VALUES (NEW.subject_kind, NEW.subject_id, 1, NEW.hash) ON CONFLICT DO NOTHING;
    IF FOUND THEN
        RETURN NEW;
    END IF;
END LOOP;
"""

_SEAL_HASH = hash_expression(
    "seal",
    (
        "to_char(NEW.day, 'YYYY-MM-DD')",
        instant_expression("NEW.at"),
        "NEW.through_entry_id::text",
        "NEW.chains::text",
        "NEW.merkle_root",
        "NEW.previous_hash",
    ),
)

_SEAL = f"""
SELECT day, at, through_entry_id, hash INTO last FROM audit_seal ORDER BY day DESC LIMIT 1;
IF last.day >= NEW.day OR last.at >= NEW.at OR last.through_entry_id > NEW.through_entry_id THEN
    RAISE EXCEPTION USING ERRCODE = '{FORGED}',
        MESSAGE = 'A seal follows the one before it in time and reach.';
END IF;
NEW.previous_hash := coalesce(last.hash, '');
IF NEW.hash IS DISTINCT FROM {_SEAL_HASH} THEN
    RAISE EXCEPTION USING ERRCODE = '{FORGED}',
        MESSAGE = 'The hash of the seal does not fit its content.';
END IF;
RETURN NEW;
"""


class ChainHead(models.Model):
    """Where a subject's chain ends. Only the journal's own trigger writes here."""

    pk = models.CompositePrimaryKey("subject_kind", "subject_id")
    subject_kind = models.CharField(max_length=100)
    subject_id = models.CharField(max_length=100)
    sequence = models.PositiveBigIntegerField()
    hash = models.CharField(max_length=64)

    class Meta:
        triggers = [
            refuse(
                "no_insert",
                pgtrigger.Insert,
                "The head of a chain is written by the journal alone.",
                unless="pg_trigger_depth() > 0",
            ),
            refuse(
                "no_update",
                pgtrigger.Update,
                "The head of a chain is written by the journal alone.",
                unless="pg_trigger_depth() > 0",
            ),
            refuse("no_delete", pgtrigger.Delete, "The head of a chain cannot be deleted."),
            refuse("no_truncate", pgtrigger.Truncate, "The heads of the chains cannot be emptied."),
        ]

    def __str__(self) -> str:
        return f"{self.subject_kind} {self.subject_id}: {self.sequence}"


class Entry(models.Model):
    """One thing that somebody did to a subject: numbered, chained and hashed by the database, for good."""

    subject_kind = models.CharField(max_length=100)
    subject_id = models.CharField(max_length=100)
    sequence = models.PositiveBigIntegerField()
    at = models.DateTimeField()
    actor_kind = models.CharField(max_length=20)
    actor_id = models.CharField(max_length=100)
    actor_label = models.CharField(max_length=300)
    verb = models.CharField(max_length=100)
    says = models.TextField()
    data = models.JSONField(default=dict)
    covers = models.JSONField(default=list)
    previous_hash = models.CharField(max_length=64, blank=True)
    hash = models.CharField(max_length=64)

    class Meta:
        verbose_name_plural = "entries"
        constraints = [
            models.UniqueConstraint(
                fields=["subject_kind", "subject_id", "sequence"], name="audit_entry_once_in_its_chain"
            ),
        ]
        triggers = [
            FirmTrigger(
                name="append",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                declare=[("place", "tid")],
                func=_APPEND,
            ),
            *append_only("A journal entry"),
        ]

    def __str__(self) -> str:
        return self.says


class Seal(models.Model):
    """One day's seal: the Merkle root over the heads of all chains that grew since the seal before it.

    `through_entry_id` is the last entry it reaches, `chains` how many chains it seals anew. A chain that did
    not grow stands under an earlier seal; the seals are chained, so the last of them stands for every chain.
    """

    audit_covered = True

    day = models.DateField(unique=True)
    at = models.DateTimeField()
    through_entry_id = models.PositiveBigIntegerField()
    chains = models.PositiveBigIntegerField()
    merkle_root = models.CharField(max_length=64)
    previous_hash = models.CharField(max_length=64, blank=True)
    hash = models.CharField(max_length=64)

    class Meta:
        constraints = [
            # Two seals can never follow the same one, even when two sessions write at once.
            models.UniqueConstraint(fields=["previous_hash"], name="audit_seal_follows_once"),
        ]
        triggers = [
            FirmTrigger(
                name="follow",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                declare=[("last", "record")],
                func=_SEAL,
            ),
            *append_only("A seal"),
        ]

    def __str__(self) -> str:
        return f"Seal of {self.day:%B %-d, %Y}"


Subject = models.Model | tuple[str, str]


def identify(subject: Subject) -> tuple[str, str]:
    """The kind and the id under which the journal knows a subject: ("licensing.case", "42")."""
    if isinstance(subject, models.Model):
        return subject._meta.label_lower, str(subject.pk)
    return subject
