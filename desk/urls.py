"""The desk's addresses. A page, its view and its template bear one name."""

from django.urls import path

from desk import acts, cases, inbox, registers

app_name = "desk"
urlpatterns = [
    path("", cases.basket, name="basket"),
    path("inbox/", inbox.inbox, name="inbox"),
    path("licenses/", registers.licenses, name="licenses"),
    path("installations/", registers.installations, name="installations"),
    path("parties/", registers.parties, name="parties"),
    path("holds/", registers.holds, name="holds"),
    path("holds/country/", registers.hold_country, name="hold_country"),
    path("holds/place/<str:scope_kind>/<str:scope_id>/", registers.place_hold, name="place_hold"),
    path("holds/<int:hold_id>/lift/", registers.lift_hold, name="lift_hold"),
    path("cases/<str:acn>/", cases.detail, name="case"),
    path("cases/<str:acn>/take/", acts.take, name="take"),
    path("cases/<str:acn>/assign/", acts.assign, name="assign"),
    path("cases/<str:acn>/request-information/", acts.request_information, name="request_information"),
    path("cases/<str:acn>/recommend/", acts.recommend, name="recommend"),
    path("cases/<str:acn>/countersign/", acts.countersign, name="countersign"),
    path("cases/<str:acn>/send-back/", acts.send_back, name="send_back"),
    path("cases/<str:acn>/decide/", acts.decide, name="decide"),
    path("cases/<str:acn>/exemption/", acts.exemption, name="exemption"),
    path("cases/<str:acn>/notes/", acts.add_note, name="add_note"),
    path("cases/<str:acn>/requirements/<int:position>/evidence/", acts.satisfy, name="satisfy"),
    path("cases/<str:acn>/requirements/<int:position>/waiver/", acts.waive, name="waive"),
    path("cases/<str:acn>/documents/<int:document_id>/", cases.document, name="document"),
    path("cases/<str:acn>/letters/<int:letter_id>/", cases.letter, name="letter"),
]
