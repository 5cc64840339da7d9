"""What a supervisor who was not there does with a report, until the visit is closed, and opened again."""

from django.http import HttpRequest, HttpResponse

from desk.inspections import forms
from desk.inspections.answers import TAKES, Words, simple
from inspections import operations
from inspections.permissions import check_can_supervise


@TAKES
def review(request: HttpRequest, visit_id: int) -> HttpResponse:
    """Take up the review of a report."""
    check_can_supervise(request.user, to="review a report")
    words = Words("Take up the review", "The report waits for your word", "Take up the review")
    return simple(request, visit_id, operations.take_up_review, forms.VersionForm, words, "You review {}.")


@TAKES
def accept(request: HttpRequest, visit_id: int) -> HttpResponse:
    """Accept a report."""
    check_can_supervise(request.user, to="accept a report")
    words = Words(
        "Accept the report",
        "With open actions the visit waits for them; without any it closes now",
        "Accept the report",
        ["Closed with a favorable rating, the place has a visit to stand on, and its holds from visits end."],
    )
    return simple(request, visit_id, operations.accept_report, forms.ReasonForm, words, "The report on {} is accepted.")


@TAKES
def return_(request: HttpRequest, visit_id: int) -> HttpResponse:
    """Return a report to its author."""
    check_can_supervise(request.user, to="return a report")
    words = Words("Return the report", "Its author writes it again; the rating and a hold stand", "Return the report")
    return simple(request, visit_id, operations.return_report, forms.ReasonForm, words, "The report on {} is returned.")


@TAKES
def rating(request: HttpRequest, visit_id: int) -> HttpResponse:
    """Change the rating of a visit."""
    check_can_supervise(request.user, to="change a rating")
    words = Words(
        "Change the rating",
        "An adverse rating holds the installation at once; a better one ends the hold when the visit closes",
        "Change the rating",
    )
    return simple(request, visit_id, operations.change_rating, forms.RatingForm, words, "{} has another rating.")


@TAKES
def close(request: HttpRequest, visit_id: int) -> HttpResponse:
    """Close a visit."""
    check_can_supervise(request.user, to="close a visit")
    words = Words(
        "Close the visit",
        "Each recommended action has to be done or declined",
        "Close the visit",
        ["Rated favorable, the place has a visit to stand on, and its holds from visits end."],
    )
    return simple(request, visit_id, operations.close_visit, forms.ReasonForm, words, "{} is closed.")


@TAKES
def reopen(request: HttpRequest, visit_id: int) -> HttpResponse:
    """Open a closed visit again."""
    check_can_supervise(request.user, to="open a visit again")
    words = Words("Open the visit again", "Its rating and its actions can change", "Open the visit again")
    return simple(request, visit_id, operations.reopen_visit, forms.ReasonForm, words, "{} is open again.")
