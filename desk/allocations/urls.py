"""Addresses under /desk/allocations/. A page, its view and its template bear one name."""

from django.urls import path

from desk.allocations import acts, registers
from desk.allocations.detail import detail

urlpatterns = [
    path("", registers.board, name="allocations"),
    path("propose/", acts.propose, name="allocation_propose"),
    path("<int:allocation_id>/", detail, name="allocation"),
    path("<int:allocation_id>/entries/", registers.entries, name="allocation_entries"),
    path("<int:allocation_id>/change/", acts.change, name="allocation_change"),
    path("<int:allocation_id>/approve/", acts.approve, name="allocation_approve"),
    path("<int:allocation_id>/decline/", acts.decline, name="allocation_decline"),
    path("<int:allocation_id>/withdraw/", acts.withdraw, name="allocation_withdraw"),
]
