from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig


class OversightConfig(AppConfig):
    name = "oversight"


class OversightAdminConfig(AdminConfig):
    """The admin site, replaced by the reading room."""

    default_site = "oversight.site.OversightSite"
