from django.apps import AppConfig


class AllocationsConfig(AppConfig):
    """How many chips each country gets in a period."""

    name = "allocations"
