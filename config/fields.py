"""How a Django form field is shown: which design-system class, which hint and error, in which words.

Django's own widget templates draw the input; this sets the classes and the ARIA attributes on it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.core.validators import (
    EmailValidator,
    MaxValueValidator,
    MinValueValidator,
    ProhibitNullCharactersValidator,
    URLValidator,
)
from django.forms.boundfield import BoundField
from django.forms.renderers import get_default_renderer
from django.utils.safestring import SafeString, mark_safe

_KINDS: tuple[tuple[type[forms.Widget], str], ...] = (
    (forms.CheckboxSelectMultiple, "checkboxes"),
    (forms.RadioSelect, "radio"),
    (forms.CheckboxInput, "checkbox"),
    (forms.Textarea, "textarea"),
    (forms.FileInput, "file"),
    (forms.Select, "select"),
    (forms.MultiWidget, "group"),
    (forms.SelectDateWidget, "group"),
)
_CLASSES: Mapping[str, str] = {
    "checkbox": "usa-checkbox__input",
    "textarea": "usa-textarea",
    "file": "cs-file",
    "select": "usa-select",
    "input": "usa-input",
}
# Django says "This field is required." for all of them, which tells a reader of a list of errors nothing.
_MISSING: Mapping[str, str] = {
    "checkbox": "Check “{label}” to go on.",
    "checkboxes": "Choose at least one answer for “{label}”.",
    "radio": "Choose an answer for “{label}”.",
    "select": "Choose an answer for “{label}”.",
    "file": "Choose a file for “{label}”.",
}
_LIMITS: Mapping[str, tuple[str, str]] = {
    "min_value": (str(MinValueValidator.message), "Enter {limit:,} or more."),
    "max_value": (str(MaxValueValidator.message), "Enter {limit:,} or less."),
}
# Django's words for what is malformed name what a program expects; these say what a person can do. A field that has
# words of its own keeps them, so each is replaced only where it is Django's.
_MALFORMED: Mapping[str, str] = {
    str(forms.ChoiceField.default_error_messages["invalid_choice"]): "Choose one of the answers in the list.",
    str(forms.ModelChoiceField.default_error_messages["invalid_choice"]): "Choose one of the answers in the list.",
    str(forms.MultipleChoiceField.default_error_messages["invalid_list"]): "Choose among the answers in the list.",
    str(forms.IntegerField.default_error_messages["invalid"]): "Enter a whole number, for example 1,200.",
    str(forms.DecimalField.default_error_messages["invalid"]): "Enter a number, for example 1,200.50.",
    str(forms.DateField.default_error_messages["invalid"]): "Enter a day that exists, as year-month-day: 2026-03-13.",
    str(forms.DateTimeField.default_error_messages["invalid"]): "Enter a day and a time: 2026-03-13 14:30.",
    str(forms.TimeField.default_error_messages["invalid"]): "Enter a time as hours and minutes: 14:30.",
    str(EmailValidator.message): "Enter an e-mail address, for example name@company.com.",
    str(URLValidator.message): "Enter an address that begins with https://.",
    str(forms.FileField.default_error_messages["invalid"]): "The file did not arrive. Choose it again.",
    str(forms.FileField.default_error_messages["missing"]): "The file did not arrive. Choose it again.",
    str(forms.FileField.default_error_messages["empty"]): "The file is empty. Choose another one.",
    str(ProhibitNullCharactersValidator.message): "It holds a character that cannot be stored. Type it anew.",
}
_DJANGOS_MISSING = str(forms.Field.default_error_messages["required"])


@dataclass(frozen=True, slots=True)
class Problem:
    """One line of an error summary: what is wrong, and the id of the field where it is put right."""

    says: str
    target: str


def get_kind(widget: forms.Widget) -> str:
    """Which of the shapes of components/field.html a widget has; "input" when it is none of the others."""
    return next((kind for cls, kind in _KINDS if isinstance(widget, cls)), "input")


def describe(bound: BoundField, *, label: str, hint: str, width: str, rows: int | None) -> dict[str, Any]:
    """Everything that components/field.html shows of a field, its input rendered."""
    kind = get_kind(bound.field.widget)
    identifier = bound.auto_id or bound.html_name
    label = label or str(bound.label)
    hint = hint or str(bound.help_text or "")
    errors = [_in_words(error, kind, label) for error in bound.errors.as_data()]
    described = [f"{identifier}_hint"] if hint else []
    if errors:
        described.append(f"{identifier}_error")
    attrs: dict[str, Any] = {"class": _classes(bound.field.widget, kind, width, wrong=bool(errors))}
    if described:
        attrs["aria-describedby"] = " ".join(described)
    if errors:
        attrs["aria-invalid"] = "true"
    if rows and kind == "textarea":
        attrs["rows"] = rows
    shown: dict[str, Any] = {
        "kind": kind,
        "identifier": identifier,
        "label": label,
        "hint": hint,
        "errors": errors,
        "optional": not bound.field.required and kind != "checkbox",
        "group": kind in {"radio", "checkboxes", "group"},
        "described_by": " ".join(described),
    }
    if kind in {"radio", "checkboxes"}:
        return shown | {"choices": _choices(bound, kind)}
    if kind == "group":
        return shown | {"control": _parts(bound, label)}
    return shown | {"control": bound.as_widget(attrs=attrs)}


def list_problems(sources: Iterable[Any], refused: Any = None) -> list[Problem]:
    """The errors of forms and formsets in their order, then the refusal of an operation."""
    problems: list[Problem] = []
    every_form: list[forms.BaseForm] = []
    for source in sources:
        if isinstance(source, forms.BaseFormSet):
            if source.is_bound:
                problems += [Problem(str(says), "") for says in source.non_form_errors()]
            every_form += source.forms
        elif isinstance(source, forms.BaseForm):
            every_form.append(source)
    for form in every_form:
        if form.is_bound:
            problems += _problems(form)
    if refused:
        problems.append(Problem(str(refused.reason), _target(every_form, getattr(refused, "field", None))))
    return problems


def _problems(form: forms.BaseForm) -> list[Problem]:
    found = []
    for name, errors in form.errors.items():
        if name == NON_FIELD_ERRORS or name not in form.fields:
            found += [Problem(str(says), "") for says in errors]
            continue
        bound, kind = form[name], get_kind(form.fields[name].widget)
        for error in errors.as_data():
            says = _in_words(error, kind, str(bound.label))
            # A label that asks has its mark already.
            label = str(bound.label) if str(bound.label).endswith("?") else f"{bound.label}:"
            found.append(Problem(says if _is_missing(error) else f"{label} {says}", _get_id(bound, kind)))
    return found


def _is_missing(error: ValidationError) -> bool:
    return error.code == "required" and str(error.messages[0]) == _DJANGOS_MISSING


def _in_words(error: ValidationError, kind: str, label: str) -> str:
    if _is_missing(error):
        return _MISSING.get(kind, "Fill in “{label}”.").format(label=label.rstrip("."))
    params = error.params or {}
    djangos, ours = _LIMITS.get(str(error.code), ("", ""))
    limit = params.get("limit_value")
    if ours and str(error.message) == djangos and isinstance(limit, int | Decimal):
        return ours.format(limit=limit)
    return _tell_length(error, params) or _MALFORMED.get(str(error.message)) or str(error.messages[0])


def _tell_length(error: ValidationError, params: Mapping[str, Any]) -> str:
    """What is too long or too short, by how much; nothing for any other error."""
    limit, length, most = params.get("limit_value"), params.get("show_value"), params.get("max")
    if error.code == "max_length" and isinstance(limit, int) and isinstance(length, int):
        return f"Shorten it to {limit:,} characters; it has {length:,}."
    if error.code == "min_length" and isinstance(limit, int) and isinstance(length, int):
        return f"Write at least {limit:,} characters; it has {length:,}."
    if error.code == "max_length" and isinstance(most, int):
        return f"Shorten the file’s name to {most:,} characters."
    told = {
        "max_digits": f"Enter at most {most} digits in all.",
        "max_decimal_places": f"Enter at most {most} digits after the point.",
        "max_whole_digits": f"Enter at most {most} digits before the point.",
    }
    return told.get(str(error.code), "") if isinstance(most, int) else ""


def _get_id(bound: BoundField, kind: str) -> str:
    """Where a link in the error summary goes; the first of several inputs."""
    if bound.is_hidden:
        return ""
    identifier = bound.auto_id or bound.html_name
    if kind in {"radio", "checkboxes"}:
        return f"{identifier}_0"
    return str(bound.id_for_label or identifier)


def _target(every_form: Iterable[forms.BaseForm], name: str | None) -> str:
    for form in every_form:
        if name and name in form.fields:
            return _get_id(form[name], get_kind(form.fields[name].widget))
    return ""


def _classes(widget: forms.Widget, kind: str, width: str, *, wrong: bool) -> str:
    classes = [str(widget.attrs.get("class", "")), _CLASSES.get(kind, "")]
    if width:
        classes.append(f"usa-input--{width}")
    if isinstance(widget, forms.NumberInput):
        classes.append("cs-number-input")
    if wrong and kind in {"input", "textarea", "select"}:
        classes.append("usa-input--error")
    return " ".join(part for part in classes if part)


def _choices(bound: BoundField, kind: str) -> list[dict[str, Any]]:
    """The radio buttons or check boxes of a field, each with its class, its own hint and its label."""
    css = "usa-radio__input" if kind == "radio" else "usa-checkbox__input"
    hints: Mapping[str, str] = getattr(bound.field, "choice_hints", {})
    choices = []
    for option in bound.subwidgets:
        attrs = option.data["attrs"]
        attrs["class"] = f"{attrs.get('class', '')} {css}".strip()
        # The group names hint and error once; on each choice they would be read again and again.
        attrs.pop("aria-describedby", None)
        attrs.pop("aria-invalid", None)
        hint = hints.get(str(option.data["value"]), "")
        if hint:
            attrs["aria-describedby"] = f"{option.id_for_label}_hint"
        choices.append({"control": option.tag(), "id": option.id_for_label, "label": option.choice_label, "hint": hint})
    return choices


def _parts(bound: BoundField, label: str) -> SafeString:
    """The inputs of a field that has several (a date as three lists), each with a name of its own."""
    widget = bound.field.widget
    context = widget.get_context(bound.html_name, bound.value(), {"id": bound.auto_id})["widget"]
    renderer = bound.form.renderer or get_default_renderer()
    drawn = []
    for part in context["subwidgets"]:
        word = part["name"].removeprefix(f"{bound.html_name}_").replace("_", " ")
        is_list = part["template_name"].endswith("select.html")
        part["attrs"] |= {
            "class": "usa-select" if is_list else "usa-input",
            "aria-label": f"{label}: {word}",
        }
        drawn.append(renderer.render(part["template_name"], {"widget": part}))
    return mark_safe("".join(drawn))
