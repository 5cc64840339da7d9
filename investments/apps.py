from django.apps import AppConfig


class InvestmentsConfig(AppConfig):
    """Commitments in AI data centers of the United States: milestones, evidence, verification, tranches."""

    name = "investments"
