"""Who may call: nobody, unless a view says otherwise."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from accounts.models import ApiKey
from accounts.permissions import is_exporter
from accounts.statuses import OrganizationKind

if TYPE_CHECKING:
    # Imported for its name alone: the framework reads this module while it makes that class.
    from rest_framework.views import APIView


class DenyAll(BasePermission):
    """What holds for a view that declares nothing."""

    message = "This address is closed to everybody."

    def has_permission(self, request: Request, view: APIView) -> bool:
        return False


class HoldsExporterKey(BasePermission):
    """A key of an exporter, which acts inside that exporter only."""

    message = "Only an exporter's API key may call this."

    def has_permission(self, request: Request, view: APIView) -> bool:
        key = request.user
        return isinstance(key, ApiKey) and key.organization.kind == OrganizationKind.EXPORTER and is_exporter(key)
