"""Officers, their teams, when they are engaged, and when a visit takes place."""

from __future__ import annotations

from typing import ClassVar

import pgtrigger
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, DateTimeRangeField, RangeOperators
from django.contrib.postgres.indexes import GistIndex
from django.db import models
from django.db.models import F, Q

from audit.triggers import APPEND_ONLY, FirmTrigger, append_only, refuse
from inspections.models.visits import Visit, number_of
from inspections.statuses import EngagementKind

# An officer judges nothing that the officer's own unit recommended.
_NOT_OF_A_RECOMMENDING_UNIT = f"""
IF NEW.visit_id IS NULL THEN
    RETURN NEW;
END IF;
PERFORM FROM inspections_visit WHERE id = NEW.visit_id FOR NO KEY UPDATE;
IF EXISTS (
    SELECT FROM inspections_recommendingunit r JOIN accounts_user u ON u.unit_id = r.unit_id
    WHERE r.visit_id = NEW.visit_id AND u.id = NEW.officer_id
) THEN
    RAISE EXCEPTION USING ERRCODE = '{APPEND_ONLY}',
        MESSAGE = 'The unit of this officer recommended the approval that the visit checks.';
END IF;
RETURN NEW;
"""


class Officer(models.Model):
    """An export control officer as a calendar needs one: where the officer lives, speaks, and how long posted."""

    user = models.OneToOneField("accounts.User", on_delete=models.PROTECT, related_name="visiting_officer")
    home_city = models.CharField(max_length=120)
    home_country = models.ForeignKey("registry.Country", on_delete=models.PROTECT, related_name="+")
    home_latitude = models.FloatField(null=True, blank=True)
    home_longitude = models.FloatField(null=True, blank=True)
    languages = ArrayField(models.CharField(max_length=12), default=list, help_text="ISO 639-1.")
    available_from = models.DateField()
    available_to = models.DateField(null=True, blank=True, help_text="Exclusive; empty while no end is known.")
    created_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar[list[str]] = ["pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(available_to__isnull=True) | Q(available_to__gt=F("available_from")),
                name="officer_availability_in_order",
            ),
            models.CheckConstraint(
                condition=Q(home_latitude__isnull=True, home_longitude__isnull=True)
                | Q(home_latitude__gte=-90, home_latitude__lte=90, home_longitude__gte=-180, home_longitude__lte=180),
                name="officer_home_on_earth",
            ),
        ]

    def __str__(self) -> str:
        return str(self.user)


class Team(models.Model):
    """Officers who travel together under a lead."""

    name = models.CharField(max_length=120, unique=True)
    lead = models.ForeignKey(Officer, on_delete=models.PROTECT, related_name="led_teams")
    travel_days = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="Before and after a visit; empty for those of the edition."
    )
    created_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["name"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=~Q(name=""), name="team_has_a_name"),
        ]

    def __str__(self) -> str:
        return self.name


class TeamMember(models.Model):
    """An officer in a team; its lead is one of them."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="members")
    officer = models.ForeignKey(Officer, on_delete=models.PROTECT, related_name="memberships")

    class Meta:
        ordering: ClassVar[list[str]] = ["pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["team", "officer"], name="team_member_once"),
        ]

    def __str__(self) -> str:
        return f"{self.officer} in {self.team}"


class Schedule(models.Model):
    """When a visit takes place, and why it was moved; the newest of a visit counts. Written once."""

    audit_covered = True

    visit = models.ForeignKey(Visit, on_delete=models.PROTECT, related_name="schedules")
    number = models.PositiveIntegerField(help_text="1, 2, …: the sequence that calendar programs read.")
    team = models.ForeignKey(Team, on_delete=models.PROTECT, null=True, blank=True, related_name="schedules")
    on_site = DateTimeRangeField(help_text="From arrival at the place until leaving it.")
    away = DateTimeRangeField(help_text="The same with the days of travel.")
    reason = models.TextField(help_text="Why then; for a later one, why it was moved.")
    notice_reason = models.TextField(blank=True, default="", help_text="Why the host got shorter notice than wanted.")
    made_by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    made_by_label = models.CharField(max_length=300)
    at = models.DateTimeField()

    class Meta:
        ordering: ClassVar[list[str]] = ["visit_id", "-number"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["visit", "number"], name="schedule_number"),
            models.CheckConstraint(condition=~Q(reason=""), name="schedule_reason"),
            models.CheckConstraint(
                condition=Q(
                    on_site__isempty=False,
                    on_site__lower_inf=False,
                    on_site__upper_inf=False,
                    away__lower_inf=False,
                    away__upper_inf=False,
                    away__contains=F("on_site"),
                ),
                name="schedule_travel_around_visit",
            ),
        ]
        triggers: ClassVar[list[pgtrigger.Trigger]] = [*append_only("A schedule")]

    def __str__(self) -> str:
        return f"Schedule {self.number} of {number_of(self.visit_id)}"

    @property
    def team_name(self) -> str:
        """The team that goes; one is always named by the act that plans a visit."""
        return self.team.name if self.team else "no team"


class Engagement(models.Model):
    """Time in which an officer is not free: a visit with its travel, or leave. Two never overlap.

    Leave and visits stand in one table, so that the one constraint keeps them apart too. It is released, not deleted.
    """

    officer = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="engagements")
    kind = models.CharField(max_length=20, choices=EngagementKind)
    period = DateTimeRangeField(help_text="For a visit with the days of travel.")
    visit = models.ForeignKey(Visit, on_delete=models.PROTECT, null=True, blank=True, related_name="engagements")
    schedule = models.ForeignKey(Schedule, on_delete=models.PROTECT, null=True, blank=True, related_name="engagements")
    is_lead = models.BooleanField(default=False)
    says = models.CharField(max_length=300, blank=True, default="")
    created_at = models.DateTimeField()
    created_by_label = models.CharField(max_length=300)
    released_at = models.DateTimeField(null=True, blank=True)
    released_by_label = models.CharField(max_length=300, blank=True, default="")
    release_reason = models.TextField(blank=True, default="")

    class Meta:
        ordering: ClassVar[list[str]] = ["pk"]
        indexes: ClassVar[list[models.Index]] = [
            GistIndex(fields=["period"], name="engagement_period"),
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=Q(kind__in=EngagementKind.values), name="engagement_kind_known"),
            models.CheckConstraint(
                condition=Q(period__isempty=False, period__lower_inf=False, period__upper_inf=False),
                name="engagement_period_bounded",
            ),
            models.CheckConstraint(
                condition=Q(kind=EngagementKind.VISIT, visit__isnull=False, schedule__isnull=False)
                | (~Q(kind=EngagementKind.VISIT) & Q(visit__isnull=True, schedule__isnull=True, is_lead=False)),
                name="engagement_visit_whole",
            ),
            models.CheckConstraint(
                condition=Q(released_at__isnull=True, released_by_label="", release_reason="")
                | (Q(released_at__isnull=False) & ~Q(released_by_label="") & ~Q(release_reason="")),
                name="engagement_released_by_whom_and_why",
            ),
            models.UniqueConstraint(
                fields=["visit"], condition=Q(is_lead=True, released_at__isnull=True), name="engagement_one_lead"
            ),
            ExclusionConstraint(
                name="engagement_one_at_a_time",
                expressions=[("officer", RangeOperators.EQUAL), ("period", RangeOperators.OVERLAPS)],
                condition=Q(released_at__isnull=True),
            ),
        ]
        triggers: ClassVar[list[pgtrigger.Trigger]] = [
            refuse(
                "only_released",
                pgtrigger.Update,
                "An engagement can only be released, and only once.",
                unless="OLD.released_at IS NULL AND NEW.released_at IS NOT NULL"
                " AND (NEW.id, NEW.officer_id, NEW.kind, NEW.period, NEW.visit_id, NEW.schedule_id, NEW.is_lead)"
                " IS NOT DISTINCT FROM"
                " (OLD.id, OLD.officer_id, OLD.kind, OLD.period, OLD.visit_id, OLD.schedule_id, OLD.is_lead)",
            ),
            refuse("no_delete", pgtrigger.Delete, "An engagement cannot be deleted: release it."),
            FirmTrigger(
                name="other_unit",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                func=_NOT_OF_A_RECOMMENDING_UNIT,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} of {self.officer}"


class CalendarToken(models.Model):
    """The secret in the address of an officer's calendar feed; only its hash is kept."""

    officer = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    secret_hash = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["-pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=Q(secret_hash__regex=r"^[0-9a-f]{64}$"), name="calendar_token_hash"),
            models.CheckConstraint(
                condition=Q(revoked_at__isnull=True) | Q(revoked_at__gte=F("created_at")),
                name="calendar_token_in_order",
            ),
        ]

    def __str__(self) -> str:
        return f"Calendar of {self.officer}"
