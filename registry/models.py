"""Who and where: countries, parties and who owns them, installations, chip models, and holds."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

import pgtrigger
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeBoundary, RangeOperators
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import F, Func, Q
from django.db.models.functions import Lower

from accounts.statuses import Role
from registry.statuses import DependentKind, HoldCause, HoldScope, InstallationKind, PartyKind


class DateRange(Func):
    """The days from an inclusive start to an exclusive end (open where there is none)."""

    function = "DATERANGE"
    output_field = DateRangeField()


class Country(models.Model):
    """A country or area of ISO 3166-1."""

    alpha2 = models.CharField(primary_key=True, max_length=2)
    alpha3 = models.CharField(max_length=3, unique=True)
    numeric = models.CharField(max_length=3, unique=True)
    name = models.CharField(max_length=100)

    class Meta:
        ordering: ClassVar[list[str]] = ["name"]
        verbose_name_plural = "countries"
        # Lists by country read the few that they show in this order, instead of sorting whatever has a country.
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["name"], name="country_by_name")]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=Q(alpha2__regex=r"^[A-Z]{2}$"), name="country_alpha2"),
            models.CheckConstraint(condition=Q(alpha3__regex=r"^[A-Z]{3}$"), name="country_alpha3"),
            models.CheckConstraint(condition=Q(numeric__regex=r"^[0-9]{3}$"), name="country_numeric"),
        ]

    def __str__(self) -> str:
        return self.name


class Party(models.Model):
    """A company, government, person or fund that buys, receives, uses or owns.

    `organization` is the exporter in whose book it is. Without one it is in Commerce's, where parties of
    confidential applications are matched across exporters (50 USC 4820(h)): no exporter reads that book.
    """

    name = models.CharField(max_length=250)
    kind = models.CharField(max_length=20, choices=PartyKind.choices, default=PartyKind.COMPANY)
    headquarters = models.ForeignKey(Country, on_delete=models.PROTECT, related_name="parties", null=True, blank=True)
    organization = models.ForeignKey(
        "accounts.Organization", on_delete=models.PROTECT, related_name="parties", null=True, blank=True
    )
    created_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar[list[str]] = ["name", "pk"]
        verbose_name_plural = "parties"
        indexes: ClassVar[list[models.Index]] = [
            GinIndex(OpClass("name", name="gin_trgm_ops"), name="party_name_trigrams"),
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                Lower("name"),
                "headquarters",
                "organization",
                name="party_once_in_a_book",
                nulls_distinct=False,
            ),
            models.CheckConstraint(condition=Q(kind__in=PartyKind.values), name="party_kind_known"),
            models.CheckConstraint(condition=~Q(name=""), name="party_has_a_name"),
        ]

    def __str__(self) -> str:
        return self.name


class PartyAddress(models.Model):
    party = models.ForeignKey(Party, on_delete=models.CASCADE, related_name="addresses")
    line = models.CharField(max_length=250)
    city = models.CharField(max_length=120)
    region = models.CharField(max_length=120, blank=True, default="")
    postal_code = models.CharField(max_length=20, blank=True, default="")
    country = models.ForeignKey(Country, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering: ClassVar[list[str]] = ["pk"]
        verbose_name_plural = "party addresses"

    def __str__(self) -> str:
        return f"{self.line}, {self.city}, {self.country_id}"


class PartyAlias(models.Model):
    """Another name of a party: a former one, a trade name, a transliteration."""

    party = models.ForeignKey(Party, on_delete=models.CASCADE, related_name="aliases")
    name = models.CharField(max_length=250)

    class Meta:
        ordering: ClassVar[list[str]] = ["name"]
        verbose_name_plural = "party aliases"
        indexes: ClassVar[list[models.Index]] = [
            GinIndex(OpClass("name", name="gin_trgm_ops"), name="alias_name_trigrams"),
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(Lower("name"), "party", name="alias_once_of_a_party"),
            models.CheckConstraint(condition=~Q(name=""), name="alias_has_a_name"),
        ]

    def __str__(self) -> str:
        return self.name


class OwnershipLink(models.Model):
    """One party owns a share of another, from a day (inclusive) to a day (exclusive)."""

    owner = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="holdings")
    owned = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="owners")
    percent = models.DecimalField(max_digits=5, decimal_places=2, null=True, blank=True)
    is_controlling_parent = models.BooleanField(default=False)
    from_on = models.DateField()
    to_on = models.DateField(null=True, blank=True)
    source = models.CharField(max_length=300)

    class Meta:
        ordering: ClassVar[list[str]] = ["-from_on", "pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(percent__isnull=True) | Q(percent__gt=0, percent__lte=100),
                name="ownership_percent_to_100",
            ),
            models.CheckConstraint(condition=~Q(owner=F("owned")), name="ownership_not_of_itself"),
            models.CheckConstraint(
                condition=Q(to_on__isnull=True) | Q(to_on__gt=F("from_on")), name="ownership_period_in_order"
            ),
            ExclusionConstraint(
                name="ownership_once_at_a_time",
                expressions=[
                    ("owner", RangeOperators.EQUAL),
                    ("owned", RangeOperators.EQUAL),
                    (DateRange("from_on", "to_on", RangeBoundary()), RangeOperators.OVERLAPS),
                ],
            ),
            # Two controlling parents at once would leave open whose headquarters count.
            ExclusionConstraint(
                name="ownership_one_controlling_parent",
                expressions=[
                    ("owned", RangeOperators.EQUAL),
                    (DateRange("from_on", "to_on", RangeBoundary()), RangeOperators.OVERLAPS),
                ],
                condition=Q(is_controlling_parent=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.owner_id} owns {self.percent or '?'} % of {self.owned_id}"


class Installation(models.Model):
    """A place where chips run, and who operates it."""

    name = models.CharField(max_length=200)
    operator = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="installations")
    kind = models.CharField(max_length=20, choices=InstallationKind.choices, default=InstallationKind.DATA_CENTER)
    address = models.CharField(max_length=250, blank=True, default="")
    city = models.CharField(max_length=120)
    country = models.ForeignKey(Country, on_delete=models.PROTECT, related_name="installations")
    latitude = models.DecimalField(max_digits=8, decimal_places=5, null=True, blank=True)
    longitude = models.DecimalField(max_digits=8, decimal_places=5, null=True, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar[list[str]] = ["name", "pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(Lower("name"), "operator", name="installation_once_of_an_operator"),
            models.CheckConstraint(condition=Q(kind__in=InstallationKind.values), name="installation_kind_known"),
            models.CheckConstraint(
                condition=Q(latitude__isnull=True, longitude__isnull=True)
                | Q(
                    latitude__isnull=False,
                    longitude__isnull=False,
                    latitude__gte=-90,
                    latitude__lte=90,
                    longitude__gte=-180,
                    longitude__lte=180,
                ),
                name="installation_position_on_earth",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class ChipModel(models.Model):
    """The figures of a chip model as known from a day on. Figures never change: a later row replaces them."""

    name = models.CharField(max_length=80)
    key = models.CharField(max_length=80, help_text="The name, case and spaces aside.")
    maker = models.CharField(max_length=80)
    # Not whole for every chip: a data sheet of 362.1 TFLOPS at 16 bits makes a TPP of 5,793.6.
    tpp = models.DecimalField(max_digits=12, decimal_places=3, help_text="Total processing performance.")
    memory_bandwidth_gbs = models.DecimalField(max_digits=10, decimal_places=3, help_text="GB/s.")
    eccn = models.CharField(
        max_length=20, blank=True, default="", help_text="Where classified; else the applicant states it."
    )
    as_of = models.DateField(null=True, blank=True)
    source = models.TextField(blank=True, default="")
    confidence = models.CharField(max_length=40, blank=True, default="")
    from_on = models.DateField()

    class Meta:
        ordering: ClassVar[list[str]] = ["name", "-from_on"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["key", "from_on"], name="chip_model_once_a_day"),
            models.CheckConstraint(condition=Q(key__regex=r"^[^A-Z\s]+$"), name="chip_model_key_normalized"),
            models.CheckConstraint(
                condition=Q(tpp__gt=0, memory_bandwidth_gbs__gt=0), name="chip_model_figures_positive"
            ),
        ]
        triggers: ClassVar[list[pgtrigger.Trigger]] = [
            pgtrigger.Protect(name="chip_figures_stay", operation=pgtrigger.Update | pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return self.name


class Ground(models.Model):
    """What a case or a license stands on: an instrument, a visit, a commitment; whether it stands, and until when.

    Only the track that it belongs to changes it, through `registry.operations.set_ground`.
    """

    kind = models.CharField(max_length=60, help_text="The kind of object, such as assurances.instrument.")
    subject_id = models.CharField(max_length=40)
    title = models.CharField(max_length=300)
    stands = models.BooleanField()
    says = models.TextField(help_text="Why it stands, or what made it fall.")
    until = models.DateTimeField(null=True, blank=True, help_text="Exclusive; empty while no end is known.")
    hold_cause = models.CharField(max_length=30, choices=HoldCause.choices)
    lifter_role = models.CharField(max_length=30, choices=Role.choices)
    changed_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar[list[str]] = ["pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["kind", "subject_id"], name="ground_once"),
            models.CheckConstraint(condition=~Q(says=""), name="ground_says"),
            models.CheckConstraint(condition=Q(hold_cause__in=HoldCause.values), name="ground_hold_cause_known"),
            models.CheckConstraint(condition=Q(lifter_role__in=Role.values), name="ground_lifter_role_known"),
        ]

    def __str__(self) -> str:
        return self.title

    def stands_at(self, at: datetime) -> bool:
        """Whether it stands at an instant; that it ends follows from its date and needs no job."""
        return self.stands and (self.until is None or at < self.until)


class Reliance(models.Model):
    """A case or a license that stands on a ground, from an instant until it no longer does."""

    ground = models.ForeignKey(Ground, on_delete=models.PROTECT, related_name="reliances")
    dependent_kind = models.CharField(max_length=20, choices=DependentKind.choices)
    dependent_id = models.CharField(max_length=40)
    label = models.CharField(max_length=100, help_text="Its number.")
    from_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["pk"]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["dependent_kind", "dependent_id"], name="reliance_dependent"),
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["ground", "dependent_kind", "dependent_id"],
                condition=Q(ended_at__isnull=True),
                name="reliance_once_at_a_time",
            ),
            models.CheckConstraint(
                condition=Q(dependent_kind__in=DependentKind.values), name="reliance_dependent_known"
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True) | Q(ended_at__gte=F("from_at")), name="reliance_period_in_order"
            ),
        ]
        triggers: ClassVar[list[pgtrigger.Trigger]] = [
            pgtrigger.Protect(name="reliance_stays", operation=pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{self.label} stands on {self.ground_id}"


class Hold(models.Model):
    """A stop on a party, an installation, a license or a country. It is lifted once, and never edited."""

    scope_kind = models.CharField(max_length=20, choices=HoldScope.choices)
    scope_id = models.CharField(max_length=40)
    cause = models.CharField(max_length=30, choices=HoldCause.choices)
    says = models.TextField()
    placed_by_label = models.CharField(max_length=400)
    placed_at = models.DateTimeField()
    lifter_role = models.CharField(max_length=30, choices=Role.choices)
    lifted_at = models.DateTimeField(null=True, blank=True)
    lifted_by_label = models.CharField(max_length=400, blank=True, default="")
    lift_reason = models.TextField(blank=True, default="")
    ground = models.ForeignKey(
        Ground,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="holds",
        help_text="Whose fall placed it; its return lifts it.",
    )

    class Meta:
        ordering: ClassVar[list[str]] = ["-placed_at", "-pk"]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["scope_kind", "scope_id"], name="hold_scope"),
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=Q(scope_kind__in=HoldScope.values), name="hold_scope_known"),
            models.CheckConstraint(condition=Q(lifter_role__in=Role.values), name="hold_lifter_role_known"),
            models.CheckConstraint(
                condition=Q(lifted_at__isnull=True, lifted_by_label="", lift_reason="")
                | (Q(lifted_at__gte=F("placed_at")) & ~Q(lifted_by_label="") & ~Q(lift_reason="")),
                name="hold_lifted_by_whom_and_why",
            ),
        ]
        triggers: ClassVar[list[pgtrigger.Trigger]] = [
            pgtrigger.Trigger(
                name="hold_only_lifted_once",
                when=pgtrigger.Before,
                operation=pgtrigger.Update | pgtrigger.Delete,
                func="""
                    IF TG_OP = 'DELETE' THEN
                        RAISE EXCEPTION 'a hold is never deleted'
                            USING ERRCODE = 'integrity_constraint_violation';
                    END IF;
                    IF OLD.lifted_at IS NOT NULL OR NEW.lifted_at IS NULL
                       OR (NEW.id, NEW.scope_kind, NEW.scope_id, NEW.cause, NEW.says,
                           NEW.placed_by_label, NEW.placed_at, NEW.lifter_role, NEW.ground_id)
                          IS DISTINCT FROM
                          (OLD.id, OLD.scope_kind, OLD.scope_id, OLD.cause, OLD.says,
                           OLD.placed_by_label, OLD.placed_at, OLD.lifter_role, OLD.ground_id) THEN
                        RAISE EXCEPTION 'a hold can only be lifted, and only once'
                            USING ERRCODE = 'integrity_constraint_violation';
                    END IF;
                    RETURN NEW;
                """,
            ),
        ]

    def __str__(self) -> str:
        return f"Hold on {self.scope_kind} {self.scope_id}: {self.says}"

    @property
    def is_open(self) -> bool:
        return self.lifted_at is None
