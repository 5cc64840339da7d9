"""What the house promises about itself, everywhere in it."""

import ast
import importlib
import inspect
import re
from io import StringIO

import pytest
import yaml
from django.core.management import call_command

from config.services import REPOSITORY
from rulebook.shipped import edition_files, shipped_catalogue, shipped_editions
from tests.repository.house import APPS, list_files, list_modules, list_own_texts, list_public_functions, tell

# A name that says nothing about what is inside.
EMPTY_NAMES = {"utils", "util", "helpers", "helper", "common", "core", "misc"}
# Put together here, so that this file does not hold what it looks for.
UNFINISHED = re.compile(r"\b(?:" + "|".join(("TO" + "DO", "FIX" + "ME", "X" * 3)) + r")\b")
MACHINE = re.compile(
    "|".join(
        (
            r"(?<![\w.~/-])/ro" + r"ot(?:/|\b)",
            r"(?<![\w.])/ho" + r"me/[a-z]",
            r"(?<![\w.])/wo" + r"rk/",
            r"(?:file" + r"s\.pythonhosted|py" + r"pi)\.(?:org|io)",
            r"registry\.np" + r"mjs",
            r"proxy\.gol" + r"ang\.org",
        )
    )
)

# Acts that nobody of ours takes. Each knows its actor by itself, and the journal names it.
WITHOUT_ACTOR = {
    ("audit", "seal_journal"): "the daily seal is the journal's own act",
    ("accounts", "note_api_key_use"): "the key itself is who came",
    ("accounts", "record_sign_in"): "whoever signs in is who acted",
    ("accounts", "record_sign_out"): "whoever signs out is who acted",
    ("accounts", "record_failed_sign_in"): "a stranger at the door is nobody yet",
    ("accounts", "record_lock_out"): "a stranger at the door is nobody yet",
    ("deadlines", "notify"): "an inbox is written by the act that tells of it, which is journaled",
    ("deadlines", "send_due_reminders"): "a schedule sends what is due",
    ("deadlines", "load_holidays"): "a loader of reference data",
    ("rulebook", "load_editions"): "a loader of reference data",
    ("licensing", "determine_draft"): "it answers and changes nothing",
    ("portal", "forget_answers"): "a schedule clears what is remembered no longer",
    ("portal", "forget_forms"): "a schedule clears what is remembered no longer",
}
# Loaders of data that lies in files, which no instant changes.
WITHOUT_INSTANT = {("deadlines", "load_holidays")}
# Tools of the operations in `audit`, the lowest app; they are no acts.
TOOLS = {("audit", "operation"), ("audit", "write_json")}


def list_operations() -> list[tuple[str, str, inspect.Signature]]:
    """Every act that an app offers: what its package `operations` names, or all public functions of its module."""
    found = []
    for app in APPS:
        modules = list_modules(app, "operations")
        if not modules:
            continue
        module = importlib.import_module(f"{app}.operations")
        names = getattr(module, "__all__", None) or [node.name for node in list_public_functions(modules[0])]
        for name in names:
            offered = getattr(module, name)
            if inspect.isfunction(offered) and (app, name) not in TOOLS:
                found.append((app, name, inspect.signature(offered)))
    return found


def test_every_module_has_a_name_that_says_what_is_inside():
    named = {
        tell(path)
        for path in list_files()
        if path.suffix == ".py" and EMPTY_NAMES & {path.stem, *path.relative_to(REPOSITORY).parent.parts}
    }

    assert named == set()


def test_nothing_is_left_for_later():
    left = [
        f"{tell(path)}:{number}"
        for path in list_own_texts()
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if UNFINISHED.search(line)
    ]

    assert left == []


def test_no_file_names_a_machine_or_a_package_registry():
    named = [
        f"{tell(path)}:{number}: {found.group()}"
        for path in list_own_texts()
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if (found := MACHINE.search(line))
    ]

    assert named == []


def test_an_operation_takes_everything_by_name():
    positional = [
        f"{app}.{name}({parameter.name})"
        for app, name, signature in list_operations()
        for parameter in signature.parameters.values()
        if parameter.kind is not inspect.Parameter.KEYWORD_ONLY
    ]

    assert positional == []


def test_an_operation_is_told_when_it_happens():
    timeless = {(app, name) for app, name, signature in list_operations() if "at" not in signature.parameters}

    assert timeless == WITHOUT_INSTANT


def test_an_operation_is_told_who_acts():
    nobody = {(app, name) for app, name, signature in list_operations() if "by" not in signature.parameters}

    assert nobody == set(WITHOUT_ACTOR)


@pytest.mark.parametrize("word", ["rules", "permissions", "selectors", "operations"])
def test_a_public_function_says_what_it_does(word):
    silent = [
        f"{tell(path)}: {node.name}"
        for app in APPS
        for path in list_modules(app, word)
        for node in list_public_functions(path)
        if not ast.get_docstring(node)
    ]

    assert silent == []


@pytest.mark.parametrize("word", ["rules", "selectors", "operations"])
def test_nothing_below_the_doors_reads_the_clock(word):
    reading = [
        f"{tell(path)}:{node.lineno}"
        for app in APPS
        for path in list_modules(app, word)
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute) and node.attr in {"now", "utcnow", "today", "localdate", "localtime"}
    ]

    assert reading == []


def test_an_instant_becomes_a_day_in_one_place():
    """Not by its own `date()`: in the evening in Washington, it is tomorrow already where instants are kept."""
    elsewhere = [
        f"{tell(path)}:{node.lineno}"
        for app in APPS
        for path in (REPOSITORY / app).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "date"
        if not node.args and "migrations" not in path.parts
    ]
    names = sorted({line.rsplit(":", 1)[0] for line in elsewhere})
    # Seals and the use of keys are of a day of UTC; the rulebook stands beside the deadlines; a cell has no zone.
    assert names == [
        "accounts/operations/keys.py",
        "audit/operations.py",
        "deadlines/rules/calendars.py",
        "registry/exports.py",
        "rulebook/selectors.py",
    ], elsewhere


@pytest.mark.django_db
def test_migrations_are_current():
    told = StringIO()
    try:
        call_command("makemigrations", "--check", "--dry-run", stdout=told)
    except SystemExit:
        pytest.fail(told.getvalue())


def test_every_shipped_edition_compiles_under_the_name_of_its_file():
    assert list(shipped_editions()) == list(edition_files())
    assert [edition.id for edition in shipped_editions().values()] == list(edition_files())


def test_the_catalogue_compiles():
    catalogue = shipped_catalogue()

    assert catalogue.find_chip("GB300") is not None
    assert len(catalogue.countries) == 249


def test_every_data_file_is_readable():
    unread = []
    for path in list_files():
        if path.suffix in {".yaml", ".yml"} and "vendor" not in path.parts:
            content = yaml.safe_load(path.read_text(encoding="utf-8"))
            if not content:
                unread.append(tell(path))

    assert unread == []
