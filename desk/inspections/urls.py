"""Addresses under /desk/inspections/. A page, its view and its template bear one name."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
