"""Triggers that keep history as it was written: declared on the models, so that migrations carry them.

`append_only()` is for the `Meta.triggers` of any history table: a row in it is written once, and stays.
"""

from collections.abc import Iterable
from typing import Any

import pgtrigger
from django.db import models
from pgtrigger import compiler

# Class 23 makes drivers report these as violations of integrity; the last three are ours.
APPEND_ONLY = "23J01"
FORGED = "23J02"


class FirmTriggerSql(compiler.UpsertTriggerSql):
    """The SQL of a trigger that no session setting can switch off.

    The library's own template lets `SET pgtrigger.ignore` skip a trigger, which any user may do. And it looks
    names up along the session's search path, where a temporary table would come first and take the write.
    """

    def get_template(self) -> str:
        """The statements that install the trigger; migrations refer to them, so they must not change."""
        return """
            CREATE OR REPLACE FUNCTION {pgid}()
            RETURNS TRIGGER AS $$
                {declare}
                BEGIN
                    {func}
                END;
            $$ LANGUAGE plpgsql SET search_path = public, pg_temp;

            DROP TRIGGER IF EXISTS {pgid} ON {table};
            CREATE {constraint} TRIGGER {pgid}
                {when} {operation} ON {table}
                {timing}
                {referencing}
                FOR EACH {level} {condition}
                EXECUTE PROCEDURE {execute};

            COMMENT ON TRIGGER {pgid} ON {table} IS '{hash}';
        """


class FirmTrigger(pgtrigger.Trigger):
    """A trigger whose function cannot be skipped by a session setting; see `FirmTriggerSql`."""

    def compile(self, model: models.Model) -> compiler.Trigger:
        """The library's compiled trigger, with the firm template in place of its own."""
        kwargs: dict[str, Any] = dict(super().compile(model).sql.kwargs)
        kwargs.pop("ignore_func_name")
        return compiler.Trigger(name=self.name, sql=FirmTriggerSql(**kwargs))


def refuse(name: str, operation: pgtrigger.core.Operation, says: str, *, unless: str = "") -> FirmTrigger:
    """A trigger that refuses the operation in the given words, unless the SQL condition holds.

    The condition is part of the trigger, so that where it holds no function is called at all. PostgreSQL takes no
    subquery there, so a condition that looks into a table is asked by the function.
    """
    words = says.replace("'", "''")
    statement = f"RAISE EXCEPTION USING ERRCODE = '{APPEND_ONLY}', MESSAGE = '{words}';"
    looks_up = "SELECT" in unless
    returned = "OLD" if operation is pgtrigger.Delete else "NEW"
    return FirmTrigger(
        name=name,
        level=pgtrigger.Statement if operation is pgtrigger.Truncate else pgtrigger.Row,
        when=pgtrigger.Before,
        operation=operation,
        condition=pgtrigger.Condition(f"NOT ({unless})") if unless and not looks_up else None,
        func=f"IF NOT ({unless}) THEN {statement} END IF; RETURN {returned};" if looks_up else statement,
    )


def append_only(what: str = "History") -> list[FirmTrigger]:
    """Triggers for a table whose rows are written once: no update, no delete, no truncate.

    `what` begins the refusal's sentence, in the singular: "A recommendation".
    """
    return [
        refuse("no_update", pgtrigger.Update, f"{what} is written once: it cannot be changed."),
        refuse("no_delete", pgtrigger.Delete, f"{what} is written once: it cannot be deleted."),
        refuse("no_truncate", pgtrigger.Truncate, f"{what} is written once: its table cannot be emptied."),
    ]


def hash_expression(kind: str, expressions: Iterable[str]) -> str:
    """SQL for the hash of `rules.digest`: SHA-256 in hex over length-prefixed fields, the first being `kind`.

    Each expression must be text and not null. One call of format(), since each transaction has to set up every
    node of the expression anew before it can be evaluated.
    """
    fields = list(expressions)
    written = ", ".join(f"octet_length({field}), {field}" for field in fields)
    template = f"{len(kind)}:{kind};" + "%s:%s;" * len(fields)
    return f"encode(sha256(convert_to(format('{template}', {written}), 'UTF8')), 'hex')"


def instant_expression(column: str) -> str:
    """SQL for `rules.instant`: whole microseconds since 1970, as text, the same in every session."""
    return f"(extract(epoch FROM {column}) * 1000000)::bigint::text"
