"""Addresses under /desk/inspections/. A page, its view and its template bear one name."""

from desk.inspections import calendar_urls

urlpatterns = [*calendar_urls.urlpatterns]
