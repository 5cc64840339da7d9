"""Sign-in and password forms: shape and clean input, nothing more."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth.forms import AuthenticationForm, PasswordChangeForm
from django.core.exceptions import ValidationError


class SignInForm(AuthenticationForm):
    """E-mail and password. The address is folded to lower case first: throttling counts one address once."""

    username = forms.CharField(
        label="E-mail address",
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "username", "autofocus": True}),
    )
    password = forms.CharField(
        label="Password",
        strip=False,
        max_length=256,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )

    def __init__(self, request: Any = None, *args: Any, **kwargs: Any) -> None:
        super().__init__(request, *args, **kwargs)
        self.fields["username"].label = "E-mail address"

    def clean_username(self) -> str:
        return str(self.cleaned_data["username"]).strip().lower()

    def get_invalid_login_error(self) -> ValidationError:
        minutes = round(settings.AXES_COOLOFF_TIME * 60)
        return ValidationError(
            "No active account has this e-mail address and password. Check both and try again. "
            f"After {settings.AXES_FAILURE_LIMIT} failed attempts sign-in is closed for {minutes} minutes.",
            code="invalid_login",
        )


class NewPasswordForm(PasswordChangeForm):
    """The old password once, the new one twice."""
