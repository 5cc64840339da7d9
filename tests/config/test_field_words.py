"""What was typed wrongly is answered with what to do, never in the words of the framework."""

from typing import Any

import pytest
from django import forms

from config.fields import list_problems


def answer(field: forms.Field, typed: Any) -> str:
    """The one problem of a form of this field."""
    kind = type("Form", (forms.Form,), {"it": field})
    (problem,) = list_problems([kind({"it": typed})])
    return problem.says


@pytest.mark.parametrize(
    ("field", "typed", "says"),
    [
        (forms.CharField(max_length=5), "sixsix", "It: Shorten it to 5 characters; it has 6."),
        (forms.CharField(min_length=5), "four", "It: Write at least 5 characters; it has 4."),
        (forms.ChoiceField(choices=[("a", "A")]), "b", "It: Choose one of the answers in the list."),
        (forms.MultipleChoiceField(choices=[("a", "A")]), ["b"], "It: Choose one of the answers in the list."),
        (forms.IntegerField(), "many", "It: Enter a whole number, for example 1,200."),
        (forms.IntegerField(min_value=1), "0", "It: Enter 1 or more."),
        (forms.IntegerField(label="How many?", min_value=1), "0", "How many? Enter 1 or more."),
        (forms.DecimalField(), "many", "It: Enter a number, for example 1,200.50."),
        (forms.DecimalField(max_digits=3), "12345", "It: Enter at most 3 digits in all."),
        (forms.DecimalField(max_digits=9, decimal_places=2), "1.234", "It: Enter at most 2 digits after the point."),
        (
            forms.DecimalField(max_digits=4, decimal_places=2),
            "123.4",
            "It: Enter at most 2 digits before the point.",
        ),
        (forms.DateField(), "2026-02-30", "It: Enter a day that exists, as year-month-day: 2026-03-13."),
        (forms.EmailField(), "nobody", "It: Enter an e-mail address, for example name@company.com."),
        (forms.CharField(), "a\x00b", "It: It holds a character that cannot be stored. Type it anew."),
    ],
)
def test_an_error_says_what_to_do(field, typed, says):
    assert answer(field, typed) == says


def test_a_field_with_words_of_its_own_keeps_them():
    field = forms.IntegerField(error_messages={"invalid": "Count them."})
    assert answer(field, "many") == "It: Count them."
