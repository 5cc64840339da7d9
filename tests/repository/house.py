"""What the repository consists of, for the tests that hold for all of it."""

import ast
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from config.services import REPOSITORY

APPS = (
    "audit",
    "accounts",
    "ledger",
    "deadlines",
    "rulebook",
    "registry",
    "assurances",
    "inspections",
    "investments",
    "allocations",
    "licensing",
    "portal",
    "desk",
    "oversight",
)
# What people read as text. What others made (static/vendor) and what is compiled (requirements*.txt) is not ours.
SUFFIXES = {".py", ".md", ".html", ".txt", ".css", ".js", ".yaml", ".toml", ".in", ".cfg", ".json", ".svg"}


@cache
def list_files() -> tuple[Path, ...]:
    """Every file that belongs to the project, as git knows it: committed, or new and not ignored."""
    done = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=True,
        timeout=30,
    )
    paths = (REPOSITORY / name for name in done.stdout.split("\0") if name)
    return tuple(sorted(path for path in paths if path.is_file()))


def list_own_texts() -> list[Path]:
    """The project's own text files."""
    return [
        path
        for path in list_files()
        if (path.suffix in SUFFIXES or path.name == "Makefile")
        and "vendor" not in path.parts
        and not (path.parent == REPOSITORY and path.name.startswith("requirements") and path.suffix == ".txt")
    ]


def list_documents() -> list[Path]:
    """Every Markdown page of the project."""
    return [path for path in list_own_texts() if path.suffix == ".md"]


def list_modules(app: str, word: str) -> list[Path]:
    """`app/word.py`, or the modules of the package `app/word/`."""
    single, package = REPOSITORY / app / f"{word}.py", REPOSITORY / app / word
    return [single] if single.exists() else sorted(package.glob("*.py"))


def list_public_functions(path: Path) -> Iterator[ast.FunctionDef]:
    """The functions of a module whose names do not begin with an underscore."""
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
            yield node


def tell(path: Path) -> str:
    """A path as a reader of a failure wants it."""
    return str(path.relative_to(REPOSITORY))
