"""The public addresses at which a license or an exemption is confirmed."""

from django.urls import path

from portal import validation

app_name = "validation"

urlpatterns = [
    path("", validation.search, name="form"),
    path("<str:number>/", validation.confirm, name="license"),
]
