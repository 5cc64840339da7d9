"""How the API describes itself: one decorator for every address, so that each names its refusals too."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema

from portal.api.answers import Problem
from portal.api.problems import MEDIA_TYPE, TITLES

IDEMPOTENCY_KEY = OpenApiParameter(
    name="Idempotency-Key",
    location=OpenApiParameter.HEADER,
    required=True,
    type={"type": "string", "minLength": 1, "maxLength": 64, "pattern": "^[!-~]{1,64}$"},
    description=(
        "A name of your own for this request, such as a new UUID. Sent again with the same content, it gets the "
        "stored answer and nothing is done twice."
    ),
)


def pages(after: type) -> list[OpenApiParameter]:
    """The questions of a list's address; `after` is the type of what its rows are walked by."""
    return [
        OpenApiParameter("after", after, description="The `after` of the page before."),
        OpenApiParameter("limit", int, description="1 to 100; 50 where nothing is said."),
    ]


# Any call can meet these; a write can meet the others as well.
ALWAYS = (401, 403, 500)
OF_WRITES = (400, 409, 411, 413, 415, 422)


class BearerKey(OpenApiAuthenticationExtension):
    """The security scheme of the API's keys."""

    target_class = "portal.api.authentication.ApiKeyAuthentication"
    name = "apiKey"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {
            "type": "http",
            "scheme": "bearer",
            "bearerFormat": "csk_…",
            "description": "A key of your organization. Its account administrator creates and revokes them.",
        }


def describe(
    operation: str,
    *,
    area: str,
    summary: str,
    answers: Mapping[int, Any],
    request: Any = None,
    refusals: Iterable[int] = (),
    parameters: Iterable[Any] = (),
    writes: bool = False,
) -> Callable[[Any], Any]:
    """Describe one method of a view: its content, its answers and every problem it can end in."""
    codes = sorted({*ALWAYS, *refusals, *(OF_WRITES if writes else ())})
    responses: dict[Any, Any] = dict(answers)
    for code in codes:
        title = TITLES.get(code, "The service failed")
        responses[(code, MEDIA_TYPE)] = OpenApiResponse(Problem, description=f"{title}.")
    return extend_schema(
        operation_id=operation,
        summary=summary,
        tags=[area],
        request=request,
        responses=responses,
        parameters=[*parameters, *([IDEMPOTENCY_KEY] if writes else [])],
    )
