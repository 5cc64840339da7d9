"""Drafts and filed applications: make, replace, add documents, certify, withdraw, follow."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponse
from django.urls import reverse
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from licensing import operations
from licensing.models import Application
from licensing.selectors import api as selectors
from portal.api import answers, serializers
from portal.api.schema import describe, pages
from portal.api.views import ApiView
from portal.operations import replace_draft, start_whole_draft

AREA = "Applications"
STEPS = {"end-use": "end_use", "declared_facts": "safeguards.declared_facts"}


def to_content(draft: Mapping[str, Any]) -> dict[str, Any]:
    """A draft as it was sent, in the parts that the operations take."""

    def plain(given: Mapping[str, Any]) -> dict[str, Any]:
        return {name.removesuffix("_id"): value for name, value in given.items()}

    spoken = ("end_use", "additional_information", "own_reference", "resubmission_of", "all_or_nothing")
    return {
        "parties": [plain(party) for party in draft["parties"]],
        "installation": plain(draft["installation"]),
        "items": draft["items"],
        "end_use": {name: draft[name] for name in spoken if name in draft},
        "safeguards": draft.get("safeguards", {}),
    }


class OfApplication(ApiView):
    """An address below an application, or the list of them."""

    body_fields = STEPS

    def whole(self, reference: UUID | str) -> Any:
        """An application with everything in it."""
        try:
            found = selectors.get_whole_application(reference=reference, by=self.key, at=self.at)
        except Application.DoesNotExist as missing:
            raise Http404 from missing
        application = found.application
        content = {
            name: getattr(application, name)
            for name in ("own_reference", "end_use", "additional_information", "all_or_nothing", "resubmission_of")
        }
        content |= {
            "parties": found.parties,
            "installation": application,
            "items": found.items,
            "safeguards": application,
        }
        return self.show(
            answers.ApplicationOut,
            {
                **{
                    name: getattr(application, name)
                    for name in ("reference", "status", "version", "created_at", "saved_at", "submitted_at")
                },
                "acn": found.acn,
                "content": content,
                "documents": found.documents,
                "lacking": found.findings,
            },
        )

    def standing(self, reference: UUID) -> Any:
        """Where an application stands."""
        try:
            return self.show(answers.Standing, selectors.get_standing(reference=reference, by=self.key))
        except Application.DoesNotExist as missing:
            raise Http404 from missing


class Applications(OfApplication):
    """/applications/"""

    @describe(
        "list_applications",
        area=AREA,
        summary="Your organization's applications, the newest first",
        answers={200: answers.ApplicationList},
        refusals=(400,),
        parameters=pages(str),
    )
    def get(self, request: Request) -> Response:
        asked = self.read(serializers.Page, request.query_params)
        try:
            found = selectors.get_application_slice(by=self.key, after=asked.get("after"), limit=asked["limit"])
        except Application.DoesNotExist as missing:
            raise ValidationError({"after": ["is not one of your applications"]}) from missing
        return Response(self.show(answers.ApplicationList, found))

    @describe(
        "create_application",
        area=AREA,
        summary="Begin a draft with everything in it",
        request=serializers.Draft,
        answers={201: answers.ApplicationOut},
        writes=True,
    )
    def post(self, request: Request) -> HttpResponse:
        content = to_content(self.read(serializers.Draft))

        def act() -> tuple[int, Any, str]:
            draft = start_whole_draft(content=content, by=self.key, at=self.at)
            return 201, self.whole(draft.reference), reverse("api:application", args=[draft.reference])

        return self.write(act)


class OneApplication(OfApplication):
    """/applications/{reference}/"""

    @describe(
        "read_application",
        area=AREA,
        summary="An application with everything in it, and what it still lacks",
        answers={200: answers.ApplicationOut},
        refusals=(404,),
    )
    def get(self, request: Request, reference: UUID) -> Response:
        return Response(self.whole(reference))

    @describe(
        "replace_application",
        area=AREA,
        summary="Put another content in place of a draft's; its documents stay",
        request=serializers.ChangedDraft,
        answers={200: answers.ApplicationOut},
        refusals=(404,),
        writes=True,
    )
    def put(self, request: Request, reference: UUID) -> HttpResponse:
        draft = self.read(serializers.ChangedDraft)

        def act() -> tuple[int, Any, str]:
            replace_draft(
                application=self.find(reference),
                content=to_content(draft),
                version=draft["version"],
                by=self.key,
                at=self.at,
            )
            return 200, self.whole(reference), ""

        return self.write(act)


class Copy(OfApplication):
    """/applications/{reference}/copy/"""

    @describe(
        "copy_application",
        area=AREA,
        summary="Begin a draft with what an earlier application says; documents are not carried over",
        answers={201: answers.ApplicationOut},
        refusals=(404,),
        writes=True,
    )
    def post(self, request: Request, reference: UUID) -> HttpResponse:
        self.read(serializers.Nothing)

        def act() -> tuple[int, Any, str]:
            draft = operations.copy_application(application=self.find(reference), by=self.key, at=self.at)
            return 201, self.whole(draft.reference), reverse("api:application", args=[draft.reference])

        return self.write(act)


class Submission(OfApplication):
    """/applications/{reference}/submit/"""

    body_fields = {**STEPS, "certifier_name": "name"}

    @describe(
        "submit_application",
        area=AREA,
        summary="Certify a draft and file it: it becomes a case",
        request=serializers.Certification,
        answers={201: answers.Standing},
        refusals=(404,),
        writes=True,
    )
    def post(self, request: Request, reference: UUID) -> HttpResponse:
        certified = self.read(serializers.Certification)

        def act() -> tuple[int, Any, str]:
            try:
                filed = operations.file_application(
                    application=reference,
                    **certified,
                    key=f"api:{request.headers['Idempotency-Key']}",
                    by=self.key,
                    at=self.at,
                )
            except Application.DoesNotExist as missing:
                raise Http404 from missing
            if filed.determination is None:
                told = self.standing(reference)
            else:
                letters = [filed.letter] if filed.letter is not None else []
                told = self.show(
                    answers.Standing,
                    selectors.explain_standing(case=filed.case, determination=filed.determination, letters=letters),
                )
            return 201, told, reverse("api:status", args=[reference])

        return self.write(act)


class Withdrawal(OfApplication):
    """/applications/{reference}/withdraw/"""

    @describe(
        "withdraw_application",
        area=AREA,
        summary="Withdraw a draft or a pending application",
        request=serializers.Withdrawal,
        answers={200: answers.Standing},
        refusals=(404,),
        writes=True,
    )
    def post(self, request: Request, reference: UUID) -> HttpResponse:
        reason = self.read(serializers.Withdrawal)["reason"]

        def act() -> tuple[int, Any, str]:
            operations.withdraw_application(application=self.find(reference), reason=reason, by=self.key, at=self.at)
            return 200, self.standing(reference), ""

        return self.write(act)


class Status(OfApplication):
    """/applications/{reference}/status/"""

    @describe(
        "read_status",
        area=AREA,
        summary="Where an application stands: its case, determination, questions and letters",
        answers={200: answers.Standing},
        refusals=(404,),
    )
    def get(self, request: Request, reference: UUID) -> Response:
        return Response(self.standing(reference))
