"""Reads of parties, owners, places, chips and holds."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.contrib.postgres.search import TrigramWordSimilarity
from django.db import connection
from django.db.models import Case, FloatField, Max, Model, Q, QuerySet, Value, When
from django.db.models.functions import Coalesce, Greatest

from accounts.models import Organization
from ledger.selectors import get_totals
from ledger.statuses import AccountKind
from registry.models import ChipModel, Country, Ground, Hold, Installation, Party, PartyAlias, Reliance
from registry.rules import CONTROLLING_PERCENT, Counts, normalize_model
from registry.statuses import HoldScope

Scope = Model | tuple[str, str | int]

# Whose word counts for a party on a day: its controlling parent, else its largest owner of half or more.
_VALID = f"""
    l.from_on <= %(on)s AND (l.to_on IS NULL OR l.to_on > %(on)s)
    AND (l.is_controlling_parent OR l.percent >= {CONTROLLING_PERCENT})
"""
_FIRST = "ORDER BY l.is_controlling_parent DESC, l.percent DESC NULLS LAST, l.owner_id LIMIT 1"

# Walks up one owner at a time and stops where nobody controls, or where the walk meets itself. Parties that own
# each other in a circle have no top: the one registered first stands for all of them, wherever the walk began.
_ULTIMATE_PARENT = f"""
WITH RECURSIVE up (party_id, depth, path, met) AS (
    SELECT %(party)s::bigint, 0, ARRAY[%(party)s::bigint], NULL::bigint
    UNION ALL
    SELECT owner.owner_id, up.depth + 1, up.path || owner.owner_id,
           CASE WHEN owner.owner_id = ANY (up.path) THEN owner.owner_id END
    FROM up CROSS JOIN LATERAL (
        SELECT l.owner_id FROM registry_ownershiplink l
        WHERE l.owned_id = up.party_id AND {_VALID} {_FIRST}
    ) owner
    WHERE up.met IS NULL
)
SELECT party.* FROM registry_party party WHERE party.id = (
    SELECT CASE WHEN up.met IS NULL THEN up.party_id
           ELSE (SELECT min(member) FROM unnest(up.path[array_position(up.path, up.met):]) AS member) END
    FROM up ORDER BY up.depth DESC LIMIT 1
)
"""

# The accounts of one installation and of all others of its operator's group in the country, in one walk.
_PLACE_ACCOUNTS = """
WITH RECURSIVE down (party_id) AS (
    SELECT ({parent})::bigint
    UNION
    SELECT held.owned_id FROM down JOIN registry_ownershiplink held ON held.owner_id = down.party_id
    WHERE held.owner_id = (
        SELECT l.owner_id FROM registry_ownershiplink l
        WHERE l.owned_id = held.owned_id AND {valid} {first}
    )
),
places (id) AS (
    SELECT %(without)s::bigint
    UNION
    SELECT place.id FROM registry_installation place JOIN down ON down.party_id = place.operator_id
    WHERE place.country_id = %(country)s
)
SELECT places.id = %(without)s, account.kind, account.item, account.reserved, account.drawn
FROM places JOIN ledger_account account ON account.subject_id = places.id::text
WHERE account.subject_kind = %(subject_kind)s AND account.kind = ANY (%(kinds)s)
""".format(parent=_ULTIMATE_PARENT.replace("SELECT party.* FROM", "SELECT party.id FROM"), valid=_VALID, first=_FIRST)

_ALL_OWNERS = f"""
WITH RECURSIVE up (party_id) AS (
    SELECT %(party)s::bigint
    UNION
    SELECT l.owner_id FROM up JOIN registry_ownershiplink l ON l.owned_id = up.party_id AND {_VALID}
)
SELECT party.* FROM registry_party party JOIN up ON up.party_id = party.id
WHERE party.id <> %(party)s ORDER BY party.name, party.id
"""

# The same choice of owner from above: a party belongs to the one owner that its own walk up would take.
_GROUP_INSTALLATIONS = f"""
WITH RECURSIVE down (party_id) AS (
    SELECT %(party)s::bigint
    UNION
    SELECT held.owned_id FROM down JOIN registry_ownershiplink held ON held.owner_id = down.party_id
    WHERE held.owner_id = (
        SELECT l.owner_id FROM registry_ownershiplink l
        WHERE l.owned_id = held.owned_id AND {_VALID} {_FIRST}
    )
)
SELECT place.id FROM registry_installation place JOIN down ON down.party_id = place.operator_id
WHERE place.country_id = %(country)s AND place.id IS DISTINCT FROM %(without)s::bigint
"""


def get_ultimate_parent(party: Party, on: date) -> Party:
    """The party at the top of `party` on a day: following controlling parents and owners of half or more.

    One query, safe against circles. A party that nobody controls is its own ultimate parent.
    """
    found = Party.objects.raw(_ULTIMATE_PARENT, {"party": party.pk, "on": on})
    return list(found)[0]


def list_controlling_owners(party: Party, on: date) -> list[Party]:
    """Everybody above `party` on a day through shares of half or more or as controlling parent, by name.

    Where two own half each, both are here, while `get_ultimate_parent` follows one of them. One query.
    """
    return list(Party.objects.raw(_ALL_OWNERS, {"party": party.pk, "on": on}))


def find_parties(text: str, organization: Organization | None, *, every_book: bool = False) -> QuerySet[Party]:
    """Parties whose name or other name resembles `text`, best first.

    An organization finds what is in its own book, and nothing of any other: who others deal with is confidential
    (50 USC 4820(h)). Commerce passes None and `every_book=True`; None alone finds nothing. The trigram indexes on
    both names answer it.
    """
    text = text.strip()
    if not text or (organization is None and not every_book):
        return Party.objects.none()
    # One letter makes no trigram that a longer name could share enough of.
    alike = {"name__trigram_word_similar" if len(text) > 1 else "name__istartswith": text}
    # Two searches, so that each uses its own index.
    by_name = Party.objects.filter(**alike).order_by().values("pk")
    by_alias = PartyAlias.objects.filter(**alike).order_by().values("party_id")
    matching = by_name.union(by_alias, all=True)
    found = Party.objects.filter(pk__in=matching)
    if not every_book:
        found = found.filter(organization=organization)
    return (
        found.select_related("headquarters")
        .annotate(
            likeness=Greatest(
                TrigramWordSimilarity(text, "name"),
                Coalesce(Max(TrigramWordSimilarity(text, "aliases__name")), Value(0.0), output_field=FloatField()),
                Case(When(name__istartswith=text, then=Value(1.0)), default=Value(0.0)),
            )
        )
        .order_by("-likeness", "name", "pk")
    )


def list_parties_of(organization: Organization) -> QuerySet[Party]:
    """The parties in an organization's own book, by name."""
    return Party.objects.filter(organization=organization).select_related("headquarters")


def list_installations_of(organization: Organization) -> QuerySet[Installation]:
    """The installations whose operator is in an organization's own book, by name."""
    return Installation.objects.filter(operator__organization=organization).select_related("operator", "country")


def list_countries() -> QuerySet[Country]:
    """Every country, by name."""
    return Country.objects.all()


def get_chip_model(name: str, on: date) -> ChipModel | None:
    """The figures of a chip model as known on a day (the earliest known, before that). Case and spaces aside."""
    rows = ChipModel.objects.filter(key=normalize_model(name))
    return rows.filter(from_on__lte=on).order_by("-from_on").first() or rows.order_by("from_on").first()


def list_chip_models(on: date) -> QuerySet[ChipModel]:
    """One row for each chip model, as known on a day, by name."""
    latest = ChipModel.objects.filter(from_on__lte=on).order_by("key", "-from_on").distinct("key").values("pk")
    return ChipModel.objects.filter(pk__in=latest).order_by("name")


def identify_scope(scope: Scope) -> tuple[str, str]:
    """The kind and id under which holds know a party, an installation, a license or a country."""
    if isinstance(scope, Model):
        return HoldScope(scope._meta.model_name or "").value, str(scope.pk)
    kind, identifier = scope
    return HoldScope(kind).value, str(identifier)


def list_holds(scopes: Iterable[Scope] | None = None, *, lifted: bool = False) -> QuerySet[Hold]:
    """The open holds on any of `scopes` (on anything, without), newest first; `lifted=True` adds lifted ones.

    A scope is a party, installation, license or country, or a pair such as ("country", "SA"). One query.
    """
    found = Hold.objects.all() if lifted else Hold.objects.filter(lifted_at__isnull=True)
    if scopes is None:
        return found
    by_kind: dict[str, list[str]] = {}
    for scope in scopes:
        kind, identifier = identify_scope(scope)
        by_kind.setdefault(kind, []).append(identifier)
    if not by_kind:
        return found.none()
    wanted = Q()
    for kind, identifiers in by_kind.items():
        wanted |= Q(scope_kind=kind, scope_id__in=identifiers)
    return found.filter(wanted)


def get_ground(kind: str, subject_id: str) -> Ground | None:
    """The ground of an object, or None before its track has said anything of it."""
    return Ground.objects.filter(kind=kind, subject_id=subject_id).first()


def list_reliances(ground: Ground) -> QuerySet[Reliance]:
    """What stands on a ground now, the oldest first."""
    return Reliance.objects.filter(ground=ground, ended_at__isnull=True).order_by("pk")


def list_grounds_of(dependent: tuple[str, str], *, lock: bool = False) -> list[Ground]:
    """What a case or a license stands on now; with `lock` none of it can fall before the transaction ends."""
    found = Ground.objects.filter(
        reliances__dependent_kind=dependent[0],
        reliances__dependent_id=dependent[1],
        reliances__ended_at__isnull=True,
    ).order_by("pk")
    return list(found.select_for_update(of=("self",), no_key=True) if lock else found)


def _count(installation_ids: Iterable[int]) -> dict[str, dict[str, Counts]]:
    """Counts by installation and model; two queries however many installations."""
    subjects = [(Installation._meta.label_lower, str(pk)) for pk in installation_ids]
    counted: dict[str, dict[str, Counts]] = {}
    for subject_id, items in get_totals(AccountKind.INSTALLATION_BASE, subjects).items():
        for model, balance in items.items():
            counted.setdefault(subject_id, {})[model] = Counts(installed=balance.drawn)
    for subject_id, items in get_totals(AccountKind.INSTALLATION_ORDERS, subjects).items():
        models = counted.setdefault(subject_id, {})
        for model, balance in items.items():
            models[model] = models.get(model, Counts()) + Counts(licensed=balance.drawn, pending=balance.reserved)
    return counted


def _without_zeros(models: dict[str, Counts]) -> dict[str, Counts]:
    return {model: counts for model, counts in sorted(models.items()) if counts.total}


def get_chip_counts(installation: Installation) -> dict[str, Counts]:
    """What is installed, licensed and pending at an installation, by chip model; models without any left out."""
    return _without_zeros(_count([installation.pk]).get(str(installation.pk), {}))


def get_group_counts(
    party: Party, country: str | Country, on: date, *, exclude_installation: Installation | None = None
) -> dict[str, Counts]:
    """What the whole group of `party` has, by chip model, at its installations in a country on a day.

    The group is everybody under the same ultimate parent; `country` is a row or an alpha-2 code. Four queries,
    however large the group.
    """
    parameters: dict[str, int | str | date | None] = {
        "party": get_ultimate_parent(party, on).pk,
        "on": on,
        "country": country.pk if isinstance(country, Country) else country,
        "without": None if exclude_installation is None else exclude_installation.pk,
    }
    with connection.cursor() as cursor:
        cursor.execute(_GROUP_INSTALLATIONS, parameters)
        places = [row[0] for row in cursor.fetchall()]
    together: dict[str, Counts] = {}
    for models in _count(places).values():
        for model, counts in models.items():
            together[model] = together.get(model, Counts()) + counts
    return _without_zeros(together)


def get_place_counts(installation: Installation, on: date) -> tuple[dict[str, Counts], dict[str, Counts]]:
    """What an installation has by chip model, and what the rest of its operator's group has in its country.

    The same as `get_chip_counts` and `get_group_counts` together, in one query.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            _PLACE_ACCOUNTS,
            {
                "party": installation.operator_id,
                "on": on,
                "country": installation.country_id,
                "without": installation.pk,
                "subject_kind": Installation._meta.label_lower,
                "kinds": [AccountKind.INSTALLATION_BASE.value, AccountKind.INSTALLATION_ORDERS.value],
            },
        )
        rows = cursor.fetchall()
    own: dict[str, Counts] = {}
    group: dict[str, Counts] = {}
    for is_own, kind, model, reserved, drawn in rows:
        counts = (
            Counts(installed=drawn)
            if kind == AccountKind.INSTALLATION_BASE
            else Counts(licensed=drawn, pending=reserved)
        )
        side = own if is_own else group
        side[model] = side.get(model, Counts()) + counts
    return _without_zeros(own), _without_zeros(group)
