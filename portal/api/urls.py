"""The addresses of the API, all below /api/v1/."""

from django.urls import path, re_path
from drf_spectacular.views import SpectacularAPIView

from portal.api import applications, cases, determinations, documents, shipments
from portal.api.views import NothingHere

app_name = "api"

urlpatterns = [
    path("schema/", SpectacularAPIView.as_view(), name="schema"),
    path("editions/", determinations.Editions.as_view(), name="editions"),
    path("determinations/", determinations.Determinations.as_view(), name="determinations"),
    path("applications/", applications.Applications.as_view(), name="applications"),
    path("applications/<uuid:reference>/", applications.OneApplication.as_view(), name="application"),
    path("applications/<uuid:reference>/documents/", documents.Documents.as_view(), name="documents"),
    path(
        "applications/<uuid:reference>/documents/<int:document_id>/",
        documents.OneDocument.as_view(),
        name="document",
    ),
    path("applications/<uuid:reference>/copy/", applications.Copy.as_view(), name="copy"),
    path("applications/<uuid:reference>/submit/", applications.Submission.as_view(), name="submit"),
    path("applications/<uuid:reference>/withdraw/", applications.Withdrawal.as_view(), name="withdraw"),
    path("applications/<uuid:reference>/status/", applications.Status.as_view(), name="status"),
    path("applications/<uuid:reference>/requirements/", cases.Requirements.as_view(), name="requirements"),
    path("applications/<uuid:reference>/license/", cases.Grant.as_view(), name="license"),
    path("applications/<uuid:reference>/questions/<int:number>/answer/", cases.WrittenAnswer.as_view(), name="answer"),
    path("licenses/<str:license_number>/shipments/", shipments.Shipments.as_view(), name="shipments"),
    path("licenses/<str:license_number>/surrender/", shipments.Surrender.as_view(), name="surrender"),
    path(
        "licenses/<str:license_number>/shipments/<int:shipment_number>/",
        shipments.OneShipment.as_view(),
        name="shipment",
    ),
    path("letters/<int:letter_id>/", cases.Letter.as_view(), name="letter"),
    re_path("", NothingHere.as_view(), name="nothing"),
]
