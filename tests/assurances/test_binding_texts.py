"""What binds rests on a text of its own: signed after the agreement, newer than the last, added by somebody else."""

import pytest

from accounts.permissions import NotPermitted
from accounts.rules import Refused
from assurances import operations

from . import factories as make
from .factories import later

pytestmark = pytest.mark.django_db


def test_one_signed_text_serves_one_amendment(who):
    instrument = make.in_force(who)
    new = make.text(instrument, who.first, signed=True, at=later(days=1))
    act = {"instrument": instrument, "text": new, "given": {}, "says": "Note 2.", "by": who.second, "at": later(days=1)}
    terms = make.terms(ceiling=60_000)
    amended = operations.amend_instrument(terms=terms, version=instrument.version, **act)
    assert (amended.ceiling, amended.text_in_force) == (60_000, new)
    with pytest.raises(Refused, match=f"rests on version {new.number} of its text") as again:
        operations.amend_instrument(terms=make.terms(ceiling=90_000), version=amended.version, **act)
    assert again.value.field == "text"
    with pytest.raises(Refused, match="is not newer"):
        operations.renew_instrument(
            instrument=amended,
            text=new,
            to_on=None,
            says="Note 3.",
            version=amended.version,
            by=who.second,
            at=later(days=2),
        )
    amended.refresh_from_db()
    assert amended.ceiling == 60_000


def test_a_text_signed_before_the_last_agreement_is_not_what_was_agreed(who):
    instrument = make.agreed(who)
    signed = make.text(instrument, who.first, signed=True)
    reopened = operations.reopen_negotiation(
        instrument=instrument, reason="They want more.", version=instrument.version, by=who.first, at=later(hours=1)
    )
    again = operations.agree_text(
        instrument=reopened,
        text=instrument.texts.get(is_signed=False),
        version=reopened.version,
        by=who.first,
        at=later(hours=2),
    )
    with pytest.raises(Refused, match="was signed before the text was agreed on last") as refused:
        make.receive(again, signed, who.first, at=later(hours=3))
    assert refused.value.field == "text"
    newer = make.text(again, who.first, signed=True, at=later(hours=3))
    assert make.receive(again, newer, who.first, at=later(hours=3)).status == "signed"


def test_who_added_the_signed_text_does_not_bring_it_into_force(who):
    instrument = make.agreed(who)
    received = make.receive(instrument, make.text(instrument, who.second, signed=True), who.first)
    with pytest.raises(NotPermitted, match="You added its signed text"):
        operations.bring_into_force(instrument=received, version=received.version, by=who.second, at=make.AT)
