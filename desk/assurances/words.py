"""What the pages of instruments say: what is waited for, what can be done next, the timeline and its kinds."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse

from assurances.rules import tell_day, tell_language
from assurances.selectors import InstrumentPage
from assurances.statuses import InstrumentStatus
from deadlines.models import Deadline
from deadlines.rules import day_of
from deadlines.statuses import DeadlineStatus
from registry.statuses import DependentKind

S = InstrumentStatus

# In the order of their urgency: the first that a person can do is the page's one act.
ACTS: Mapping[str, str] = {
    "record_expiry": "Record the expiry",
    "request": "Ask through State",
    "record_contact": "Record State’s contact",
    "agree": "Record the agreed text",
    "record_receipt": "Record the receipt",
    "bring_into_force": "Bring into force",
    "accept_cure": "Accept the cure",
    "begin_cure": "Give notice of the breach",
    "dismiss_breach": "Dismiss the allegation",
    "restore": "Restore",
    "amend": "Amend",
    "renew": "Renew",
    "add_text": "Add a text",
    "note_undertakings": "Note undertakings",
    "change_terms": "Change the terms",
    "reopen_negotiation": "Reopen the negotiation",
    "change_ceiling": "Change the ceiling",
    "suspend": "Suspend",
    "allege_breach": "Allege a breach",
    "extend_cure": "Extend the cure period",
    "supersede": "Supersede",
    "terminate": "Terminate",
    "withdraw": "Withdraw",
}
TIMELINE_KINDS: Mapping[str, str] = {
    "instrument": "Instrument",
    "text": "Text",
    "undertaking": "Undertaking",
    "coverage": "Coverage",
    "breach": "Breach",
    "deadline": "Deadline",
}


@dataclass(frozen=True, slots=True)
class ActLink:
    """An act and the page where it is done."""

    act: str
    url: str
    label: str


# They are done when there is a cause, and not because the page waits for them.
_QUIET = frozenset(ACTS) - {
    "record_expiry",
    "request",
    "record_contact",
    "agree",
    "record_receipt",
    "bring_into_force",
    "accept_cure",
    "begin_cure",
    "dismiss_breach",
    "restore",
    "amend",
    "renew",
}


def choose_act(page: InstrumentPage, links: list[ActLink]) -> ActLink | None:
    """The one act that the page offers first: what it waits for, if this person can do it."""
    if links and (links[0].act not in _QUIET or links[0].act in _list_first(page)):
        return links[0]
    return None


def list_act_links(page: InstrumentPage) -> list[ActLink]:
    """What this person can do, the most urgent first."""
    return [
        ActLink(act, reverse(f"desk:assurance_{act}", args=[page.instrument.pk]), label)
        for act, label in _in_order(page)
        if act in page.acts
    ]


def _in_order(page: InstrumentPage) -> Iterable[tuple[str, str]]:
    first = _list_first(page)
    return [(act, ACTS[act]) for act in first] + [each for each in ACTS.items() if each[0] not in first]


def _list_first(page: InstrumentPage) -> tuple[str, ...]:
    """The text and its clauses come before what is done with them."""
    status = page.instrument.status
    if status == S.NEGOTIATION and not page.texts:
        return ("add_text",)
    if status in (S.NEGOTIATION, S.SIGNED) and page.missing:
        return ("note_undertakings",)
    if status == S.AGREED and not any(text.is_signed for text in page.texts):
        return ("add_text",)
    if page.standing in (S.EXPIRING, S.EXPIRED) and not page.acts & {"renew", "record_expiry"}:
        return ("add_text",)
    return ()


def tell_waiting(page: InstrumentPage, now: datetime) -> str:
    """One sentence: what is waited for, from whom, until when."""
    row, country = page.instrument, page.instrument.country.name
    due = _tell_due(page.deadlines, now)
    match page.standing:
        case S.DRAFT:
            return f"Waiting for the request through State{due}."
        case S.REQUESTED:
            return f"Waiting for State to contact the government of {country}{due}."
        case S.NEGOTIATION:
            return f"Waiting for the government of {country}: a text has to be agreed."
        case S.AGREED:
            return f"Waiting for the signature of the government of {country}."
        case S.SIGNED if page.missing:
            return "Signed, and cannot come into force: mandatory undertakings are missing."
        case S.SIGNED:
            return "Waiting for a second assurance officer, who brings it into force."
        case S.SUSPENDED:
            return "Suspended: nothing can be licensed or shipped on it until it is restored."
        case S.BREACH_ALLEGED:
            return "A breach is alleged: notice has to be given, or the allegation dismissed."
        case S.IN_CURE:
            breach = page.open_breach
            until = breach.cure_due_at if breach else None
            return f"Waiting for the breach to be cured before {tell_day(day_of(until))}." if until else "In cure."
        case S.EXPIRED:
            return "Its period is over: it covers nothing until it is renewed."
        case S.TERMINATED:
            return "Terminated. Nothing is waited for."
        case S.SUPERSEDED:
            return f"{row.superseded_by.number if row.superseded_by else 'Another instrument'} took its place."
        case S.WITHDRAWN:
            return "Withdrawn. Nothing is waited for."
    if page.missing:
        return "In force, but it cannot be counted: mandatory undertakings are missing."
    if row.to_on is None:
        return "In force, without an end. Nothing is waited for."
    return f"In force until {tell_day(row.to_on)}. {'Renew it before.' if page.standing == S.EXPIRING else ''}".strip()


def _tell_due(deadlines: Iterable[Deadline], now: datetime) -> str:
    due = next((each for each in deadlines if each.status == DeadlineStatus.OPEN), None)
    if due is None:
        return ""
    day = tell_day(day_of(due.due_at))
    return f", which was due on {day}" if due.due_at < now else f", due on {day}"


def tell_subject(page: InstrumentPage) -> str:
    """One line below the number: the title, and what it covers."""
    ceiling = page.balance.ceiling if page.balance else page.instrument.ceiling
    most = f"up to {ceiling:,} chips" if ceiling else "without a ceiling"
    return f"{page.instrument.title} · {most} ({', '.join(country.pk for country in page.countries)})"


def list_documents(page: InstrumentPage) -> list[dict[str, Any]]:
    """The versions of the text with their translations, as the list of documents takes them."""
    documents = []
    for text in page.texts:
        address = reverse("desk:assurance_text", args=[page.instrument.pk, text.number])
        documents.append(_document(text, address, f"{tell_language(text.language)} · {text.says}"))
        for translation in text.translations.all():
            address = reverse("desk:assurance_translation", args=[page.instrument.pk, translation.pk])
            day = tell_day(translation.certified_on)
            documents.append(
                _document(translation, address, f"English, certified by {translation.certified_by} on {day}")
            )
    return documents


def _document(paper: Any, url: str, words: str) -> dict[str, Any]:
    return {
        "title": paper.title,
        "url": url,
        "kind_label": words,
        "size": paper.size,
        "pages": paper.pages,
        "uploaded_by_label": paper.added_by_label,
        "uploaded_at": paper.at,
        "sha256": paper.sha256,
    }


def list_dependents(page: InstrumentPage) -> list[dict[str, str]]:
    """What stands on the instrument, each with its page."""
    return [
        {
            "kind": reliance.get_dependent_kind_display(),
            "label": reliance.label,
            "url": reverse("desk:case", args=[reliance.label])
            if reliance.dependent_kind == DependentKind.CASE
            else f"{reverse('desk:licenses')}?q={reliance.label}",
        }
        for reliance in page.reliances
    ]


def _kind(verb: str) -> str:
    return "deadline" if verb.endswith("deadline") else verb.split(".")[0]


def list_timeline(page: InstrumentPage, kind: str) -> list[dict[str, Any]]:
    """The journal of the instrument, the newest first, of one kind or all."""
    return [
        {
            "at": entry.at,
            "actor_label": entry.actor_label,
            "says": entry.says,
            "kind_label": TIMELINE_KINDS.get(_kind(entry.verb), ""),
        }
        for entry in page.journal
        if kind not in TIMELINE_KINDS or _kind(entry.verb) == kind
    ]


def list_timeline_kinds(page: InstrumentPage, kind: str) -> list[dict[str, Any]]:
    """The kinds of entries that the journal of the instrument has, as tabs."""
    there = {_kind(entry.verb) for entry in page.journal}
    tabs = [{"label": "Everything", "url": "?#timeline", "current": kind not in TIMELINE_KINDS}]
    return tabs + [
        {"label": label, "url": f"?timeline={name}#timeline", "current": name == kind}
        for name, label in TIMELINE_KINDS.items()
        if name in there
    ]


def list_steps(page: InstrumentPage, now: datetime) -> list[dict[str, Any]]:
    """The deadlines of the instrument with what became of each."""
    steps = []
    for each in page.deadlines:
        late = each.status == DeadlineStatus.OPEN and each.due_at < now
        shown = ("late", "Late") if late else (each.status, each.get_status_display())
        steps.append({"says": each.says, "due_at": each.due_at, "status": shown[0], "label": shown[1]})
    return steps
