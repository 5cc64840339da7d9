"""Addresses under /desk/commitments/. A page, its view and its template bear one name."""

from django.urls import path, register_converter

from desk.investments import acts, detail, proving, registers


class CommitmentNumberConverter:
    """A commitment's number, or its digits alone; anything else is not found before a table is asked."""

    regex = "[Kk][0-9]{6,12}|[0-9]{1,12}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(CommitmentNumberConverter, "knumber")

_OF = "<knumber:number>/"
urlpatterns = [
    path("", registers.commitments, name="commitments"),
    path("draft/", acts.commitment_draft, name="commitment_draft"),
    path(_OF, detail.detail, name="commitment"),
    path(f"{_OF}papers/<int:paper_id>/", detail.paper, name="commitment_paper"),
    path(f"{_OF}terms/", acts.commitment_terms, name="commitment_terms"),
    path(f"{_OF}assets/", acts.commitment_add_asset, name="commitment_add_asset"),
    path(f"{_OF}assets/<int:asset_id>/remove/", acts.commitment_remove_asset, name="commitment_remove_asset"),
    path(f"{_OF}milestones/", acts.commitment_add_milestone, name="commitment_add_milestone"),
    path(
        f"{_OF}milestones/<int:milestone_id>/remove/",
        acts.commitment_remove_milestone,
        name="commitment_remove_milestone",
    ),
    path(f"{_OF}sign/", acts.commitment_sign, name="commitment_sign"),
    path(f"{_OF}in-force/", acts.commitment_bring_into_force, name="commitment_bring_into_force"),
    path(f"{_OF}withdraw/", acts.commitment_withdraw, name="commitment_withdraw"),
    path(f"{_OF}complete/", acts.commitment_complete, name="commitment_complete"),
    path(f"{_OF}terminate/", acts.commitment_terminate, name="commitment_terminate"),
    path(f"{_OF}assess/", acts.commitment_assess, name="commitment_assess"),
    path(f"{_OF}amounts/", proving.commitment_record_amount, name="commitment_record_amount"),
    path(f"{_OF}amounts/<int:entry_id>/reverse/", proving.commitment_reverse_amount, name="commitment_reverse_amount"),
    path(f"{_OF}evidence/", proving.commitment_submit_evidence, name="commitment_submit_evidence"),
    path(f"{_OF}evidence/<int:evidence_id>/verify/", proving.commitment_verify, name="commitment_verify"),
    path(
        f"{_OF}evidence/<int:evidence_id>/withdraw/",
        proving.commitment_withdraw_evidence,
        name="commitment_withdraw_evidence",
    ),
    path(f"{_OF}evidence/<int:evidence_id>/reverse/", proving.commitment_reverse, name="commitment_reverse"),
    path(f"{_OF}shortfalls/<int:shortfall_id>/plan/", proving.commitment_plan, name="commitment_plan"),
    path(f"{_OF}shortfalls/<int:shortfall_id>/waiver/", proving.commitment_waive, name="commitment_waive"),
]
