"""The desk's addresses. A page, its view and its template bear one name."""

from django.urls import include, path, register_converter

from desk import acts, cases, evidence, inbox, licenses, registers


class NumberConverter:
    """An Application Control Number; anything else in its place is not found before a table is asked."""

    regex = "[A-Za-z][0-9]{6}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(NumberConverter, "acn")

app_name = "desk"
urlpatterns = [
    path("assurances/", include("desk.assurances.urls")),
    path("visits/", include("desk.inspections.urls")),
    path("commitments/", include("desk.investments.urls")),
    path("allocations/", include("desk.allocations.urls")),
    path("", cases.basket, name="basket"),
    path("inbox/", inbox.inbox, name="inbox"),
    path("licenses/", registers.licenses, name="licenses"),
    path("licenses/<acn:number>/", licenses.detail, name="license"),
    path("installations/", registers.installations, name="installations"),
    path("parties/", registers.parties, name="parties"),
    path("holds/", registers.holds, name="holds"),
    path("holds/country/", registers.hold_country, name="hold_country"),
    path("holds/place/<str:scope_kind>/<str:scope_id>/", registers.place_hold, name="place_hold"),
    path("holds/<int:hold_id>/lift/", registers.lift_hold, name="lift_hold"),
    path("cases/<acn:acn>/", cases.detail, name="case"),
    path("cases/<acn:acn>/take/", acts.take, name="take"),
    path("cases/<acn:acn>/assign/", acts.assign, name="assign"),
    path("cases/<acn:acn>/request-information/", acts.request_information, name="request_information"),
    path("cases/<acn:acn>/recommend/", acts.recommend, name="recommend"),
    path("cases/<acn:acn>/countersign/", acts.countersign, name="countersign"),
    path("cases/<acn:acn>/send-back/", acts.send_back, name="send_back"),
    path("cases/<acn:acn>/decide/", acts.decide, name="decide"),
    path("cases/<acn:acn>/exemption/", acts.exemption, name="exemption"),
    path("cases/<acn:acn>/notes/", acts.add_note, name="add_note"),
    path("cases/<acn:acn>/requirements/<int:position>/evidence/", evidence.satisfy, name="satisfy"),
    path("cases/<acn:acn>/requirements/<int:position>/waiver/", acts.waive, name="waive"),
    path("cases/<acn:acn>/requirements/<int:position>/reopen/", acts.reopen, name="reopen"),
    path("cases/<acn:acn>/documents/<int:document_id>/", cases.document, name="document"),
    path("cases/<acn:acn>/letters/<int:letter_id>/", cases.letter, name="letter"),
]
