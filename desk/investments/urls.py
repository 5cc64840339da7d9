"""Addresses under /desk/investments/. A page, its view and its template bear one name."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
