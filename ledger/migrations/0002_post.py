"""The function that posts an entry in one round trip and answers a refusal without an error.

It looks first, under the account's lock, so that a refusal leaves the caller's transaction usable; what it may
not do is decided by the triggers all the same.
"""

from django.db import migrations

CREATE = """
CREATE FUNCTION ledger_post(
    wanted_account bigint, wanted_kind text, wanted_units bigint, wanted_ceiling bigint, wanted_key text,
    wanted_reason text, wanted_at timestamptz, wanted_actor_kind text, wanted_actor_id text,
    wanted_actor_label text,
    OUT outcome text, OUT unit text, OUT ceiling bigint, OUT reserved bigint, OUT drawn bigint,
    OUT entry_id bigint, OUT sequence bigint, OUT previous_hash text, OUT hash text
)
LANGUAGE plpgsql
SET search_path = public, pg_temp
AS $$
DECLARE
    posted bigint;
    entry record;
BEGIN
    SELECT a.unit, a.ceiling, a.reserved, a.drawn, a.sequence INTO unit, ceiling, reserved, drawn, posted
        FROM ledger_account a WHERE a.id = wanted_account FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        outcome := 'missing';
        RETURN;
    END IF;
    SELECT e.id, e.kind, e.units, e.ceiling_after INTO entry
        FROM ledger_entry e WHERE e.account_id = wanted_account AND e.key = wanted_key;
    IF FOUND THEN
        entry_id := entry.id;
        outcome := CASE
            WHEN entry.kind <> wanted_kind OR entry.units <> wanted_units
                OR (wanted_kind = 'open' AND entry.ceiling_after IS DISTINCT FROM wanted_ceiling) THEN 'key used'
            ELSE 'again' END;
        RETURN;
    END IF;
    outcome := CASE
        WHEN wanted_kind = 'open' AND posted > 0 THEN 'open already'
        WHEN wanted_kind IN ('raise', 'lower') AND ceiling IS NULL THEN 'no ceiling'
        WHEN wanted_kind IN ('reserve', 'draw', 'lower')
            AND wanted_units > ceiling - reserved - drawn THEN 'not enough'
        WHEN wanted_kind IN ('release', 'draw_reserved') AND wanted_units > reserved THEN 'not enough'
        WHEN wanted_kind = 'return' AND wanted_units > drawn THEN 'not enough'
    END;
    IF outcome IS NOT NULL THEN
        RETURN;
    END IF;
    INSERT INTO ledger_entry AS e (id, account_id, sequence, kind, units, key, reason, at, actor_kind, actor_id,
                                   actor_label, ceiling_after, reserved_after, drawn_after, previous_hash, hash)
        VALUES (0, wanted_account, 0, wanted_kind, wanted_units, wanted_key, wanted_reason, wanted_at,
                wanted_actor_kind, wanted_actor_id, wanted_actor_label, wanted_ceiling, 0, 0, '', '')
        RETURNING e.id, e.sequence, e.ceiling_after, e.reserved_after, e.drawn_after, e.previous_hash, e.hash
            INTO entry_id, sequence, ceiling, reserved, drawn, previous_hash, hash;
    outcome := 'posted';
END;
$$;
"""


class Migration(migrations.Migration):
    dependencies = [("ledger", "0001_initial")]
    operations = [
        migrations.RunSQL(
            CREATE,
            "DROP FUNCTION ledger_post(bigint, text, bigint, bigint, text, text, timestamptz, text, text, text)",
        )
    ]
