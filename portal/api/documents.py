"""The documents of an application: add, list, read, and take out of a draft."""

from typing import Any
from uuid import UUID

from django.core.exceptions import ObjectDoesNotExist
from django.http import FileResponse, Http404, HttpResponse
from django.urls import reverse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from licensing import operations
from licensing.models import Application, Document
from licensing.operations.documents import LARGEST_BYTES
from licensing.selectors import api as selectors
from licensing.selectors import get_own_document
from portal.api import answers, serializers
from portal.api.applications import AREA, OfApplication
from portal.api.schema import describe, pages

# The parts around a document take some room too.
LARGEST_UPLOAD = LARGEST_BYTES + 1024 * 1024


class Documents(OfApplication):
    """/applications/{reference}/documents/"""

    parser_classes = [MultiPartParser]
    largest_body = LARGEST_UPLOAD

    @describe(
        "list_documents",
        area=AREA,
        summary="The documents of an application, the oldest first",
        answers={200: answers.DocumentList},
        refusals=(400, 404),
        parameters=pages(int),
    )
    def get(self, request: Request, reference: UUID) -> Response:
        asked = self.read(serializers.PageByNumber, request.query_params)
        try:
            found = selectors.get_document_slice(
                reference=reference, by=self.key, after=asked["after"], limit=asked["limit"]
            )
        except Application.DoesNotExist as missing:
            raise Http404 from missing
        return Response(self.show(answers.DocumentList, found))

    @describe(
        "add_document",
        area=AREA,
        summary="Add a PDF to a draft",
        request={"multipart/form-data": serializers.Upload},
        answers={201: answers.DocumentOut},
        refusals=(404,),
        writes=True,
    )
    def post(self, request: Request, reference: UUID) -> HttpResponse:
        upload = self.read(serializers.Upload)

        def act() -> tuple[int, Any, str]:
            document = operations.add_document(
                application=self.find(reference),
                kind=upload["kind"],
                title=upload.get("title", ""),
                upload=upload["file"],
                by=self.key,
                at=self.at,
            )
            return 201, self.show(answers.DocumentOut, document), reverse("api:document", args=[reference, document.pk])

        return self.write(act)


class OneDocument(OfApplication):
    """/applications/{reference}/documents/{document_id}/"""

    @describe(
        "read_document",
        area=AREA,
        summary="A document of an application, as it was uploaded",
        answers={(200, "application/pdf"): OpenApiResponse(OpenApiTypes.BINARY, description="The PDF.")},
        refusals=(404,),
    )
    def get(self, request: Request, reference: UUID, document_id: int) -> FileResponse:
        try:
            content = self._find(reference, document_id).file.open("rb")
        except FileNotFoundError as missing:
            raise Http404 from missing
        return FileResponse(
            content, as_attachment=True, filename=f"document-{document_id}.pdf", content_type="application/pdf"
        )

    @describe(
        "remove_document",
        area=AREA,
        summary="Take a document out of a draft; what was submitted stays",
        answers={200: answers.ApplicationOut},
        refusals=(404,),
        writes=True,
    )
    def delete(self, request: Request, reference: UUID, document_id: int) -> HttpResponse:
        def act() -> tuple[int, Any, str]:
            operations.remove_document(document=self._find(reference, document_id), by=self.key, at=self.at)
            return 200, self.whole(reference), ""

        return self.write(act)

    def _find(self, reference: UUID, document_id: int) -> Document:
        try:
            return get_own_document(reference=reference, document_id=document_id, by=self.key)
        except ObjectDoesNotExist as missing:
            raise Http404 from missing
