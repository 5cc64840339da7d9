"""How the register of chains is narrowed."""

from typing import Any

from django import forms


class ChainFilterForm(forms.Form):
    """One kind of subject, or the subject with this number."""

    kind = forms.ChoiceField(label="Kind of subject", required=False)
    key = forms.CharField(label="Number of the subject", required=False, max_length=100)

    def __init__(self, *args: Any, kinds: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = [("", "Every kind"), *kinds]
