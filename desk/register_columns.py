"""The columns of the registers and of the work basket as files."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from desk.exports import Column
from desk.presentation import tell_tier
from licensing.selectors.registers import InstallationRow
from licensing.statuses import CaseStatus
from registry.rules import Counts

LICENSES = (
    Column("Number", lambda row: row.license.number),
    Column("Holder", lambda row: row.license.organization.name),
    Column("Destination", lambda row: row.license.destination.name),
    Column("Case", lambda row: row.license.case.acn),
    Column("Status", lambda row: row.status_words),
    Column("On hold", lambda row: row.is_held),
    Column("No longer stands", lambda row: "; ".join(row.fallen)),
    Column("First day", lambda row: row.license.valid_from),
    Column("Last day", lambda row: row.license.expires_on),
    Column("Chips licensed", lambda row: row.quantity),
    Column("Chips left", lambda row: row.left),
)

# A line for each model at a place: (row, model, counts).
INSTALLATIONS = (
    Column("Name", lambda line: line[0].installation.name),
    Column("Operator", lambda line: line[0].installation.operator.name),
    Column("City", lambda line: line[0].installation.city),
    Column("Country", lambda line: line[0].installation.country.name),
    Column("On hold", lambda line: line[0].is_held),
    Column("Chip model", lambda line: line[1]),
    Column("Installed", lambda line: line[2].installed),
    Column("Licensed, not there", lambda line: line[2].licensed),
    Column("Asked for", lambda line: line[2].pending),
)

PARTIES = (
    Column("Name", lambda row: row.party.name),
    Column("Other names", lambda row: "; ".join(row.aliases)),
    Column("Kind", lambda row: row.party.get_kind_display()),
    Column("Headquarters", lambda row: row.party.headquarters and row.party.headquarters.name),
    Column("Owners", lambda row: "; ".join(_tell_owner(link) for link in row.owners)),
    Column("Book", lambda row: row.party.organization.name if row.party.organization else "Commerce"),
    Column("Installations", lambda row: row.installations),
    Column("On hold", lambda row: row.is_held),
)

HOLDS = (
    Column("On", lambda row: row.hold.get_scope_kind_display()),
    Column("Which", lambda row: row.target.words),
    Column("Cause", lambda row: row.hold.get_cause_display()),
    Column("Why", lambda row: row.hold.says),
    Column("Placed", lambda row: row.hold.placed_at),
    Column("Placed by", lambda row: row.hold.placed_by_label),
    Column("May lift it", lambda row: row.hold.get_lifter_role_display()),
    Column("Lifted by the return of", lambda row: row.hold.ground.title if row.hold.ground else ""),
    Column("Lifted", lambda row: row.hold.lifted_at),
    Column("Lifted by", lambda row: row.hold.lifted_by_label),
    Column("Why it was lifted", lambda row: row.hold.lift_reason),
)


def _tell_owner(link: Any) -> str:
    share = f", {link.percent.normalize():f}%" if link.percent else ""
    return f"{link.owner.name}{share}{', controlling parent' if link.is_controlling_parent else ''}"


def list_by_model(rows: Iterable[InstallationRow]) -> Iterator[tuple[InstallationRow, str, Counts]]:
    """Installations with a line for each model of chips, and one for a place without any."""
    for row in rows:
        for model, counts in row.counts or [("", Counts())]:
            yield row, model, counts


def list_case_columns(tiers: Mapping[str, str]) -> tuple[Column, ...]:
    """The columns of the work basket; `tiers` are the edition's, by id and title."""
    return (
        Column("ACN", lambda row: row.acn),
        Column("What is asked for", lambda row: row.subject_line),
        Column("Destination", lambda row: row.destination_id),
        Column("Tier", lambda row: tell_tier(row.tier, tiers)),
        Column("Applicant", lambda row: row.applicant_name),
        Column("Status", lambda row: CaseStatus(row.status).label),
        Column("Officer", lambda row: row.officer_name),
        Column("Unit", lambda row: row.unit_code),
        Column("Received", lambda row: row.opened_at),
        Column("Due", lambda row: row.due_at),
        Column("Closed", lambda row: row.closed_at),
    )
