"""Signing in and out, and changing a password."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash, views
from django.http import HttpResponse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.generic import FormView

from accounts import demonstration, operations, permissions
from accounts.forms import NewPasswordForm, SignInForm
from accounts.models import User


def home_of(user: User) -> str:
    """The address a person works at: each face has one, and a person without a role has the public home."""
    if permissions.is_exporter(user):
        return "/portal/"
    if permissions.is_commerce(user) or permissions.is_agency(user):
        return "/desk/"
    if permissions.is_oversight(user):
        return "/oversight/"
    return "/"


class RefusesBadInput:
    """A form that comes back with its errors says so in its status too: 400."""

    def form_invalid(self, form: Any) -> HttpResponse:
        """The page again, with what is wrong."""
        response: HttpResponse = super().form_invalid(form)
        response.status_code = 400
        return response


class SignInView(RefusesBadInput, views.LoginView):
    """E-mail and password; then on to where the person was going (on this site only) or to their home."""

    template_name = "accounts/sign_in.html"
    form_class = SignInForm
    redirect_authenticated_user = True

    def get_default_redirect_url(self) -> str:
        return home_of(self.request.user)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        if settings.DEMONSTRATION:
            context["demonstration_sign_ins"] = demonstration.SIGN_INS
            context["demonstration_password"] = demonstration.PASSWORD
        return context


class SignOutView(views.LogoutView):
    """POST only: a link or an image on another page signs nobody out."""

    next_page = "/"


@method_decorator([sensitive_post_parameters(), never_cache], name="dispatch")
class PasswordView(RefusesBadInput, FormView):
    """A new password for oneself. This session stays; all others end."""

    template_name = "accounts/password.html"
    form_class = NewPasswordForm

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"user": self.request.user}

    def get_success_url(self) -> str:
        return home_of(self.request.user)

    def form_valid(self, form: NewPasswordForm) -> HttpResponse:
        operations.change_password(
            user=self.request.user,
            password=form.cleaned_data["new_password1"],
            by=self.request.user,
            at=timezone.now(),
        )
        update_session_auth_hash(self.request, self.request.user)
        messages.success(self.request, "Your password is changed. Every other session of yours has ended.")
        return super().form_valid(form)


sign_in = SignInView.as_view()
sign_out = SignOutView.as_view()
password = PasswordView.as_view()
