"""The exporters' addresses. A page, its view and its template bear one name."""

from django.urls import path

from portal import account, applications, cases, shipments, steps, surrenders

app_name = "portal"
_OF = "applications/<uuid:reference>/"

urlpatterns = [
    path("", applications.home, name="home"),
    path("applications/new/", applications.start, name="start"),
    path(_OF, applications.overview, name="application"),
    path(f"{_OF}parties/", steps.parties, name="parties"),
    path(f"{_OF}parties/add/", steps.party, name="add_party"),
    path(f"{_OF}parties/<int:place>/", steps.party, name="party"),
    path(f"{_OF}parties/<int:place>/remove/", steps.remove_party, name="remove_party"),
    path(f"{_OF}installation/", steps.installation, name="installation"),
    path(f"{_OF}items/", steps.items, name="items"),
    path(f"{_OF}items/add/", steps.item, name="add_item"),
    path(f"{_OF}items/<int:place>/", steps.item, name="item"),
    path(f"{_OF}items/<int:place>/remove/", steps.remove_item, name="remove_item"),
    path(f"{_OF}end-use/", steps.end_use, name="end-use"),
    path(f"{_OF}safeguards/", steps.safeguards, name="safeguards"),
    path(f"{_OF}documents/", steps.documents, name="documents"),
    path(f"{_OF}documents/<int:document_id>/remove/", steps.remove_document, name="remove_document"),
    path(f"{_OF}review/", applications.review, name="review"),
    path(f"{_OF}certify/", applications.certify, name="certify"),
    path(f"{_OF}withdraw/", applications.withdraw, name="withdraw"),
    path(f"{_OF}copy/", applications.copy, name="copy"),
    path(f"{_OF}case/", cases.detail, name="case"),
    path(f"{_OF}case/questions/<int:number>/", cases.answer, name="answer"),
    path(f"{_OF}documents/<int:document_id>/", cases.document, name="document"),
    path("letters/<int:letter_id>/", cases.letter, name="letter"),
    path("licenses/", cases.licenses, name="licenses"),
    path("licenses/<str:license_number>/shipments/", shipments.listed, name="shipments"),
    path("licenses/<str:license_number>/shipments/new/", shipments.record, name="record_shipment"),
    path("licenses/<str:license_number>/surrender/", surrenders.surrender, name="surrender"),
    path("inbox/", account.inbox, name="inbox"),
    path("organization/", account.organization, name="organization"),
    path("keys/", account.keys, name="keys"),
    path("keys/new/", account.new_key, name="new_key"),
    path("keys/<int:key_id>/revoke/", account.revoke_key, name="revoke_key"),
]
