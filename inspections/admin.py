"""Visits in the reading room."""

from django.contrib import admin
from django.contrib.postgres.aggregates import StringAgg
from django.db.models import CharField, Model, TextField, Value
from django.db.models.functions import Concat

from accounts.models import User
from audit.reading import TABBED, ReadOnlyAdmin, Section
from audit.reading import Paper as File
from inspections.models import (
    ActionStep,
    Answer,
    CalendarToken,
    Candidate,
    Checklist,
    CorrectiveAction,
    Engagement,
    Finding,
    FindingWithdrawal,
    Officer,
    Paper,
    RatingChange,
    RecommendingUnit,
    Report,
    Review,
    Sample,
    SampleItem,
    Schedule,
    SelectionRound,
    Serial,
    SerialList,
    SerialResult,
    Team,
    TeamMember,
    Topology,
    Visit,
    VisitStep,
)


def _of_visit(model: str, title: str) -> Section:
    return Section(f"inspections.{model}", by="visit", title=title, without=("visit",))


@admin.register(Visit)
class VisitAdmin(ReadOnlyAdmin):
    says = "A visit to an installation, from its request to its end."
    list_display = ("number", "kind", "installation", "status", "rating", "requested_at", "due_at")
    list_select_related = ("installation",)
    list_filter = ("status", "kind", "rating", "requested_at")
    search_fields = ("installation__name", "=subject_label")
    search_help_text = "An installation, or the number of a case or license"
    ordering = ("-id",)
    sections = (
        _of_visit("visitstep", "Host government and lists"),
        _of_visit("schedule", "Schedules"),
        _of_visit("engagement", "Officers"),
        _of_visit("seriallist", "Lists of serial numbers"),
        _of_visit("sample", "Samples"),
        _of_visit("report", "Reports"),
        _of_visit("ratingchange", "Ratings"),
        _of_visit("finding", "Findings"),
        _of_visit("correctiveaction", "Recommended actions"),
        _of_visit("paper", "Photos and documents"),
        Section("deadlines.deadline", title="Deadlines", without=("subject",)),
    )

    @admin.display(description="number", ordering="id")
    def number(self, row: Visit) -> str:
        return row.number


@admin.register(SerialList)
class SerialListAdmin(ReadOnlyAdmin):
    says = "A list of serial numbers that should be at a place, known by its hash."
    list_display = ("visit", "number", "source", "count", "sha256", "made_by_label", "at")
    list_select_related = ("visit",)
    search_fields = ("visit__installation__name", "source", "=sha256")
    search_help_text = "An installation, who declared it, or a whole hash"
    ordering = ("-id",)
    sections = (
        Section("inspections.sample", by="list", title="Samples", without=("visit",)),
        Section("inspections.serial", by="list", title="Serial numbers", without=("list",)),
    )
    downloads = "inspections_seriallist_file"
    paper_word = "list of serial numbers"

    def get_paper(self, row: SerialList) -> File:
        """The numbers as the list's hash covers them: one a line, behind a tab its place."""
        return File(
            word=self.paper_word,
            title=str(row),
            name=f"serial-list-{row.number}-of-{row.visit}.tsv",
            media_type=TABBED,
            sha256=row.sha256,
            read=lambda: _read_serials(row),
        )


def _read_serials(row: SerialList) -> bytes:
    """All lines of a list, joined by the database: a list may have a million."""
    line = Concat("serial", Value("\t"), "place", Value("\n"), output_field=TextField())
    found = row.serials.aggregate(lines=StringAgg(line, delimiter="", order_by="position"))
    return (found["lines"] or "").encode()


# By what a row is found whose own columns hold no words: the path to a name, by the model that a column leads to.
_WORDS_OF = {Visit: "installation__name", Officer: "user__name", Team: "name", User: "name"}


def _find_by(model: type[Model], shown: tuple[str, ...]) -> tuple[str, ...]:
    """The columns with words among those shown, and the names of what the row belongs to."""
    fields = {name: model._meta.get_field(name) for name in shown}
    words = [name for name, field in fields.items() if isinstance(field, CharField | TextField)]
    leading = [(name, _WORDS_OF.get(field.related_model)) for name, field in fields.items() if field.is_relation]
    return (*(f"{name}__{path}" for name, path in leading if path), *words)


def _register(model: type[Model], sentence: str, shown: tuple[str, ...], **more: object) -> None:
    """A plain register: what is written once and read from its visit."""
    name = f"{model.__name__}Admin"
    searched = {"search_fields": _find_by(model, shown), "search_help_text": "Words of what is shown"}
    admin.site.register(
        model, type(name, (ReadOnlyAdmin,), {"says": sentence, "list_display": shown, **searched, **more})
    )


_NEWEST = {"ordering": ("-id",)}
_register(
    VisitStep, "What happened around a visit.", ("visit", "kind", "happened_on", "says", "made_by_label"), **_NEWEST
)
_register(RecommendingUnit, "Units of which nobody goes on a visit.", ("visit", "unit", "says", "at"), **_NEWEST)
_register(SelectionRound, "A choice of targets.", ("id", "kind", "says", "made_by_label", "at"), **_NEWEST)
_register(
    Candidate, "A place that was chosen or passed over.", ("round", "installation", "points", "is_chosen", "rationale")
)
_register(Officer, "Officers as the calendar knows them.", ("user", "home_city", "home_country", "available_from"))
_register(
    Team,
    "Officers who travel together.",
    ("name", "lead", "travel_days", "closed_at"),
    list_select_related=("lead__user",),
)
_register(TeamMember, "Who belongs to which team.", ("team", "officer"), list_select_related=("team", "officer__user"))
_register(Schedule, "When a visit takes place.", ("visit", "number", "on_site", "team", "reason", "at"), **_NEWEST)
_register(Engagement, "When an officer is not free.", ("officer", "kind", "period", "visit", "released_at"), **_NEWEST)
_register(CalendarToken, "Who reads a calendar from outside.", ("officer", "created_at", "revoked_at"), **_NEWEST)
_register(Checklist, "The questions of a visit.", ("visit", "edition", "at"), **_NEWEST)
_register(Answer, "An answer on site.", ("visit", "question", "value", "made_by_label", "entered_at", "at"), **_NEWEST)
_register(Serial, "A serial number of a list.", ("list", "position", "serial", "place"), **_NEWEST)
_register(Sample, "A draw from a list.", ("visit", "number", "count", "size", "seed", "at"), **_NEWEST)
_register(SampleItem, "A serial number that was drawn.", ("sample", "position", "serial", "place"), **_NEWEST)
_register(
    SerialResult, "What was seen of it.", ("item", "outcome", "seen_place", "seen_serial", "made_by_label"), **_NEWEST
)
_register(Topology, "How the chips are connected.", ("visit", "seen_chips", "seen_fabric", "at"), **_NEWEST)
_register(
    Paper,
    "A photo or a document.",
    ("visit", "kind", "says", "media_type", "sha256", "at"),
    downloads="inspections_paper_file",
    paper_word="visit paper",
    **_NEWEST,
)
_register(Finding, "What a visit found.", ("visit", "number", "severity", "title", "made_by_label", "at"), **_NEWEST)
_register(FindingWithdrawal, "A finding that was mistaken.", ("finding", "reason", "made_by_label", "at"), **_NEWEST)
_register(CorrectiveAction, "What is to be done.", ("visit", "number", "says", "owner", "due_at"), **_NEWEST)
_register(ActionStep, "What became of an action.", ("action", "outcome", "says", "made_by_label", "at"), **_NEWEST)
_register(Report, "The report of a visit.", ("visit", "number", "rating", "made_by_label", "at"), **_NEWEST)
_register(Review, "What a supervisor said of a report.", ("report", "outcome", "reason", "reviewer_label"), **_NEWEST)
_register(
    RatingChange, "A rating and its reason.", ("visit", "number", "rating", "rating_before", "reason", "at"), **_NEWEST
)
