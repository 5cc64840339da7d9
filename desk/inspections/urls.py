"""Addresses under /desk/visits/. A page, its view and its template bear one name."""

from django.urls import path

from desk.inspections import calendar_urls, detail, field, onsite, reporting, requesting, reviewing, targets

urlpatterns = [
    path("", detail.register, name="visits"),
    path("request/", requesting.request_visit, name="visit_request"),
    path("targets/", targets.register, name="visit_targets"),
    path("targets/select/", targets.select, name="visit_target_select"),
    path("targets/<int:round_id>/", targets.detail, name="visit_target_round"),
    *calendar_urls.urlpatterns,
    path("<int:visit_id>/", detail.detail, name="visit"),
    path("<int:visit_id>/notify/", requesting.notify, name="visit_notify"),
    path("<int:visit_id>/consent/", requesting.consent, name="visit_consent"),
    path("<int:visit_id>/refusal/", requesting.refusal, name="visit_refusal"),
    path("<int:visit_id>/unit/", requesting.unit, name="visit_unit"),
    path("<int:visit_id>/cancel/", requesting.cancel, name="visit_cancel"),
    path("<int:visit_id>/not-carried-out/", requesting.not_carried_out, name="visit_not_carried_out"),
    path("<int:visit_id>/unverified-list/", requesting.unverified, name="visit_unverified"),
    path("<int:visit_id>/entity-list/", requesting.entity, name="visit_entity"),
    path("<int:visit_id>/begin/", onsite.begin, name="visit_begin"),
    path("<int:visit_id>/leave/", onsite.leave, name="visit_leave"),
    path("<int:visit_id>/field/", field.field, name="visit_field"),
    path("<int:visit_id>/field/answer/", field.field_answer, name="visit_field_answer"),
    path("<int:visit_id>/field/items/<int:item_id>/", field.field_result, name="visit_field_result"),
    path("<int:visit_id>/serials/add/", onsite.serials_add, name="visit_serials_add"),
    path("<int:visit_id>/sample/", onsite.sample, name="visit_sample"),
    path("<int:visit_id>/topology/", onsite.topology, name="visit_topology"),
    path("<int:visit_id>/papers/add/", onsite.paper_add, name="visit_paper_add"),
    path("<int:visit_id>/papers/<int:paper_id>/", detail.paper, name="visit_paper"),
    path("<int:visit_id>/findings/add/", reporting.finding, name="visit_finding"),
    path("<int:visit_id>/findings/<int:number>/withdraw/", reporting.finding_withdraw, name="visit_finding_withdraw"),
    path("<int:visit_id>/actions/add/", reporting.action, name="visit_action"),
    path("<int:visit_id>/actions/<int:number>/", reporting.action_answer, name="visit_action_answer"),
    path("<int:visit_id>/report/", reporting.report, name="visit_report"),
    path("<int:visit_id>/review/", reviewing.review, name="visit_review"),
    path("<int:visit_id>/accept/", reviewing.accept, name="visit_accept"),
    path("<int:visit_id>/return/", reviewing.return_, name="visit_return"),
    path("<int:visit_id>/rating/", reviewing.rating, name="visit_rating"),
    path("<int:visit_id>/close/", reviewing.close, name="visit_close"),
    path("<int:visit_id>/reopen/", reviewing.reopen, name="visit_reopen"),
]
