"""Refusals, the acting principal, and which role belongs to which kind of organization. No Django here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from audit.rules import Actor


class Refused(Exception):
    """A rule says no. The reason is a sentence that the person who asked can act on.

    `rule` names the rule, `field` the input it concerns (a page shows the reason beside it),
    `findings` carries every rule that was checked when there were several.
    """

    def __init__(
        self, reason: str, *, rule: str = "", field: str | None = None, findings: tuple[Any, ...] = ()
    ) -> None:
        super().__init__(reason)
        self.reason = reason
        self.rule = rule
        self.field = field
        self.findings = findings

    def __str__(self) -> str:
        return self.reason


class Stale(Refused):
    """The page was old, or somebody was faster: look again before acting."""


class Principal(Protocol):
    """Anything that acts: a person, an organization's API key, or the system itself."""

    @property
    def actor(self) -> Actor: ...

    @property
    def organization_id(self) -> int | None: ...

    @property
    def is_active(self) -> bool: ...

    def has_role(self, role: str) -> bool: ...


@dataclass(frozen=True, slots=True)
class SystemPrincipal:
    """The product acting on its own (a schedule, a command). It holds no role: it never signs or decides."""

    actor: Actor
    organization_id: None = None
    is_active: bool = True

    def has_role(self, role: str) -> bool:
        return False


SYSTEM = SystemPrincipal(actor=Actor(kind="system", id="system", label="Countersign"))

# Which roles a person of an organization of this kind can hold.
ROLES_OF: dict[str, frozenset[str]] = {
    "exporter": frozenset({"exporter_admin", "exporter_member"}),
    "commerce": frozenset(
        {
            "licensing_officer",
            "countersigner",
            "licensing_director",
            "waiver_official",
            "assurance_officer",
            "export_control_officer",
            "visit_supervisor",
            "commitment_officer",
            "allocation_official",
            "administrator",
        }
    ),
    "agency": frozenset({"agency_reviewer"}),
    "oversight": frozenset({"auditor", "administrator"}),
}
EXPORTER_ROLES = ROLES_OF["exporter"]
COMMERCE_ROLES = ROLES_OF["commerce"] - {"administrator"}
AGENCY_ROLES = ROLES_OF["agency"]
OVERSIGHT_ROLES = ROLES_OF["oversight"]

# Reading everything and keeping accounts is kept apart from touching cases.
KEPT_APART = (OVERSIGHT_ROLES, COMMERCE_ROLES)


def check_role_fits(*, role: str, organization_kind: str, held: frozenset[str]) -> None:
    """Refuse a role that the organization's kind cannot have, or that must not meet a role already held."""
    if role not in ROLES_OF.get(organization_kind, frozenset()):
        raise Refused(
            f"The role {role.replace('_', ' ')} cannot be held in an organization of this kind "
            f"({organization_kind}). Choose a role of that kind, or a person of another organization.",
            rule="accounts.role_fits_organization",
            field="role",
        )
    for first, second in (KEPT_APART, KEPT_APART[::-1]):
        clash = held & second
        if role in first and clash:
            raise Refused(
                f"Nobody both oversees and works on cases: this person already is "
                f"{', '.join(sorted(clash)).replace('_', ' ')}. Revoke that role first, or ask another.",
                rule="accounts.roles_kept_apart",
                field="role",
            )
