"""The documents are true: links lead somewhere, words are explained, nothing is missing from an index."""

import importlib
import inspect
import re
from pathlib import Path
from urllib.parse import unquote

import pytest
from django.db.models import TextChoices

from config.services import REPOSITORY
from tests.repository.house import APPS, list_documents, tell

LINK = re.compile(r"\[[^\]]*\]\(<?([^)\s>]+)>?\)")
FENCED = re.compile(r"^```.*?^```", re.DOTALL | re.MULTILINE)
CODE = re.compile(r"`[^`\n]*`")
README, GLOSSARY = REPOSITORY / "README.md", REPOSITORY / "docs" / "glossary.md"
DECISIONS = REPOSITORY / "docs" / "decisions"
HEADINGS = ["Context", "Decision", "Consequences"]


def read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def read_prose(path: Path) -> str:
    """A page without its examples."""
    return CODE.sub("", FENCED.sub("", read(path)))


def list_anchors(path: Path) -> set[str]:
    """The anchors of a page's headings, as code hosts make them."""
    headings = re.findall(r"^#+ (.+)$", FENCED.sub("", read(path)), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", list_documents(), ids=tell)
def test_every_link_leads_somewhere(page):
    lost = []
    for target in LINK.findall(read_prose(page)):
        if re.match(r"[a-z]+:", target):
            continue
        name, _, anchor = unquote(target).partition("#")
        found = (page.parent / name).resolve() if name else page
        if not found.exists() or (anchor and anchor not in list_anchors(found)):
            lost.append(target)

    assert lost == []


def list_words() -> list[tuple[str, str]]:
    """Every label that a status or a kind shows to people, with where it stands."""
    words = []
    for app in APPS:
        if not (REPOSITORY / app / "statuses.py").exists():
            continue
        module = importlib.import_module(f"{app}.statuses")
        for name, choices in inspect.getmembers(module, inspect.isclass):
            if issubclass(choices, TextChoices) and choices.__module__ == module.__name__:
                words += [(f"{app}.{name}", str(label)) for label in choices.labels]
    return words


def test_the_glossary_explains_every_status_and_kind():
    explained = set(re.findall(r"\*\*([^*]+)\*\*", read(GLOSSARY)))

    assert [f"{where}: {word}" for where, word in list_words() if word not in explained] == []


def test_the_glossary_explains_a_word_once():
    explained = re.findall(r"\*\*([^*]+)\*\*", read(GLOSSARY))

    assert sorted({word for word in explained if explained.count(word) > 1}) == []


def test_decisions_are_numbered_without_a_gap():
    numbers = [int(path.name[:4]) for path in sorted(DECISIONS.glob("[0-9]*.md"))]

    assert numbers == list(range(1, len(numbers) + 1))


@pytest.mark.parametrize("record", sorted(DECISIONS.glob("[0-9]*.md")), ids=lambda path: path.stem)
def test_a_decision_says_why_what_and_at_which_cost(record):
    text = read(record)

    assert text.startswith(f"# {int(record.name[:4])}. ")
    assert re.search(r"^Status: (accepted|replaced by \[record \d+\]\(\S+\))\.$", text, re.MULTILINE)
    assert re.findall(r"^## (.+)$", text, re.MULTILINE) == HEADINGS


def test_the_index_names_every_decision_by_its_title():
    index = read(DECISIONS / "README.md")
    missing = []
    for record in sorted(DECISIONS.glob("[0-9]*.md")):
        number, title = read(record).splitlines()[0].removeprefix("# ").split(". ", 1)
        if f"| {number} | [{title}]({record.name}) |" not in index:
            missing.append(record.name)

    assert missing == []


def test_the_readme_names_every_make_target():
    targets = re.findall(r"^([a-z]+):.*?## ", read(REPOSITORY / "Makefile"), re.MULTILINE)

    assert len(targets) > 5
    assert [target for target in targets if f"make {target}" not in read(README)] == []


def test_the_readme_maps_every_app():
    assert [app for app in (*APPS, "config") if f"`{app}/`" not in read(README)] == []


def test_every_page_of_the_documents_is_found_from_the_readme():
    """Following links from the README, a reader comes to every page below docs/."""
    seen, to_read = set(), [README]
    while to_read:
        page = to_read.pop()
        if page in seen:
            continue
        seen.add(page)
        for target in LINK.findall(read_prose(page)):
            found = (page.parent / target.partition("#")[0]).resolve()
            if found.is_dir():
                to_read += found.glob("*.md")
            elif found.suffix == ".md" and found.exists():
                to_read.append(found)

    pages = {page for page in list_documents() if (REPOSITORY / "docs") in page.parents}
    assert sorted(tell(page) for page in pages - seen) == []


@pytest.mark.parametrize("page", [README, REPOSITORY / "docs" / "architecture.md"], ids=tell)
def test_a_page_that_tells_of_the_rules_says_that_they_are_no_law(page):
    text = " ".join(read(page).split())

    assert "unofficial reading" in text
    assert "withdrawn on March 13, 2026" in text


def test_every_picture_is_shown_and_small():
    shown = set(LINK.findall(read(REPOSITORY / "docs" / "screenshots.md")))
    pictures = sorted((REPOSITORY / "docs" / "screenshots").glob("*.png"))

    assert [path.name for path in pictures if f"screenshots/{path.name}" not in shown] == []
    assert [path.name for path in pictures if path.stat().st_size > 200 * 1024] == []
