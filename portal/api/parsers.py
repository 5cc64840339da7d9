"""Reading what is sent: strictly, in words, and never more than fits."""

import json
from collections.abc import Mapping
from typing import Any

from rest_framework.exceptions import ParseError
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.parsers import BaseParser
from rest_framework.parsers import JSONParser as _Described

from portal.api.problems import TooLarge

LARGEST_JSON = 2 * 1024 * 1024


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise ParseError(f"The field “{name[:60]}” is given twice. Give it once.")
        found[name] = value
    return found


def _no_constant(name: str) -> Any:
    raise ParseError(f"{name} is not a number in JSON.")


class StrictJSONParser(_Described):
    """JSON in UTF-8, every field once, no NaN, of at most 2 MB."""

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Mapping[str, Any] | None = None) -> Any:
        content = stream.read(LARGEST_JSON + 1)
        if len(content) > LARGEST_JSON:
            raise TooLarge("The content is larger than 2 MB. Documents are sent one by one to their own address.")
        try:
            return json.loads(content.decode("utf-8"), object_pairs_hook=_unique, parse_constant=_no_constant)
        except UnicodeDecodeError as error:
            raise ParseError(f"The content is not UTF-8 (byte {error.start}).") from error
        except json.JSONDecodeError as error:
            raise ParseError(
                f"The content is not JSON: {error.msg.lower()} (line {error.lineno}, column {error.colno})."
            ) from error
        except RecursionError as error:
            raise ParseError("The content is nested too deeply.") from error
        except ValueError as error:
            raise ParseError("The content holds a number that is too long.") from error


class OneFormat(BaseContentNegotiation):
    """Every address answers in its one format, whatever is asked for."""

    def select_parser(self, request: Any, parsers: list[BaseParser]) -> BaseParser | None:
        sent = (request.content_type or "").split(";")[0].strip().lower()
        return next((parser for parser in parsers if parser.media_type == sent), None)

    def select_renderer(self, request: Any, renderers: list[Any], format_suffix: str | None = None) -> Any:
        return renderers[0], renderers[0].media_type
