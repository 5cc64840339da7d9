from django.apps import AppConfig


class AssurancesConfig(AppConfig):
    """Government-to-government instruments: their texts, undertakings, coverage and breaches."""

    name = "assurances"
