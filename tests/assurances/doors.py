"""Who may open the pages of instruments and act on them, for tests/repository/test_access.py."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.utils import timezone

from accounts.statuses import Role
from assurances import operations
from assurances.models import Instrument
from deadlines.rules import day_of
from tests.assurances import factories as make
from tests.repository.doors import COMMERCE, Access, World

OFFICERS = frozenset({Role.ASSURANCE_OFFICER})
TERMS: dict[str, Any] = {
    "kind": "letter_of_assurance",
    "title": "Letter of assurance of Qatar",
    "country": "QA",
    "government": "State of Qatar",
    "ministry": "Ministry of Commerce and Industry",
    "us_side": "Department of Commerce",
    "is_binding": "yes",
    "countries": ["QA"],
    "ceiling": "60000",
}


def _of(name: str) -> Callable[[World], dict[str, Any]]:
    return lambda world: {"instrument_id": world.args["assurances"][name]}


def _act(name: str, **sends: Any) -> Access:
    def sent(world: World) -> dict[str, Any]:
        instrument = Instrument.objects.get(pk=world.args["assurances"][name])
        return {
            "version": instrument.version,
            **{key: value(world) if callable(value) else value for key, value in sends.items()},
        }

    return Access(read=COMMERCE, act=OFFICERS, sends=sent, given=_of(name))


def _today(world: World) -> str:
    return day_of(timezone.now()).isoformat()


def _later(world: World) -> str:
    return (day_of(timezone.now()) + timedelta(days=5000)).isoformat()


SIGNATURE = {
    "text": "2",
    "signatory": "The Minister",
    "signatory_title": "Minister",
    "signatory_authority": "Full powers",
    "signed_on": _today,
}
TABLE: dict[str, Access] = {
    "desk:assurances": Access(COMMERCE),
    "desk:assurance": Access(COMMERCE, given=_of("in_force")),
    "desk:assurance_coverage": Access(COMMERCE, given=_of("in_force")),
    "desk:assurance_compare": Access(COMMERCE, given=_of("in_force")),
    "desk:assurance_text": Access(COMMERCE, given=lambda world: {**_of("in_force")(world), "text_number": 1}),
    "desk:assurance_translation": Access(COMMERCE, given=_of("foreign")),
    "desk:assurance_evidence": Access(COMMERCE, given=lambda world: {**_of("alleged")(world), "breach_number": 1}),
    "desk:assurance_start": Access(OFFICERS, OFFICERS, sends=lambda world: TERMS),
    "desk:assurance_change_terms": _act("draft", **TERMS),
    "desk:assurance_note_undertakings": _act("draft", clause_remedies="Article 9"),
    "desk:assurance_add_text": _act(
        "draft", language="en", says="As proposed.", file=lambda world: make.pdf("As proposed.")
    ),
    "desk:assurance_add_translation": Access(
        COMMERCE,
        OFFICERS,
        sends=lambda world: {"certified_by": "A", "certified_on": _today(world), "file": make.pdf("In English")},
        given=lambda world: {**_of("foreign")(world), "text_number": 2},
    ),
    "desk:assurance_request": _act("draft", says="A note."),
    "desk:assurance_record_contact": _act("requested", contacted_on=_today, says="The embassy."),
    "desk:assurance_agree": _act("negotiated", text="1"),
    "desk:assurance_reopen_negotiation": _act("foreign", reason="They want more."),
    "desk:assurance_record_receipt": _act("foreign", **SIGNATURE),
    "desk:assurance_bring_into_force": _act("signed", read="on"),
    "desk:assurance_change_ceiling": _act("in_force", ceiling="40000", reason="A note."),
    "desk:assurance_amend": _act("in_force", text="3", says="More.", **{**TERMS, "countries": ["SA"]}),
    "desk:assurance_renew": _act("in_force", text="3", to_on=_later, says="A note."),
    "desk:assurance_supersede": _act(
        "in_force", successor=lambda world: world.args["assurances"]["successor"], says="A new one."
    ),
    "desk:assurance_suspend": _act("in_force", reason="Access was denied."),
    "desk:assurance_restore": _act("suspended", reason="Access was given."),
    "desk:assurance_terminate": _act("suspended", reason="Both sides end it."),
    "desk:assurance_withdraw": _act("draft", reason="Not needed."),
    "desk:assurance_record_expiry": _act("in_force"),
    "desk:assurance_allege_breach": _act(
        "in_force", undertaking="remedies", allegation="Two racks left.", file=lambda world: make.pdf("Racks")
    ),
    "desk:assurance_begin_cure": _act("alleged", notice_to="The ministry", says="Account for them."),
    "desk:assurance_dismiss_breach": _act("alleged", reason="A hoax."),
    "desk:assurance_extend_cure": _act("in_cure", cure_until=_later, reason="A trial runs."),
    "desk:assurance_accept_cure": _act("in_cure", reason="They are back."),
}


def prepare(world: World) -> dict[str, Any]:
    """Instruments in the states in which something can be done on them."""
    who = make.Officers()
    at = timezone.now() - timedelta(hours=2)
    period = {"at": at, "from_on": day_of(at), "to_on": day_of(at) + timedelta(days=3000)}
    foreign = make.agreed(who, **period)
    arabic = make.text(foreign, who.first, signed=True, language="ar", at=at)
    translation = operations.add_translation(
        text=arabic,
        upload=make.pdf("In English"),
        certified_by="A. Translator",
        certified_on=day_of(at),
        by=who.first,
        at=at,
    )
    negotiated = make.noted(who, **period)
    make.text(negotiated, who.first, at=at)
    in_force = make.in_force(who, **period)
    make.text(in_force, who.first, signed=True, at=at + timedelta(hours=1))
    alleged = make.in_force(who, **period)
    breach = make.allege(alleged, who.first, at=at)
    instruments = {
        "draft": make.drafted(who, title="Letter that is drafted", **period),
        "requested": make.requested(who, **period),
        "negotiated": negotiated,
        "foreign": foreign,
        "signed": make.signed(who, **period),
        "in_force": in_force,
        "successor": make.in_force(who, **period),
        "suspended": make.suspended(who, **period),
        "alleged": alleged,
        "in_cure": make.cured(who, **period),
    }
    return {
        "assurances": {name: instrument.pk for name, instrument in instruments.items()},
        "text_id": arabic.pk,
        "translation_id": translation.pk,
        "breach_id": breach.pk,
        "text_number": 1,
        "breach_number": 1,
        "instrument_id": in_force.pk,
    }
