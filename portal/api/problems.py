"""Every "no" of the API as a problem document (RFC 9457): what, why, which field, and never a stack trace."""

from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, JsonResponse
from rest_framework import exceptions, status

from accounts.permissions import NotPermitted
from accounts.rules import Refused, Stale
from portal.operations import Busy

MEDIA_TYPE = "application/problem+json"

TITLES = {
    400: "This request cannot be read",
    401: "An API key is needed",
    403: "This key may not do this",
    404: "There is nothing here for this key",
    405: "This address does not take this method",
    409: "This cannot be done now",
    411: "The length of the content is missing",
    413: "This is too large",
    415: "This is not a format that is taken here",
    422: "This does not meet the rules",
}
IN_WORDS = {
    401: "Send the key of your organization in the header “Authorization: Bearer csk_…”.",
    404: "The address is mistyped, what it names is gone, or it belongs to another organization. "
    "Every address of this API ends in a slash.",
}


class LengthMissing(exceptions.APIException):
    """411: the content came without its length, so it cannot be read."""

    status_code = status.HTTP_411_LENGTH_REQUIRED


class TooLarge(exceptions.APIException):
    """413: more bytes than this address takes."""

    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE


def handle(exception: Exception, context: Mapping[str, Any]) -> JsonResponse | None:
    """The exception handler of every API view. None for a fault of ours, which then becomes a 500."""
    if isinstance(exception, Refused):
        return _refused(exception, getattr(context.get("view"), "body_fields", {}))
    if isinstance(exception, NotPermitted):
        return problem(403, exception.reason)
    if isinstance(exception, Http404):
        return problem(404, str(exception) or IN_WORDS[404])
    if isinstance(exception, PermissionDenied):
        return problem(403, "Your organization may not do this.")
    if not isinstance(exception, exceptions.APIException):
        return None
    answer = _of_framework(exception, context.get("view"))
    for name, value in (
        ("WWW-Authenticate", getattr(exception, "auth_header", None)),
        ("Retry-After", getattr(exception, "wait", None)),
    ):
        if value is not None:
            answer.headers[name] = str(value)
    return answer


def _of_framework(exception: exceptions.APIException, view: Any) -> JsonResponse:
    if isinstance(exception, exceptions.ValidationError):
        errors = [{"field": field, "says": says} for field, says in flatten(exception.detail)]
        return problem(exception.status_code, _told(errors), errors=errors)
    code = exception.status_code
    if isinstance(exception, exceptions.NotAuthenticated):
        return problem(code, IN_WORDS[401])
    if isinstance(exception, exceptions.UnsupportedMediaType):
        taken = " or ".join(parser.media_type for parser in getattr(view, "parser_classes", ()))
        return problem(code, f"Send the content as {taken}, and say so in the header “Content-Type”.")
    return problem(code, str(exception.detail))


def _refused(refused: Refused, body_fields: Mapping[str, str]) -> JsonResponse:
    """A rule said no. `body_fields` says under what name the body has the field that the operation names."""
    if isinstance(refused, Busy):
        answer = problem(409, refused.reason, title="This is being done", rule=refused.rule)
        answer.headers["Retry-After"] = "1"
        return answer
    if isinstance(refused, Stale):
        return problem(409, refused.reason, title="Somebody was faster", rule=refused.rule)
    errors: list[dict[str, str]] = []
    for found in refused.findings:
        if not found.met:
            name = found.field or found.step
            errors.append({"field": body_fields.get(name, name), "says": found.says})
    if not errors and refused.field:
        errors.append({"field": body_fields.get(refused.field, refused.field), "says": refused.reason})
    return problem(422 if errors else 409, refused.reason, errors=errors, rule=refused.rule)


def problem(
    code: int, detail: str, *, title: str = "", errors: list[dict[str, str]] | None = None, rule: str = ""
) -> JsonResponse:
    """The document. `field` repeats the first error's, for those who show one."""
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": title or TITLES.get(code, HTTPStatus(code).phrase),
        "status": code,
        "detail": detail,
        "errors": errors or [],
    }
    named = next((error["field"] for error in body["errors"] if error["field"]), "")
    if named:
        body["field"] = named
    if rule:
        body["rule"] = rule
    return JsonResponse(body, status=code, content_type=MEDIA_TYPE, json_dumps_params={"ensure_ascii": False})


def flatten(detail: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Nested errors as (“items[0].quantity”, “must be …”), in their order."""
    if isinstance(detail, Mapping):
        for name, inner in detail.items():
            if name == "non_field_errors":
                yield from flatten(inner, path)
            elif isinstance(name, int):
                yield from flatten(inner, f"{path}[{name}]")
            else:
                yield from flatten(inner, f"{path}.{name}" if path else str(name))
    elif isinstance(detail, list):
        for position, inner in enumerate(detail):
            # A list holds either messages of one field, or one entry for each element of a list.
            yield from flatten(inner, f"{path}[{position}]" if isinstance(inner, Mapping) else path)
    else:
        yield path, str(detail)


def _told(errors: list[dict[str, str]]) -> str:
    first = errors[0]
    says = f"{first['field']}: {first['says']}" if first["field"] else first["says"]
    more = len(errors) - 1
    return f"{says.rstrip('.')}." if not more else f"{says.rstrip('.')}. And {more} more, listed in “errors”."
