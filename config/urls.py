"""Every address of the site: three faces, the API, sign-in and the open pages.

`/healthz` and `/readyz` are answered before any address is looked up (config/health.py).
"""

from importlib.util import find_spec

from django.contrib import admin
from django.urls import include, path

from config import health, views


def _landed(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:
        return False


urlpatterns = [
    path("", views.home, name="home"),
    path("about/", views.about, name="about"),
    path("rules/", views.rules, name="rules"),
    path("accessibility/", views.accessibility, name="accessibility"),
    path("", include("accounts.urls")),
    path("validate/", include("portal.validation_urls")),
    path("desk/", include("desk.urls")),
    path("oversight/", admin.site.urls),
    path("healthz", health.live, name="healthz"),
    path("readyz", health.ready, name="readyz"),
]
for prefix, module in (("portal/", "portal.urls"), ("api/v1/", "portal.api.urls")):
    if _landed(module):
        urlpatterns.append(path(prefix, include(module)))

handler400 = "config.errors.bad_request"
handler403 = "config.errors.not_permitted"
handler404 = "config.errors.not_found"
handler500 = "config.errors.server_error"
