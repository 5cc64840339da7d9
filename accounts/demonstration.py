"""The people of the demonstration: invented names at real and invented organizations, one published password.

Nobody here exists, no organization named here has anything to do with this product, and production never loads
it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from accounts import operations, selectors
from accounts.models import Organization, Unit, User
from accounts.rules import SYSTEM
from accounts.statuses import OrganizationKind, Role

DOMAIN = "demo.countersign.example"
PASSWORD = "lantern-orchard-gate-42"


@dataclass(frozen=True, slots=True)
class _Organization:
    name: str
    kind: str
    address: str
    country: str = "US"
    is_us_person: bool = True
    employer_id: str = ""
    units: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class _Person:
    mailbox: str
    name: str
    title: str
    organization: str
    roles: tuple[str, ...]
    words: str
    unit: str = ""


COMMERCE = "Department of Commerce (demonstration)"
STATE = "Department of State (demonstration)"
DEFENSE = "Department of Defense (demonstration)"
ENERGY = "Department of Energy (demonstration)"
OVERSIGHT = "Office of Export Oversight (demonstration)"
NVIDIA = "NVIDIA (demonstration)"
MICROSOFT = "Microsoft (demonstration)"
DELL = "Dell Technologies (demonstration)"
AMD = "AMD (demonstration)"
FJORDLYS = "Fjordlys Handel AS (demonstration)"

_ORGANIZATIONS = (
    _Organization(
        COMMERCE,
        OrganizationKind.COMMERCE,
        "1401 Constitution Avenue NW, Washington, DC 20230",
        units=(
            ("ACD", "Advanced Computing Division"),
            ("GCA", "Gulf and Central Asia Division"),
            ("EUD", "Europe Division"),
        ),
    ),
    _Organization(STATE, OrganizationKind.AGENCY, "2201 C Street NW, Washington, DC 20520"),
    _Organization(DEFENSE, OrganizationKind.AGENCY, "1000 Defense Pentagon, Washington, DC 20301"),
    _Organization(ENERGY, OrganizationKind.AGENCY, "1000 Independence Avenue SW, Washington, DC 20585"),
    _Organization(OVERSIGHT, OrganizationKind.OVERSIGHT, "12 Example Square, Washington, DC 20004"),
    _Organization(
        NVIDIA, OrganizationKind.EXPORTER, "100 Example Way, Santa Clara, CA 95051", employer_id="00-0000001"
    ),
    _Organization(MICROSOFT, OrganizationKind.EXPORTER, "200 Example Way, Redmond, WA 98052", employer_id="00-0000002"),
    _Organization(DELL, OrganizationKind.EXPORTER, "300 Example Way, Round Rock, TX 78682", employer_id="00-0000003"),
    _Organization(AMD, OrganizationKind.EXPORTER, "400 Example Way, Santa Clara, CA 95054", employer_id="00-0000004"),
    _Organization(
        FJORDLYS, OrganizationKind.EXPORTER, "5 Eksempelveien, 8514 Narvik", country="NO", is_us_person=False
    ),
)

_ADMIN = (Role.EXPORTER_ADMIN, Role.EXPORTER_MEMBER)
_MEMBER = (Role.EXPORTER_MEMBER,)

_PEOPLE = (
    _Person(
        "nvidia",
        "Juniper Applegarth",
        "Export compliance manager",
        NVIDIA,
        _ADMIN,
        "Exporter: administrator of NVIDIA",
    ),
    _Person("nvidia.member", "Barnaby Thistledown", "Trade analyst", NVIDIA, _MEMBER, "Exporter: member of NVIDIA"),
    _Person(
        "officer",
        "Octavia Fernsby",
        "Licensing officer",
        COMMERCE,
        (Role.LICENSING_OFFICER,),
        "Commerce: licensing officer, Advanced Computing Division",
        "ACD",
    ),
    _Person(
        "officer.gulf",
        "Leopold Quillfeather",
        "Licensing officer",
        COMMERCE,
        (Role.LICENSING_OFFICER,),
        "Commerce: licensing officer, Gulf and Central Asia Division",
        "GCA",
    ),
    _Person(
        "officer.europe",
        "Marguerite Holloway-Finch",
        "Licensing officer",
        COMMERCE,
        (Role.LICENSING_OFFICER,),
        "Commerce: licensing officer, Europe Division",
        "EUD",
    ),
    _Person(
        "countersigner",
        "Cornelius Ashgrove",
        "Division chief",
        COMMERCE,
        (Role.COUNTERSIGNER,),
        "Commerce: first countersigner",
        "ACD",
    ),
    _Person(
        "countersigner.second",
        "Philippa Wrenfield",
        "Deputy office director",
        COMMERCE,
        (Role.COUNTERSIGNER,),
        "Commerce: second countersigner",
        "GCA",
    ),
    _Person(
        "countersigner.third",
        "Ambrose Larkspur",
        "Division chief",
        COMMERCE,
        (Role.COUNTERSIGNER,),
        "Commerce: third countersigner",
        "EUD",
    ),
    _Person(
        "director",
        "Theodora Blackwater",
        "Director of licensing",
        COMMERCE,
        (Role.LICENSING_DIRECTOR,),
        "Commerce: licensing director, who decides",
        "ACD",
    ),
    _Person(
        "waiver",
        "Evander Goldcrest",
        "Assistant Secretary",
        COMMERCE,
        (Role.WAIVER_OFFICIAL,),
        "Commerce: first waiver official",
    ),
    _Person(
        "waiver.second",
        "Rosalind Summerhay",
        "Deputy Under Secretary",
        COMMERCE,
        (Role.WAIVER_OFFICIAL,),
        "Commerce: second waiver official",
    ),
    _Person(
        "assurances",
        "Beatrix Hollowell",
        "Assurance officer",
        COMMERCE,
        (Role.ASSURANCE_OFFICER,),
        "Commerce: assurance officer, who drafts and asks",
    ),
    _Person(
        "assurances.second",
        "Mortimer Greyfriars",
        "Assurance officer",
        COMMERCE,
        (Role.ASSURANCE_OFFICER,),
        "Commerce: second assurance officer, who brings into force",
    ),
    _Person(
        "inspector",
        "Ottoline Marchbanks",
        "Export control officer",
        COMMERCE,
        (Role.EXPORT_CONTROL_OFFICER,),
        "Commerce: export control officer, Dubai",
    ),
    _Person(
        "inspector.second",
        "Barnabas Ferrowell",
        "Export control officer",
        COMMERCE,
        (Role.EXPORT_CONTROL_OFFICER,),
        "Commerce: export control officer, Dubai",
    ),
    _Person(
        "inspector.third",
        "Isadora Penhallow",
        "Export control officer",
        COMMERCE,
        (Role.EXPORT_CONTROL_OFFICER,),
        "Commerce: export control officer, Singapore",
    ),
    _Person(
        "inspector.fourth",
        "Crispin Vanterpool",
        "Export control officer",
        COMMERCE,
        (Role.EXPORT_CONTROL_OFFICER,),
        "Commerce: export control officer, Frankfurt",
    ),
    _Person(
        "supervisor",
        "Henrietta Loxwood",
        "Chief of end-use checks",
        COMMERCE,
        (Role.VISIT_SUPERVISOR,),
        "Commerce: visit supervisor",
    ),
    _Person(
        "commitments",
        "Fitzgerald Ambrosius",
        "Commitment officer",
        COMMERCE,
        (Role.COMMITMENT_OFFICER,),
        "Commerce: commitment officer, who records and asks",
    ),
    _Person(
        "commitments.second",
        "Wilhelmina Thornquist",
        "Commitment officer",
        COMMERCE,
        (Role.COMMITMENT_OFFICER,),
        "Commerce: second commitment officer, who verifies",
    ),
    _Person(
        "allocations",
        "Leontine Harcastle",
        "Allocation official",
        COMMERCE,
        (Role.ALLOCATION_OFFICIAL,),
        "Commerce: allocation official, who proposes",
    ),
    _Person(
        "allocations.second",
        "Jasper Quennell",
        "Allocation official",
        COMMERCE,
        (Role.ALLOCATION_OFFICIAL,),
        "Commerce: second allocation official, who approves",
    ),
    _Person(
        "state",
        "Lysander Pembridge",
        "Reviewer",
        STATE,
        (Role.AGENCY_REVIEWER,),
        "State: agency reviewer",
    ),
    _Person(
        "defense",
        "Hermione Stonebrook",
        "Reviewer",
        DEFENSE,
        (Role.AGENCY_REVIEWER,),
        "Defense: agency reviewer",
    ),
    _Person("energy", "Casimir Nettlefold", "Reviewer", ENERGY, (Role.AGENCY_REVIEWER,), "Energy: agency reviewer"),
    _Person("auditor", "Prudence Inkwell", "Auditor", OVERSIGHT, (Role.AUDITOR,), "Oversight: auditor"),
    _Person(
        "administrator",
        "Ignatius Keyworthy",
        "Administrator",
        OVERSIGHT,
        (Role.ADMINISTRATOR,),
        "Oversight: administrator of accounts",
    ),
    _Person(
        "microsoft",
        "Clementine Farraday",
        "Trade counsel",
        MICROSOFT,
        _ADMIN,
        "Exporter: administrator of Microsoft",
    ),
    _Person(
        "microsoft.member",
        "Thaddeus Moorcroft",
        "Trade analyst",
        MICROSOFT,
        _MEMBER,
        "Exporter: member of Microsoft",
    ),
    _Person(
        "dell",
        "Winifred Oakhanger",
        "Trade compliance lead",
        DELL,
        _ADMIN,
        "Exporter: administrator of Dell Technologies",
    ),
    _Person(
        "dell.member",
        "Percival Sandbourne",
        "Trade analyst",
        DELL,
        _MEMBER,
        "Exporter: member of Dell Technologies",
    ),
    _Person("amd", "Araminta Foxglove", "Trade counsel", AMD, _ADMIN, "Exporter: administrator of AMD"),
    _Person("amd.member", "Gideon Merriweather", "Trade analyst", AMD, _MEMBER, "Exporter: member of AMD"),
    _Person(
        "fjordlys",
        "Sigrun Eksempelsdatter",
        "Sales director",
        FJORDLYS,
        _ADMIN,
        "Exporter that is no US person: administrator of Fjordlys Handel AS",
    ),
    _Person(
        "fjordlys.member",
        "Torvald Papirnes",
        "Sales clerk",
        FJORDLYS,
        _MEMBER,
        "Exporter that is no US person: member of Fjordlys Handel AS",
    ),
)

SIGN_INS: list[tuple[str, str]] = [(f"{person.mailbox}@{DOMAIN}", person.words) for person in _PEOPLE]


def create_people(*, at: datetime) -> dict[str, User]:
    """Create what is missing of the demonstration's organizations and people; answers people by e-mail."""
    organizations: dict[str, Organization] = {}
    units: dict[tuple[str, str], Unit] = {}
    existing = {each.name: each for each in selectors.list_organizations()}
    for wanted in _ORGANIZATIONS:
        organization = existing.get(wanted.name) or operations.create_organization(
            name=wanted.name,
            kind=wanted.kind,
            country=wanted.country,
            is_us_person=wanted.is_us_person,
            employer_id=wanted.employer_id,
            address=wanted.address,
            is_demonstration=True,
            by=SYSTEM,
            at=at,
        )
        organizations[wanted.name] = organization
        known = {unit.code: unit for unit in selectors.list_units(organization)}
        for code, name in wanted.units:
            units[wanted.name, code] = known.get(code) or operations.create_unit(
                organization=organization, name=name, code=code, by=SYSTEM, at=at
            )
    people: dict[str, User] = {}
    for person in _PEOPLE:
        email = f"{person.mailbox}@{DOMAIN}"
        people[email] = selectors.get_user(email) or operations.create_user(
            email=email,
            name=person.name,
            title=person.title,
            organization=organizations[person.organization],
            unit=units.get((person.organization, person.unit)),
            roles=person.roles,
            password=PASSWORD,
            by=SYSTEM,
            at=at,
        )
    return people
