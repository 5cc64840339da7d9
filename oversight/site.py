"""The reading room: Django's admin, for oversight alone, read-only, signed in at the product's own door."""

from collections.abc import Callable, Iterable
from functools import update_wrapper
from typing import Any, NoReturn

from django.apps import apps
from django.conf import settings
from django.contrib.admin import AdminSite
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import ImproperlyConfigured
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver, include, path, reverse
from django.utils.functional import SimpleLazyObject
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_protect

from audit.reading import ReadOnlyAdmin
from oversight import permissions, selectors, views

View = Callable[..., HttpResponse]

# The parts of the house in the order in which a reader asks for them, each in plain words.
GROUPS: dict[str, tuple[str, str]] = {
    "licensing": ("Cases", "What was applied for, what officials made of it, and what was issued."),
    "assurances": ("Assurances", "What other governments gave their word for: texts, clauses, coverage, breaches."),
    "investments": ("Commitments", "What nations and firms invest here: amounts, evidence, shortfalls, tranches."),
    "inspections": ("Visits", "Which places were chosen and seen, by whom, what was found, and how it was rated."),
    "allocations": ("Allocations", "How many chips each country gets, who proposed it, and who agreed."),
    "audit": ("Journal", "Who did what and when, in chains that show every alteration."),
    "ledger": ("Ledger", "How many are left: every ceiling, reservation and draw."),
    "registry": ("Registry", "Who and where: parties and their owners, installations, chips, holds."),
    "deadlines": ("Deadlines", "By when: clocks with their stops, due dates, reminders, inboxes."),
    "rulebook": ("Rulebook", "What the rules required, and from which instant."),
    "accounts": ("Accounts", "Who may act: organizations, people, roles, keys."),
}


class OversightSite(AdminSite):
    """Every model can be read by auditors and administrators. Nothing is added, changed or deleted."""

    site_title = "Countersign oversight"
    site_header = "Countersign oversight"
    index_title = "Reading room"
    index_template = "oversight/index.html"
    app_index_template = "oversight/app.html"
    enable_nav_sidebar = False
    final_catch_all_view = False

    def register(self, model_or_iterable: Any, admin_class: type | None = None, **options: Any) -> None:
        """Admit models whose admin is read-only. Other libraries' admins, which are not, stay outside."""
        if admin_class is not None and issubclass(admin_class, ReadOnlyAdmin):
            super().register(model_or_iterable, admin_class, **options)
            return
        models: Iterable[type[Model]] = (
            [model_or_iterable] if isinstance(model_or_iterable, type) else model_or_iterable
        )
        for model in models:
            if model._meta.app_label in GROUPS:
                raise ImproperlyConfigured(f"The admin of {model._meta.label} must be a ReadOnlyAdmin.")

    def has_permission(self, request: HttpRequest) -> bool:
        """Auditors and administrators, and nobody else."""
        return request.user.is_authenticated and permissions.can_read(request.user)

    def refuse_writing(self, what: object) -> NoReturn:
        """Say why nothing is written here."""
        permissions.refuse_writing(str(what))

    def admin_view(self, view: View, cacheable: bool = False) -> View:
        """Every page of the reading room: sign-in at the product's door, then the role, then the page."""

        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not request.user.is_authenticated:
                return redirect_to_login(request.get_full_path(), settings.LOGIN_URL)
            permissions.check_can_read(request.user)
            return view(request, *args, **kwargs)

        return update_wrapper(csrf_protect(guarded if cacheable else never_cache(guarded)), view)

    def get_urls(self) -> list[URLPattern | URLResolver]:
        """The index, the journal, the papers, and the pages of each model. Signing in is not done here."""
        guard = self.admin_view
        urls: list[URLPattern | URLResolver] = [
            path("", guard(self.index), name="index"),
            path("journal/", guard(views.list_chains), name="journal"),
            path("journal/verify/", guard(views.verify), name="journal_verify"),
            path("journal/<str:subject_kind>/<path:subject_id>/", guard(views.show_chain), name="journal_subject"),
        ]
        for model, listed in self._registry.items():
            opts = model._meta
            if listed.downloads:
                route = f"{opts.app_label}/{opts.model_name}/<int:pk>/file/"
                urls.append(path(route, guard(views.open_paper), {"listed": listed}, name=listed.downloads))
            urls.append(path(f"{opts.app_label}/{opts.model_name}/", include(listed.urls)))
        urls += [
            path(f"{label}/", guard(self.app_index), {"app_label": label}, name=f"app_{label}") for label in GROUPS
        ]
        return urls

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        """What every page shows; the list of models is made only for the pages that show it."""
        return {
            "site_title": self.site_title,
            "site_header": self.site_header,
            "has_permission": self.has_permission(request),
            "available_apps": SimpleLazyObject(lambda: self.get_app_list(request)),
            "is_popup": False,
            "is_nav_sidebar_enabled": False,
        }

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[dict[str, Any]]:
        """The models by the parts of the house, in plain words and without a query."""
        groups = []
        for label, (name, says) in GROUPS.items():
            if app_label not in (None, label) or not self.has_permission(request):
                continue
            listed = [one for model, one in self._registry.items() if model._meta.app_label == label]
            order = {model: number for number, model in enumerate(apps.get_app_config(label).get_models())}
            listed.sort(key=lambda one: order[one.model])
            groups.append(
                {
                    "name": name,
                    "app_label": label,
                    "says": says,
                    "models": [
                        {
                            "name": one.get_title(),
                            "says": one.says,
                            "url": self._address(one),
                        }
                        for one in listed
                    ],
                }
            )
        return groups

    def get_group_name(self, app_label: str) -> str:
        """A part of the house in a word."""
        return GROUPS[app_label][0]

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The first page: the state of the journal, and everything that can be read."""
        context = {
            **self.each_context(request),
            "title": self.index_title,
            "groups": self.get_app_list(request),
            "state": selectors.get_journal_state(),
            **(extra_context or {}),
        }
        request.current_app = self.name
        return TemplateResponse(request, self.index_template, context)

    def app_index(
        self, request: HttpRequest, app_label: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """One part of the house."""
        (group,) = self.get_app_list(request, app_label)
        context = {**self.each_context(request), "title": group["name"], "group": group, **(extra_context or {})}
        request.current_app = self.name
        return TemplateResponse(request, self.app_index_template, context)

    def _address(self, listed: ReadOnlyAdmin) -> str:
        return reverse(f"{self.name}:{listed.opts.app_label}_{listed.opts.model_name}_changelist")
