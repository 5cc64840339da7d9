"""The components that a page is composed of: `{% load components %}`.

docs/how-to/pages.md shows each in use.
A tag prepares what its template under templates/components/ shows. Nothing here reads the database.
"""

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from django import template
from django.forms.boundfield import BoundField
from django.http import HttpRequest
from django.template import Context
from django.template.loader import render_to_string
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from config import fields, tones

register = template.Library()


# ── Status: a word, a shape and a color ──────────────────────────────────────────────────────────


@register.simple_tag
def status(value: object, label: str = "", tone: str = "", size: str = "") -> SafeString:
    """A status tag: `{% status case.status case.get_status_display %}`.

    `value`: the stored status, which fixes shape and color. `label`: its word (otherwise the value in words).
    `tone`: one of config.tones.TONES for a value that is not a status of the house. `size`: "big" in a page header.
    """
    key = str(value or "")
    return _draw_status(tones.get_tone(key, tone), str(label) or key.replace("_", " ").capitalize(), size)


@lru_cache(maxsize=512)
def _draw_status(tone: str, label: str, size: str) -> SafeString:
    """There are few different ones and many on a page, so each is drawn once."""
    return mark_safe(render_to_string("components/status.html", {"tone": tone, "label": label, "size": size}))


# ── Forms ────────────────────────────────────────────────────────────────────────────────────────


@register.simple_tag
def field(
    bound: BoundField,
    label: str = "",
    hint: str = "",
    width: str = "",
    rows: int | None = None,
    prefix: str = "",
    suffix: str = "",
    large: bool = False,
) -> SafeString:
    """A form field with label, hint, error and input: `{% field form.name %}`. Any Django widget.

    `label`, `hint`: instead of the form's own label and help text. `width`: 2xs, xs, sm, md, lg, xl, 2xl for
    an input as wide as its answer. `rows`: height of a text area. `prefix`, `suffix`: a unit beside the input
    ("USD", "chips"). `large`: the label is the question of the page and is set as its heading.
    A form field may carry `choice_hints`, a dict from a choice's value to the hint under its label.
    """
    if bound.is_hidden:
        return mark_safe(str(bound))
    context = fields.describe(bound, label=label, hint=hint, width=width, rows=rows)
    context |= {"prefix": prefix, "suffix": suffix, "large": large}
    return mark_safe(render_to_string("components/field.html", context))


@register.inclusion_tag("components/error_summary.html")
def error_summary(*sources: Any, refused: Any = None, heading: str = "There is a problem") -> dict[str, Any]:
    """All errors of a page on its top, each a link to its field: `{% error_summary form refused=refused %}`.

    Takes any number of forms and formsets. `refused`: the Refused that an operation raised, if one did; its
    reason is listed, and linked when it names a field of one of the forms. Shows nothing when nothing is wrong.
    """
    return {"problems": fields.list_problems(sources, refused), "heading": heading}


@register.simple_block_tag
def fieldset(content: str, legend: str, hint: str = "", large: bool = False) -> SafeString:
    """Fields that belong together: `{% fieldset legend="Purchaser" hint="…" %}…{% endfieldset %}`.

    `large`: the legend is the question of the page.
    """
    return _render("fieldset", content=content, legend=legend, hint=hint, large=large)


@register.inclusion_tag("components/button_row.html")
def button_row(
    primary: str,
    name: str = "",
    value: str = "",
    danger: bool = False,
    secondary: str = "",
    secondary_name: str = "",
    secondary_value: str = "",
    cancel_url: str = "",
    cancel_label: str = "Cancel",
) -> dict[str, Any]:
    """The acts at the end of a form: `{% button_row primary="Issue license" cancel_url=url %}`.

    `primary`: the one primary act, in words that say what it does; `name`, `value`: what its button sends.
    `danger`: it is destructive. `secondary`, `secondary_name`, `secondary_value`: a second submit button ("Save
    and leave"), which skips the browser's own checks. `cancel_url`, `cancel_label`: a plain link back.
    """
    return {**locals()}


# ── Numbers in pictures ──────────────────────────────────────────────────────────────────────────


@register.inclusion_tag("components/clock_bar.html")
def clock_bar(
    counted: int, limit: int, stopped: int = 0, due: Any = None, running: bool = True, unit: str = "days"
) -> dict[str, Any]:
    """A clock as a bar with its sentence: `{% clock_bar counted=41 limit=90 stopped=12 due=due %}`.

    `counted`, `limit`, `stopped`: whole `unit`s. `due`: the day or instant. `running`: False while stopped.
    """
    share = min(counted / limit, 1) if limit else 0
    return {
        "counted": counted,
        "limit": limit,
        "left": limit - counted,
        "stopped": stopped,
        "due": due,
        "running": running,
        "unit": unit,
        "late": counted > limit,
        "near": share >= 0.8,
        "width": round(share * 200, 1),
    }


@register.inclusion_tag("components/balance_bar.html")
def balance_bar(
    used: int, ceiling: int | None, reserved: int = 0, label: str = "", url: str = "", unit: str = "chips"
) -> dict[str, Any]:
    """How much of a ceiling is left: `{% balance_bar used=80000 ceiling=200000 reserved=5000 %}`.

    `label`, `url`: what it is of, and the list behind the count. A `ceiling` of None has no bar, only the count.
    """
    whole = ceiling or 1
    used_width = round(min(used / whole, 1) * 200, 1)
    return {
        "used": used,
        "reserved": reserved,
        "ceiling": ceiling,
        "left": None if ceiling is None else ceiling - used - reserved,
        "label": label,
        "url": url,
        "unit": unit,
        "used_width": used_width,
        "reserved_width": round(min(reserved / whole * 200, 200 - used_width), 1),
    }


@register.inclusion_tag("components/bar_chart.html")
def bar_chart(bars: Iterable[Mapping[str, Any]], label: str, unit: str = "") -> dict[str, Any]:
    """Counts side by side, as a list whose bars are only its picture: `{% bar_chart bars label="Late cases" %}`.

    `bars`: mappings with `label`, `value` and, if there is a list behind the count, `url`; `tone` one of
    active (the default), attention, stopped. `unit`: what is counted, after each number.
    """
    drawn = [dict(bar) for bar in bars]
    longest = max((bar["value"] for bar in drawn), default=0) or 1
    for bar in drawn:
        bar["width"] = round(bar["value"] / longest * 200, 1)
    return {"bars": drawn, "label": label, "unit": unit}


@register.inclusion_tag("components/step_indicator.html")
def step_indicator(steps: Iterable[str], current: int) -> dict[str, Any]:
    """Where the reader is in a form: `{% step_indicator steps current=2 %}`; `current` counts from 1."""
    labels = list(steps)
    states = [
        {"label": label, "state": "complete" if n < current else "current" if n == current else ""}
        for n, label in enumerate(labels, start=1)
    ]
    return {
        "steps": states,
        "current": current,
        "total": len(labels),
        "heading": labels[current - 1] if 0 < current <= len(labels) else "",
    }


# ── Lists and panels with content of the page's own ──────────────────────────────────────────────


def _render(name: str, **context: Any) -> SafeString:
    context["content"] = mark_safe(context["content"])
    return mark_safe(render_to_string(f"components/{name}.html", context))


@register.simple_block_tag
def summary(content: str, compact: bool = False) -> SafeString:
    """A summary list: `{% summary %}{% row "Purchaser" name %}{% endsummary %}`. `compact`: for a rail."""
    return _render("summary_list", content=content, compact=compact)


@register.simple_tag
def row(
    key: str,
    value: object = "",
    action_url: str = "",
    action_label: str = "Change",
    about: str = "",
    number: bool = False,
) -> SafeString:
    """One line of a summary list: `{% row "Quantity" item.quantity|number action_url=edit_url %}`.

    `about`: what the action is about, for a reader who hears only the link (the key when not given).
    `number`: tabular figures.
    """
    shown = format_html("{}", value) if value not in (None, "") else "—"
    return _render(
        "summary_row",
        content=shown,
        key=key,
        action_url=action_url,
        action_label=action_label,
        about=about or key,
        number=number,
    )


@register.simple_block_tag
def row_block(
    content: str, key: str, action_url: str = "", action_label: str = "Change", about: str = ""
) -> SafeString:
    """A line of a summary list with rich content: `{% row_block "Status" %}…{% endrow_block %}`."""
    return _render(
        "summary_row",
        content=content,
        key=key,
        action_url=action_url,
        action_label=action_label,
        about=about or key,
        number=False,
    )


@register.simple_block_tag
def table(
    content: str,
    caption: str,
    show_caption: bool = False,
    stack: bool = False,
    keys: bool = False,
    identifier: str = "",
) -> SafeString:
    """A table in a container that scrolls by itself, with a header that stays: `{% table caption="Cases" %}`.

    Write `<thead>` and `<tbody>` inside; a cell with a number has class `num`. `stack`: on a phone each row
    becomes a block (then give each cell `data-label`). `keys`: the desk's keys j, k and o walk its rows (the
    link of a row has class `cs-row-link`). `identifier`: the id of the table, as a target for htmx.
    """
    return _render(
        "table",
        content=content,
        caption=caption,
        show_caption=show_caption,
        stack=stack,
        keys=keys,
        identifier=identifier,
    )


@register.simple_block_tag
def rail_card(content: str, title: str, level: int = 2, action_url: str = "", action_label: str = "") -> SafeString:
    """A card in the rail of a case page: `{% rail_card title="Clock" %}…{% endrail_card %}`."""
    return _render(
        "rail_card",
        content=content,
        title=title,
        level=level,
        action_url=action_url,
        action_label=action_label,
    )


@register.simple_block_tag
def notice(content: str, kind: str = "info", heading: str = "", slim: bool = False) -> SafeString:
    """An alert: `{% notice kind="warning" heading="A hold stands" %}…{% endnotice %}`.

    `kind`: info, warning, error or success. `slim`: one line without heading.
    """
    return _render("notice", content=content, kind=kind, heading=heading, slim=slim)


@register.simple_block_tag
def empty_state(content: str, title: str, action_url: str = "", action_label: str = "") -> SafeString:
    """An empty list that says why it is empty and what to do: `{% empty_state title="No cases wait" %}…`."""
    return _render("empty_state", content=content, title=title, action_url=action_url, action_label=action_label)


@register.simple_block_tag
def confirm_panel(content: str, title: str, danger: bool = False) -> SafeString:
    """What will happen before a binding act: the sentence is the title, the consequences are the content.

    `{% confirm_panel title="18,000 chips will be licensed to Humain" %}<ul>…</ul>{% endconfirm_panel %}`
    """
    return _render("confirm_panel", content=content, title=title, danger=danger)


@register.simple_block_tag
def ladder(content: str, label: str = "Requirements") -> SafeString:
    """The ladder of requirements; inside it stand `{% ladder_item %}` tags."""
    return format_html('<ol class="cs-ladder" aria-label="{}">{}</ol>', label, mark_safe(content))


@register.inclusion_tag("components/ladder_item.html")
def ladder_item(
    title: str, value: object = "open", label: str = "", says: str = "", url: str = "", tone: str = ""
) -> dict[str, Any]:
    """One requirement: `{% ladder_item title=r.title value=r.status label=… says="…" url=… %}`."""
    key = str(value or "")
    word = label or key.replace("_", " ").capitalize()
    return {"title": title, "says": says, "url": url, "tone": tones.get_tone(key, tone), "label": word}


@register.inclusion_tag("components/refusal.html")
def refusal(refused: Any = None, what: str = "", change: str = "", ask: str = "", level: int = 2) -> dict[str, Any]:
    """A refusal as a panel: `{% refusal refused what="The license was not issued." change="…" ask="…" %}`.

    What was refused, why under which rule (from `refused`: the Refused or NotPermitted that was raised), what
    would change it, and whom to ask.
    """
    findings = getattr(refused, "findings", ()) or ()
    return {
        "what": what,
        "why": getattr(refused, "reason", "") or (str(refused) if refused else ""),
        "rule": getattr(refused, "rule", ""),
        "findings": [found for found in findings if not getattr(found, "met", False)],
        "change": change,
        "ask": ask,
        "level": level,
    }


# ── Navigation ───────────────────────────────────────────────────────────────────────────────────


@register.inclusion_tag("components/nav_item.html", takes_context=True)
def nav_item(
    context: Context, name: str, label: str, exact: bool = False, under: str = "", count: int | None = None
) -> dict[str, Any]:
    """One entry of the main navigation: `{% nav_item "portal:home" "Applications" under="/portal/applications/" %}`.

    It is marked when the page is its own or below it. `exact`: only its own (for the home of a face). `under`:
    other addresses below which it is marked, parted by spaces. `count`: a number beside it. An address that
    does not exist yet has no entry.
    """
    try:
        url = reverse(name)
    except NoReverseMatch:
        url = ""
    request: HttpRequest | None = context.get("request")
    path = request.path if request else ""
    here = bool(url) and path == url
    below = bool(url) and not exact and path.startswith(url)
    below = below or any(path.startswith(prefix) for prefix in under.split())
    return {
        "url": url,
        "label": label,
        "current": "page" if here else "true" if below else "",
        "count": count,
    }
