"""Addresses under /desk/allocations/. A page, its view and its template bear one name."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
