"""What comes of a filed application: requirements, questions, a license or exemption, letters."""

from typing import Any
from uuid import UUID

from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from licensing import operations, selectors
from licensing.operations.documents import LARGEST_BYTES
from licensing.selectors import api
from portal.api import answers, serializers
from portal.api.applications import OfApplication
from portal.api.parsers import StrictJSONParser
from portal.api.schema import describe, pages
from portal.api.views import ApiView

AREA = "Cases"


class Requirements(OfApplication):
    """/applications/{reference}/requirements/"""

    @describe(
        "list_requirements",
        area=AREA,
        summary="What the rules require before a license is issued or chips are shipped",
        answers={200: answers.RequirementList},
        refusals=(400, 404, 409),
        parameters=pages(int),
    )
    def get(self, request: Request, reference: UUID) -> Response:
        asked = self.read(serializers.PageByNumber, request.query_params)
        try:
            found = api.get_requirement_slice(
                reference=reference, by=self.key, after=asked["after"], limit=asked["limit"]
            )
        except ObjectDoesNotExist as missing:
            raise Http404 from missing
        return Response(self.show(answers.RequirementList, found))


class Grant(OfApplication):
    """/applications/{reference}/license/"""

    @describe(
        "read_license",
        area=AREA,
        summary="The license or exemption that was granted, and what is left of it",
        answers={200: answers.GrantOut},
        refusals=(404,),
    )
    def get(self, request: Request, reference: UUID) -> Response:
        try:
            found = api.get_grant(reference=reference, by=self.key, on=timezone.localdate(self.at))
        except ObjectDoesNotExist as missing:
            raise Http404 from missing
        if found is None:
            raise Http404(
                "No license and no exemption was granted to this application, or none yet. "
                f"{reverse('api:status', args=[reference])} says where it stands."
            )
        return Response(self.show(answers.GrantOut, found))


class WrittenAnswer(OfApplication):
    """/applications/{reference}/questions/{number}/answer/"""

    parser_classes = [StrictJSONParser, MultiPartParser]
    largest_body = serializers.MOST_FILES * LARGEST_BYTES + 1024 * 1024
    body_fields = {"file": "documents"}

    @describe(
        "answer_question",
        area=AREA,
        summary="Answer a question of the officer, with PDFs where they help",
        request={
            "application/json": serializers.WrittenAnswer,
            "multipart/form-data": serializers.AnswerWithFiles,
        },
        answers={200: answers.Standing},
        refusals=(404,),
        writes=True,
    )
    def post(self, request: Request, reference: UUID, number: int) -> HttpResponse:
        sent = self.read(serializers.AnswerWithFiles)
        uploads = [(_title(upload.name), upload) for upload in sent.get("documents", [])]

        def act() -> tuple[int, Any, str]:
            try:
                question = selectors.get_question(reference=reference, number=number, by=self.key)
            except ObjectDoesNotExist as missing:
                raise Http404 from missing
            operations.answer_information(
                request=question, answer=sent["answer"], uploads=uploads, by=self.key, at=self.at
            )
            return 200, self.standing(reference), ""

        return self.write(act)


def _title(file_name: str) -> str:
    return file_name.removesuffix(".pdf").replace("\x00", "")[:200]


class Letter(ApiView):
    """/letters/{letter_id}/"""

    @describe(
        "read_letter",
        area=AREA,
        summary="A letter, license or notice as it went out",
        answers={(200, "application/pdf"): OpenApiResponse(OpenApiTypes.BINARY, description="The PDF.")},
        refusals=(404,),
    )
    def get(self, request: Request, letter_id: int) -> HttpResponse:
        try:
            letter = selectors.get_letter(letter_id=letter_id, by=self.key)
        except ObjectDoesNotExist as missing:
            raise Http404 from missing
        return HttpResponse(
            bytes(letter.pdf),
            content_type="application/pdf",
            headers={"Content-Disposition": f'attachment; filename="{letter.case.acn}-{letter.kind}.pdf"'},
        )
