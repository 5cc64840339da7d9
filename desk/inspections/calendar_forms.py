"""Shape and clean input of the calendar's forms."""

from typing import Any

from django import forms

from inspections.models import Officer, Team
from inspections.rules.scheduling import LANGUAGES, LONGEST_TRAVEL
from inspections.selectors.teams import Choice, list_candidates, list_countries
from inspections.statuses import EngagementKind

LARGEST_ID = 2**63 - 1
LONGEST_REASON = 4000


def _day(label: str, hint: str = "", *, required: bool = True) -> forms.DateField:
    return forms.DateField(
        label=label, help_text=hint, required=required, widget=forms.DateInput(attrs={"type": "date"})
    )


def _reason(label: str, hint: str, *, required: bool = True) -> forms.CharField:
    return forms.CharField(
        label=label,
        max_length=LONGEST_REASON,
        required=required,
        help_text=hint,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class PlanForm(forms.Form):
    """The days of a visit and who goes."""

    version = forms.IntegerField(min_value=0, max_value=LARGEST_ID, widget=forms.HiddenInput)
    first_day = _day("First day on site", "Days of travel come on top of these.")
    last_day = _day("Last day on site")
    team = forms.TypedChoiceField(label="Team", coerce=int, widget=forms.RadioSelect)
    reason = _reason("Why these days and this team?", "It stays with the visit.")
    notice_reason = _reason(
        "Why is a short notice enough?", "Only where the host government hears of the days late.", required=False
    )

    def offer(self, choice: Choice | None, teams: list[Team]) -> None:
        """Offer the teams for the days that were entered, the free ones first, each with what speaks for it."""
        field: Any = self.fields["team"]
        if choice is None:
            field.choices = [(team.pk, team.name) for team in teams]
            return
        free = [(each.team.id, f"{each.team.name}: free") for each in choice.free]
        field.choices = [*free, *((each.team.pk, f"{each.team.name}: not free") for each in choice.busy)]
        field.choice_hints = {
            **{str(each.team.id): f"Led by {each.team.lead}; {each.says}." for each in choice.free},
            **{str(each.team.pk): each.why for each in choice.busy},
        }


class ReasonForm(forms.Form):
    """Why something is taken back or closed."""

    reason = _reason("Why?", "It stays on record.")


class UnscheduleForm(ReasonForm):
    """Why a visit leaves the calendar; it knows the version that was shown."""

    version = forms.IntegerField(min_value=0, max_value=LARGEST_ID, widget=forms.HiddenInput)


class OfficerForm(forms.Form):
    """An officer's file."""

    home_city = forms.CharField(label="City of the home base", max_length=120)
    home_country = forms.ChoiceField(
        label="Country of the home base", choices=lambda: [("", "Choose a country"), *list_countries()]
    )
    latitude = forms.FloatField(
        label="Latitude of the home base",
        required=False,
        help_text="In degrees, north positive. With both numbers, teams are suggested by their distance.",
    )
    longitude = forms.FloatField(
        label="Longitude of the home base", required=False, help_text="In degrees, east positive."
    )
    languages = forms.MultipleChoiceField(
        label="Languages",
        choices=sorted(LANGUAGES.items(), key=lambda pair: pair[1]),
        widget=forms.CheckboxSelectMultiple,
    )
    available_from = _day("Available from")
    available_to = _day(
        "Gone on", "The first day on which the officer is no longer posted. Empty while none is known.", required=False
    )

    @staticmethod
    def initial_of(officer: Officer) -> dict[str, Any]:
        """What the form shows of a file."""
        return {
            "home_city": officer.home_city,
            "home_country": officer.home_country_id,
            "latitude": officer.home_latitude,
            "longitude": officer.home_longitude,
            "languages": officer.languages,
            "available_from": officer.available_from,
            "available_to": officer.available_to,
        }


class NewOfficerForm(OfficerForm):
    """A new file, with whose it is."""

    user = forms.TypedChoiceField(
        label="Officer",
        coerce=int,
        help_text="People with the role of export control officer who have no file yet.",
        choices=lambda: [("", "Choose an officer"), *((person.pk, person.name) for person in list_candidates())],
    )
    field_order = ("user",)


class TeamForm(forms.Form):
    """A team: its name, who is in it, who leads it."""

    name = forms.CharField(label="Name", max_length=120)
    officers = forms.TypedMultipleChoiceField(label="Officers", coerce=int, widget=forms.CheckboxSelectMultiple)
    lead = forms.TypedChoiceField(label="Lead", coerce=int, help_text="One of the officers above.")
    travel_days = forms.IntegerField(
        label="Days of travel on each side of a visit",
        required=False,
        min_value=0,
        max_value=LONGEST_TRAVEL,
        help_text="Empty for the usual number.",
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
    )

    def __init__(self, *args: Any, officers: list[Officer], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        names = [(officer.pk, f"{officer.user.name}, {officer.home_city}") for officer in officers]
        everybody: Any = self.fields["officers"]
        lead: Any = self.fields["lead"]
        everybody.choices, lead.choices = names, [("", "Choose the lead"), *names]


class AbsenceForm(forms.Form):
    """Days on which an officer is not available."""

    kind = forms.ChoiceField(
        label="Kind", choices=[choice for choice in EngagementKind.choices if choice[0] != EngagementKind.VISIT]
    )
    first_day = _day("First day")
    last_day = _day("Last day")
    says = forms.CharField(
        label="Note", required=False, max_length=300, help_text="Commerce staff read it; the calendar feed does not."
    )
