"""What every address of the API does alike: who may call, what is read, how often a write is carried out."""

import hashlib
import json
import re
from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponse, QueryDict
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.serializers import Serializer
from rest_framework.views import APIView

from accounts.models import ApiKey
from licensing import selectors
from licensing.models import Application
from portal.api.parsers import LARGEST_JSON, OneFormat, StrictJSONParser
from portal.api.permissions import HoldsExporterKey
from portal.api.problems import LengthMissing, TooLarge
from portal.operations import Answer, answer_once

_KEY = re.compile(r"[!-~]{1,64}", re.ASCII)


class ApiView(APIView):
    """One address. It declares who may call it; the rest is the same everywhere."""

    permission_classes = [HoldsExporterKey]
    parser_classes = [StrictJSONParser]
    renderer_classes = [JSONRenderer]
    content_negotiation_class = OneFormat
    metadata_class = None
    largest_body = LARGEST_JSON
    # Under what name the content has a field that an operation or a rule names otherwise.
    body_fields: dict[str, str] = {}
    at: datetime

    @property
    def key(self) -> ApiKey:
        """The key that calls; it is the principal of every act."""
        key: ApiKey = self.request.user
        return key

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        self.at = timezone.now()
        if "chunked" in request.headers.get("Transfer-Encoding", "").lower():
            # The server would hand on nothing, and the fields that were sent would be called missing.
            raise LengthMissing(
                "Send the content whole, with its length in the header “Content-Length”, not in chunks."
            )
        length = request.META.get("CONTENT_LENGTH") or "0"
        if length.isdigit() and int(length) > self.largest_body:
            raise TooLarge(f"The content is larger than {self.largest_body // (1024 * 1024)} MB, the most taken here.")

    def finalize_response(self, request: Any, response: Any, *args: Any, **kwargs: Any) -> Any:
        answer = super().finalize_response(request, response, *args, **kwargs)
        answer.headers["Cache-Control"] = "no-store"
        return answer

    def read(self, shape: type[Serializer], content: Any = None) -> dict[str, Any]:
        """The content in its shape. Raises ValidationError with every field that is wrong."""
        serializer = shape(data=self.request.data if content is None else content)
        serializer.is_valid(raise_exception=True)
        checked: dict[str, Any] = serializer.validated_data
        return checked

    def show(self, shape: type[Serializer], found: Any) -> Any:
        """What was found, as it is told."""
        return shape(found, context={"request": self.request}).data

    def find(self, reference: UUID) -> Application:
        """An application of this organization; anybody else's is not there."""
        try:
            return selectors.get_application(reference, self.key)
        except Application.DoesNotExist as missing:
            raise Http404 from missing

    def write(self, act: Callable[[], tuple[int, Any, str]]) -> HttpResponse:
        """Carry out an act once for the idempotency key of this request.

        The act gives the status, what is answered, and the address of what it made (or an empty text).
        """
        request = self.request
        key = request.headers.get("Idempotency-Key", "")
        if not _KEY.fullmatch(key):
            raise ValidationError(
                {
                    "Idempotency-Key": [
                        "is missing: name every write with a header of 1 to 64 printable characters without spaces, "
                        "such as a new UUID, so that a repeated request is carried out once"
                        if not key
                        else "must be 1 to 64 printable ASCII characters without spaces"
                    ]
                }
            )

        def answered() -> Answer:
            status, told, location = act()
            return Answer(status=status, body=JSONRenderer().render(told).decode(), location=location)

        answer = answer_once(key=key, request_hash=_hash(request), act=answered, by=self.key, at=self.at)
        response = HttpResponse(answer.body, status=answer.status, content_type="application/json")
        if answer.location:
            response.headers["Location"] = answer.location
        if answer.replayed:
            response.headers["Idempotent-Replayed"] = "true"
        return response


def _hash(request: Request) -> str:
    """What makes two requests the same: method, address and content, not how the content was written down."""
    content = request.data
    if isinstance(content, QueryDict):
        content = {name: [_of_part(part) for part in content.getlist(name)] for name in content}
    text = json.dumps([request.method, request.path, content], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def _of_part(part: Any) -> Any:
    if isinstance(part, str):
        return part
    digest = hashlib.sha256()
    for chunk in part.chunks():
        digest.update(chunk)
    part.seek(0)
    return {"sha256": digest.hexdigest(), "name": part.name}


@extend_schema(exclude=True)
class NothingHere(ApiView):
    """Every other address. It is answered here, because a redirect to one with a slash would lose the content."""

    permission_classes = []
    authentication_classes = []

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        raise Http404
