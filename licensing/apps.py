from django.apps import AppConfig


class LicensingConfig(AppConfig):
    """From an application to a license."""

    name = "licensing"
