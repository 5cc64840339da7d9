from django.apps import AppConfig


class InspectionsConfig(AppConfig):
    """Visits by export control officers: targets, teams, samples, findings and ratings."""

    name = "inspections"
