"""Every address of the site: three faces, the API, sign-in and the open pages.

`/healthz` and `/readyz` are answered before any address is looked up (config/health.py).
"""

from django.contrib import admin
from django.urls import include, path

from config import health, views
from desk.inspections.feeds import feed

urlpatterns = [
    path("", views.home, name="home"),
    path("about/", views.about, name="about"),
    path("rules/", views.rules, name="rules"),
    path("accessibility/", views.accessibility, name="accessibility"),
    path("", include("accounts.urls")),
    path("calendar/<str:token>.ics", feed, name="calendar_ics"),
    path("validate/", include("portal.validation_urls")),
    path("portal/", include("portal.urls")),
    path("desk/", include("desk.urls")),
    path("api/v1/", include("portal.api.urls")),
    path("oversight/", admin.site.urls),
    path("healthz", health.live, name="healthz"),
    path("readyz", health.ready, name="readyz"),
]
handler400 = "config.errors.bad_request"
handler403 = "config.errors.not_permitted"
handler404 = "config.errors.not_found"
handler500 = "config.errors.server_error"
