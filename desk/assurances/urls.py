"""Addresses under /desk/assurances/. A page, its view and its template bear one name."""

from django.urls import URLPattern, path

from desk.assurances import acts, breaches, detail, drafting, registers

_ACTS = (
    acts.request,
    acts.record_contact,
    acts.agree,
    acts.reopen_negotiation,
    acts.record_receipt,
    acts.bring_into_force,
    acts.change_ceiling,
    acts.renew,
    acts.supersede,
    acts.suspend,
    acts.restore,
    acts.terminate,
    acts.withdraw,
    acts.record_expiry,
    breaches.allege_breach,
    breaches.begin_cure,
    breaches.extend_cure,
    breaches.accept_cure,
    breaches.dismiss_breach,
    drafting.change_terms,
    drafting.note_undertakings,
    drafting.add_text,
    drafting.amend,
)

urlpatterns: list[URLPattern] = [
    path("", registers.register, name="assurances"),
    path("new/", drafting.start, name="assurance_start"),
    path("<int:instrument_id>/", detail.detail, name="assurance"),
    path("<int:instrument_id>/coverage/", registers.coverage, name="assurance_coverage"),
    path("<int:instrument_id>/compare/", detail.compare, name="assurance_compare"),
    path("<int:instrument_id>/texts/<int:text_number>/", detail.text, name="assurance_text"),
    path(
        "<int:instrument_id>/texts/<int:text_number>/translate/",
        drafting.add_translation,
        name="assurance_add_translation",
    ),
    path("<int:instrument_id>/translations/<int:translation_id>/", detail.translation, name="assurance_translation"),
    path("<int:instrument_id>/breaches/<int:breach_number>/evidence/", detail.evidence, name="assurance_evidence"),
    *(
        path(f"<int:instrument_id>/{act.__name__.replace('_', '-')}/", act, name=f"assurance_{act.__name__}")
        for act in _ACTS
    ),
]
