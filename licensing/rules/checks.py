"""Do the rules hold? Each check answers with findings: the rule, whether it is met, and what to do if not."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Finding:
    """One rule and whether it is met. `step` and `field` say where the applicant can mend it."""

    rule: str
    met: bool
    says: str
    step: str = ""
    field: str = ""


@dataclass(frozen=True, slots=True)
class PartyFacts:
    """What the rules ask about a party: its role, its name and its countries (alpha-2)."""

    role: str
    name: str
    country: str
    headquarters: str | None = None
    ultimate_parent_headquarters: str | None = None


@dataclass(frozen=True, slots=True)
class ItemFacts:
    """What the rules ask about a line of the order."""

    line_no: int
    kind: str
    model: str
    quantity: int
    unit_price: Decimal
    known_model: bool
    has_own_figures: bool


@dataclass(frozen=True, slots=True)
class ApplicationFacts:
    """What the completeness of an application is judged on.

    `declared` gives the safeguards that are declared, by name, in the edition's words; `unfinished` the steps in which
    an entry was left before it was complete.
    """

    applicant_is_us_person: bool
    parties: Sequence[PartyFacts] = ()
    items: Sequence[ItemFacts] = ()
    site_name: str = ""
    site_city: str = ""
    site_address: str = ""
    site_country: str | None = None
    end_use: str = ""
    declared: Mapping[str, str] = field(default_factory=dict)
    undertaking_signatory: str = ""
    undertaking_signed: bool = False
    document_kinds: frozenset[str] = field(default_factory=frozenset)
    unfinished: frozenset[str] = field(default_factory=frozenset)


# Vaguer than this and conditions or questions follow; it is a floor for saying anything at all.
SHORTEST_END_USE = 40

UNDERTAKING = "recipient_no_cluster_undertaking"
# The kind of document that proves a declared safeguard; any other safeguard is proved by a document of its own.
SAFEGUARD_DOCUMENTS = {"exporter_monitoring_plan": "monitoring_plan", UNDERTAKING: "recipient_undertaking"}


def check_application(facts: ApplicationFacts) -> tuple[Finding, ...]:
    """Every rule an application must meet before it can be certified (EAR 748.4 to 748.6)."""
    roles = {party.role for party in facts.parties}
    has_chips = any(item.kind == "chip" for item in facts.items)
    findings = [
        Finding(
            "applicant.us_person",
            facts.applicant_is_us_person,
            "Only a person in the United States may apply to export. Your organization is not recorded as one. "
            "If that is wrong, ask the administrator of this service to correct the record.",
        ),
        Finding(
            "parties.ultimate_consignee",
            "ultimate_consignee" in roles,
            "Name the ultimate consignee: the principal party abroad that receives the chips.",
            "parties",
        ),
        Finding(
            "parties.end_user",
            "end_user" in roles,
            "Name at least one end user: who receives and finally uses the chips.",
            "parties",
        ),
        Finding(
            "parties.purchaser",
            "purchaser" in roles,
            "Name the purchaser: who buys the chips. It may be the ultimate consignee again.",
            "parties",
        ),
        Finding(
            "parties.finished",
            "parties" not in facts.unfinished,
            "A party was begun and left before it was complete. Finish it, or discard it.",
            "parties",
        ),
        _check_installation(facts),
        Finding("items.some", bool(facts.items), "List at least one item.", "items"),
        Finding(
            "items.finished",
            "items" not in facts.unfinished,
            "A line was begun and left before it was complete. Finish it, or discard it.",
            "items",
        ),
        Finding(
            "end_use.specific",
            len(facts.end_use.strip()) >= SHORTEST_END_USE,
            f"Describe the specific end use in at least {SHORTEST_END_USE} characters: who will run what on these "
            "chips, and for whom.",
            "end-use",
        ),
    ]
    findings += [
        Finding(
            "items.figures",
            item.kind != "chip" or item.known_model or item.has_own_figures,
            f"Line {item.line_no}: {item.model} is not in the catalogue of chips. Give its total processing "
            "performance (TPP) and its memory bandwidth.",
            "items",
        )
        for item in facts.items
    ]
    if has_chips:
        findings += [
            Finding(
                f"safeguards.{name}",
                SAFEGUARD_DOCUMENTS.get(name, "safeguard") in facts.document_kinds,
                f"You declare {words}. Attach it as a PDF.",
                "safeguards",
            )
            for name, words in facts.declared.items()
        ]
        findings.append(
            Finding(
                "safeguards.signatory",
                UNDERTAKING not in facts.declared or bool(facts.undertaking_signatory and facts.undertaking_signed),
                "Say who signed the recipient's undertaking, and when.",
                "safeguards",
            )
        )
    return tuple(findings)


def _check_installation(facts: ApplicationFacts) -> Finding:
    """Where the chips will stand; only what is missing of it is asked for."""
    missing = [
        words
        for words, value in (
            ("name", facts.site_name),
            ("street address", facts.site_address),
            ("city", facts.site_city),
            ("country", facts.site_country),
        )
        if not value
    ]
    *others, last = missing or [""]
    asked = f"{', '.join(others)} and {last}" if others else last
    return Finding(
        "installation.named",
        not missing,
        f"Say where the chips will stand: the installation's {asked}.",
        "installation",
    )


def put_unfinished(
    kept: Mapping[str, Mapping[str, object]], step: str, entries: Mapping[str, object]
) -> dict[str, Mapping[str, object]]:
    """What is left unfinished of a draft once `entries` are what is left of one step; a step without any is out."""
    others = {name: value for name, value in kept.items() if name != step}
    return {**others, step: dict(entries)} if entries else others


def check_requirements_closed(requirements: Sequence[tuple[str, str, str]]) -> tuple[Finding, ...]:
    """No license while a requirement that gates its issue is open.

    Each requirement comes as (title, status, gates). One that gates shipments does not hold up the issue.
    """
    return tuple(
        Finding(
            "requirement.closed",
            gates != "issue" or status != "open",
            f"“{title}” is open. It must be satisfied with evidence, or waived by two officials, before a license "
            "can be issued.",
        )
        for title, status, gates in requirements
    )


def check_decided_lines(
    *, asked: Mapping[int, int], granted: Mapping[int, int], whole: bool, all_or_nothing: bool
) -> tuple[Finding, ...]:
    """A decision grants no line that was not asked for and no more than was asked (EAR 748.6(c))."""
    some = any(granted.values())
    less = any(granted.get(line, 0) < quantity for line, quantity in asked.items())
    return (
        Finding(
            "decision.lines_asked",
            set(granted) <= set(asked),
            "Only lines of the application can be granted.",
            field="lines",
        ),
        Finding(
            "decision.never_negative",
            all(quantity >= 0 for quantity in granted.values()),
            "A line's granted quantity cannot be below zero.",
            field="lines",
        ),
        Finding(
            "decision.never_more",
            all(quantity <= asked.get(line, 0) for line, quantity in granted.items()),
            "No line can be granted more chips than the application asks for.",
            field="lines",
        ),
        Finding("decision.some", some, "An approval grants at least one chip; otherwise deny.", field="lines"),
        Finding(
            "decision.whole",
            not whole or not less,
            "An approval in whole grants every line as asked. To grant less, approve in part.",
            field="lines",
        ),
        Finding(
            "decision.part_is_less",
            whole or less,
            "An approval in part grants less than was asked. To grant everything, approve in whole.",
            field="lines",
        ),
        Finding(
            "decision.all_or_nothing",
            whole or not all_or_nothing,
            "The applicant asked for all or nothing, so this application cannot be approved in part.",
            field="kind",
        ),
    )


def check_denial_grounds(
    *, denies: bool, statutory_basis: str, regulatory_basis: str, reasons: str
) -> tuple[Finding, ...]:
    """A denial says why and names its statutory and its regulatory basis (EAR 750.4(d)(2))."""
    return (
        Finding("grounds.reasons", bool(reasons.strip()), "Give the reasons.", field="reasons"),
        Finding(
            "grounds.statutory",
            not denies or bool(statutory_basis.strip()),
            "A denial needs its statutory basis, for example a section of 50 USC.",
            field="statutory_basis",
        ),
        Finding(
            "grounds.regulatory",
            not denies or bool(regulatory_basis.strip()),
            "A denial needs its regulatory basis, for example a section of 15 CFR.",
            field="regulatory_basis",
        ),
    )
