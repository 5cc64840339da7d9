"""Asking the rules: what an edition would require of an order. Nothing is stored."""

from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.rules import Refused
from portal.api import answers, serializers
from portal.api.fields import told
from portal.api.schema import describe, pages
from portal.api.views import ApiView
from portal.selectors import get_edition_slice
from rulebook.rules import BadFacts, determine, parse_facts
from rulebook.selectors import NoEdition, get_catalogue, get_edition, get_operating_edition

AREA = "Rules"


class Determinations(ApiView):
    """/determinations/"""

    @describe(
        "determine",
        area=AREA,
        summary="What the rules would require of an order, and why",
        request=serializers.Facts,
        answers={200: answers.Determination},
        refusals=(400, 409, 411, 413, 415),
    )
    def post(self, request: Request) -> Response:
        facts = request.data
        try:
            if isinstance(facts, dict) and "edition" in facts:
                facts = dict(facts)
                edition = get_edition(_named(facts.pop("edition")))
            else:
                edition = get_operating_edition(self.at)
        except NoEdition as missing:
            if facts is request.data:
                raise Refused(f"{missing} Name one that is loaded.", rule="rulebook.operating") from missing
            raise ValidationError({"edition": [f"{missing} GET /editions/ lists them."]}) from missing
        try:
            parsed = parse_facts(facts, edition, get_catalogue())
        except BadFacts as bad:
            raise ValidationError({problem.field: [problem.says] for problem in bad.problems}) from bad
        return Response(determine(parsed, edition).as_dict())


def _named(identifier: object) -> str:
    if not isinstance(identifier, str) or not identifier.isprintable() or len(identifier) > 100:
        raise ValidationError({"edition": [f"must be the id of an edition, not {told(identifier)}"]})
    return identifier


class Editions(ApiView):
    """/editions/"""

    @describe(
        "list_editions",
        area=AREA,
        summary="The editions of the rules that are loaded, and which of them operates",
        answers={200: answers.EditionList},
        refusals=(400,),
        parameters=pages(str),
    )
    def get(self, request: Request) -> Response:
        asked = self.read(serializers.PageByName, request.query_params)
        try:
            found = get_edition_slice(at=self.at, after=asked["after"], limit=asked["limit"])
        except NoEdition as missing:
            raise ValidationError({"after": [str(missing)]}) from missing
        return Response(self.show(answers.EditionList, found))
