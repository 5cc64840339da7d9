"""`manage.py determine`, as a person or a program outside runs it."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from rulebook.shipped import edition_files
from tests.rulebook.asking import ask, facts

ROOT = Path(__file__).parents[2]


def _run(*arguments: str, given: str | bytes = "", **environment: str) -> subprocess.CompletedProcess[bytes]:
    # Nothing listens there: the command must not ask for a database or a broker.
    nowhere = {"DATABASE_URL": "postgres://nobody@127.0.0.1:1/none", "REDIS_URL": "redis://127.0.0.1:1/0"}
    return subprocess.run(
        [sys.executable, "manage.py", "determine", *arguments],
        cwd=ROOT,
        env=os.environ | nowhere | environment,
        input=given.encode() if isinstance(given, str) else given,
        capture_output=True,
        timeout=120,
        check=False,
    )


def _answers(result: subprocess.CompletedProcess[bytes]) -> list[Any]:
    assert result.returncode == 0, result.stderr.decode()
    return [json.loads(line) for line in result.stdout.decode().splitlines()]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "facts.json"
    path.write_text(json.dumps(facts("SA", "GB300", 35_000), indent=2), encoding="utf-8")
    return path


def test_one_object_in_a_file_has_one_answer_without_any_service(file: Path) -> None:
    (answer,) = _answers(_run(str(file)))
    assert answer == ask(facts("SA", "GB300", 35_000)).as_dict()


def test_one_object_a_line_on_standard_input_is_answered_line_by_line_in_order() -> None:
    orders = [facts(quantity=quantity) for quantity in range(1, 600)]
    answers = _answers(_run("-", given="\n".join(map(json.dumps, orders))))
    assert [answer["counted"]["quantity"] for answer in answers] == list(range(1, 600))


def test_an_array_has_one_answer_for_each_of_its_orders_in_order() -> None:
    answers = _answers(_run("-", given=json.dumps([facts(quantity=5), facts("RU"), facts(quantity=6)], indent=1)))
    assert [answer["disposition"] for answer in answers] == ["license_required", "barred", "license_required"]


def test_every_bad_input_is_named_by_its_position_and_field_and_the_others_are_answered() -> None:
    orders = [facts(), facts("XX"), facts(quantity=1.5), facts(model="Zeta"), facts(surprise=1), facts(quantity=0)]
    result = _run("-", given="\n".join(map(json.dumps, orders)) + "\n{broken\n" + json.dumps(facts()))
    assert result.returncode == 2
    assert len(result.stdout.splitlines()) == 2
    told = result.stderr.decode()
    for position, field in enumerate(["destination", "items[0].quantity", "items[0].model", "surprise"], start=2):
        assert f"input {position} (line {position}): {field}" in told
    assert "input 6 (line 6): items[0].quantity: must be a whole number" in told
    assert "input 7 (line 7): is not JSON" in told
    assert "Traceback" not in told


def test_a_bad_order_in_an_array_is_named_by_its_position() -> None:
    result = _run("-", given=json.dumps([facts(), facts("XX")]))
    assert result.returncode == 2
    assert "input 2 (element 2): destination: is the text “XX”" in result.stderr.decode()


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ("", "there is no input"),
        ("[]", "there is no input"),
        ("nonsense", "is not JSON"),
        ("5", "must be a JSON object"),
        ("null", "must be a JSON object"),
        (b"\xff\xfe", "not text in UTF-8"),
    ],
)
def test_an_input_that_cannot_be_read_is_a_bad_input(given: str | bytes, says: str) -> None:
    result = _run("-", given=given)
    assert result.returncode == 2
    assert says in result.stderr.decode()
    assert "Traceback" not in result.stderr.decode()


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("no-such-file.json",), "no-such-file.json cannot be read"),
        (("-", "--edition", "reported-2099-01"), "there is no edition reported-2099-01; the editions are baseline"),
        (("-", "--on", "soon"), "--on must be a date such as 2026-03-05"),
        (("-", "--on", "2025-12-31"), "no edition is in effect on 2025-12-31; the first, baseline-2026-01"),
        (("-", "--on", "2026-03-05", "--edition", "baseline-2026-01"), "not allowed with"),
    ],
)
def test_a_call_that_cannot_be_met_is_refused_in_words(arguments: tuple[str, ...], says: str) -> None:
    result = _run(*arguments, given=json.dumps(facts()))
    assert result.returncode == 2
    assert says in result.stderr.decode()
    assert "Traceback" not in result.stderr.decode()


@pytest.mark.parametrize("edition", sorted(edition_files()))
def test_an_edition_can_be_asked_for_by_name(file: Path, edition: str) -> None:
    (answer,) = _answers(_run(str(file), "--edition", edition))
    assert answer["edition"] == edition


@pytest.mark.parametrize(("day", "edition"), [("2026-02-01", "baseline-2026-01"), ("2026-03-05", "reported-2026-03")])
def test_a_date_picks_the_edition_that_had_begun(file: Path, day: str, edition: str) -> None:
    (answer,) = _answers(_run(str(file), "--on", day))
    assert answer["edition"] == edition


def test_an_edition_that_does_not_ship_can_be_tried_from_its_file(file: Path, tmp_path: Path) -> None:
    text = edition_files()["reported-2026-03"].read_text(encoding="utf-8")
    changed = tmp_path / "tried.yaml"
    changed.write_text(text.replace("id: reported-2026-03", "id: tried-2027-01"), encoding="utf-8")
    (answer,) = _answers(_run(str(file), "--edition", str(changed)))
    assert answer["edition"] == "tried-2027-01"
    changed.write_text(text.replace("from: 1000\n", "from: 900\n"), encoding="utf-8")
    result = _run(str(file), "--edition", str(changed))
    assert result.returncode == 2
    assert "tiers may neither overlap nor leave a gap" in result.stderr.decode()


def test_answers_are_the_same_bytes_in_every_run_and_locale() -> None:
    given = "\ufeff" + json.dumps(facts("CI"), ensure_ascii=False)
    first = _run("-", given=given, PYTHONHASHSEED="1", LC_ALL="C", PYTHONIOENCODING="latin-1")
    second = _run("-", given=given, PYTHONHASHSEED="2")
    assert first.returncode == 0, first.stderr.decode()
    assert first.stdout == second.stdout == (ask(facts("CI")).as_json() + "\n").encode()


def test_a_reader_that_stops_early_is_no_error_to_look_at() -> None:
    given = "\n".join([json.dumps(facts())] * 3000)
    run = subprocess.Popen(
        [sys.executable, "manage.py", "determine", "-"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    with run:
        assert run.stdin
        assert run.stdout
        assert run.stderr
        run.stdout.close()
        try:
            run.stdin.write(given.encode())
            run.stdin.close()
        except BrokenPipeError:
            pass
        assert b"Traceback" not in run.stderr.read()
