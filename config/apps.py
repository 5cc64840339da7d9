from django.apps import AppConfig
from django.core.checks import Tags, register


class SiteConfig(AppConfig):
    """What joins the apps: checks, health, error pages, commands of the site as a whole."""

    name = "config"
    label = "site"

    def ready(self) -> None:
        from config.checks import check_databases

        register(check_databases, Tags.database)
