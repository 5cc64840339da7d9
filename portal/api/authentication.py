"""Who is calling: the exporter's program that holds this key."""

from __future__ import annotations

from django.utils import timezone
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from accounts.models import ApiKey
from accounts.operations import note_api_key_use
from accounts.selectors import get_api_key

SCHEME = "Bearer"
# One answer for a key that never was, one that was revoked and one that ran out: it does not tell which.
NOT_TAKEN = (
    "This API key is not known, was revoked, or has expired. The account administrator of your organization "
    "can create another."
)


class ApiKeyAuthentication(BaseAuthentication):
    """`Authorization: Bearer csk_…`. The key itself is then the principal that acts."""

    def authenticate(self, request: Request) -> tuple[ApiKey, str] | None:
        words = get_authorization_header(request).split()
        if not words or words[0].lower() != SCHEME.lower().encode():
            return None
        if len(words) != 2:
            raise AuthenticationFailed(f"Write the header as “Authorization: {SCHEME} csk_…”, with one key.")
        at = timezone.now()
        key = get_api_key(words[1].decode("latin-1"), at)
        if key is None:
            raise AuthenticationFailed(NOT_TAKEN)
        note_api_key_use(key=key, at=at)
        return key, SCHEME

    def authenticate_header(self, request: Request) -> str:
        return SCHEME
