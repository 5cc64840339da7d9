"""A list as a file: what it says, what it never computes, and where it ends."""

import csv
import io
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.core.exceptions import BadRequest
from django.test import RequestFactory
from openpyxl import load_workbook

from accounts.permissions import NotPermitted
from accounts.statuses import Role
from config.context import MARKING
from licensing.selectors import registers
from registry import exports
from registry.exports import Column, export, guard, walk
from registry.operations import place_hold
from tests.accounts.factories import user
from tests.licensing import factories as make

# Closing an answer that holds a file asks the connection whether it is still good.
pytestmark = pytest.mark.django_db

COLUMNS = (
    Column("Name", lambda row: row[0]),
    Column("Chips", lambda row: row[1]),
    Column("Day", lambda row: row[2]),
)
ROWS = [("Norrsken Compute AB", 35_000, date(2026, 3, 9)), ("Ærø “Hall”, 2", 0, None)]


@dataclass
class Page:
    rows: list
    after: str


def ask(query: str):
    return RequestFactory().get(f"/desk/somewhere/?{query}")


def csv_of(rows, columns=COLUMNS):
    response = export(ask("format=csv"), rows=iter(rows), columns=columns, name="things")
    text = b"".join(response.streaming_content).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text)))


def sheet_of(rows, columns=COLUMNS):
    response = export(ask("format=xlsx"), rows=iter(rows), columns=columns, name="things")
    book = load_workbook(io.BytesIO(b"".join(response.streaming_content)))
    response.close()
    return book.active


def never_read():
    raise AssertionError("The rows were read.")
    yield


class TestAFile:
    def test_is_not_made_where_the_address_asks_for_none(self):
        assert export(ask("q=x"), rows=never_read(), columns=COLUMNS, name="things") is None

    def test_of_another_format_is_refused_by_name(self):
        with pytest.raises(BadRequest, match="csv or xlsx"):
            export(ask("format=pdf"), rows=never_read(), columns=COLUMNS, name="things")

    def test_bears_the_marking_then_the_headings_then_the_rows(self):
        assert csv_of(ROWS) == [
            [MARKING],
            ["Name", "Chips", "Day"],
            ["Norrsken Compute AB", "35000", "2026-03-09"],
            ["Ærø “Hall”, 2", "0", ""],
        ]

    def test_of_no_rows_still_says_what_it_would_hold(self):
        assert csv_of([]) == [[MARKING], ["Name", "Chips", "Day"]]

    def test_has_numbers_as_numbers_and_days_as_days_in_a_workbook(self):
        sheet = sheet_of(ROWS)
        assert [cell.value for cell in sheet[1]][0] == MARKING
        name, chips, day = sheet[3]
        assert (name.value, chips.value, chips.data_type) == ("Norrsken Compute AB", 35_000, "n")
        assert (day.value.date(), day.number_format, day.is_date) == (date(2026, 3, 9), "yyyy-mm-dd", True)

    @pytest.mark.parametrize("form", ["csv", "xlsx"])
    def test_is_named_after_the_list_and_the_day_and_is_kept_nowhere(self, form, monkeypatch):
        monkeypatch.setattr(exports.timezone, "localdate", lambda: date(2026, 3, 9))
        response = export(ask(f"format={form}"), rows=ROWS, columns=COLUMNS, name="things")
        assert f'attachment; filename="things-2026-03-09.{form}"' == response["Content-Disposition"]
        assert response["Cache-Control"] == "no-store"
        response.close()

    def test_writes_an_instant_as_the_day_of_the_office(self):
        late = [("x", 1, datetime(2026, 3, 10, 3, 0, tzinfo=UTC))]
        assert csv_of(late)[2][2] == "2026-03-09"

    def test_writes_yes_and_no_and_amounts(self):
        both = [Column("Held", lambda row: row[0]), Column("Value", lambda row: row[1])]
        assert csv_of([(True, Decimal("12.50")), (False, Decimal("NaN"))], both)[2:] == [
            ["Yes", "12.50"],
            ["No", "NaN"],
        ]

    @pytest.mark.parametrize("form", ["csv", "xlsx"])
    def test_is_a_refusal_where_the_list_is_one(self, form):
        def shut():
            raise NotPermitted("Only Commerce staff read this.")
            yield

        with pytest.raises(NotPermitted):
            export(ask(f"format={form}"), rows=shut(), columns=COLUMNS, name="things")

    def test_goes_out_while_it_is_read(self):
        read = []

        def endless():
            for number in range(10**9):
                read.append(number)
                yield ("x", number, None)

        response = export(ask("format=csv"), rows=endless(), columns=COLUMNS, name="things")
        next(iter(response.streaming_content))
        assert len(read) < 1_000


class TestAFormula:
    EVIL = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", " =1", "＝1", '=HYPERLINK("http://x","y")']

    @pytest.mark.parametrize("text", EVIL)
    def test_is_text_in_both_formats(self, text):
        assert csv_of([(text, 1, None)])[2][0].startswith("'")
        cell = sheet_of([(text, 1, None)])["A3"]
        assert (cell.data_type, cell.value[0]) == ("s", "'")

    def test_in_a_heading_is_text_too(self):
        assert csv_of([], [Column("=1", str)])[1] == ["'=1"]

    def test_is_not_seen_in_numbers_or_plain_text(self):
        assert csv_of([("A = B", -5, None)])[2] == ["A = B", "-5", ""]
        assert sheet_of([("A = B", -5, None)])["B3"].value == -5


def test_text_loses_what_a_cell_cannot_hold_and_says_so():
    assert guard("bell\x07") == "bell"
    assert guard("x" * 40_000).endswith("(cut here: a cell holds no more)")
    assert len(guard("=" * 40_000)) < 32_767


class TestALongList:
    @pytest.fixture(autouse=True)
    def _cap(self, monkeypatch):
        monkeypatch.setattr(exports, "MOST_ROWS", 3)

    def rows(self, count):
        return [(f"Row {number}", number, None) for number in range(count)]

    def test_says_where_it_was_cut_and_what_to_do(self):
        lines = csv_of(self.rows(4))
        assert len(lines) == 2 + 3 + 1
        assert "ends here, at 3 rows" in lines[-1][0]
        assert "narrow" in lines[-1][0]
        assert "ends here" in sheet_of(self.rows(4))["A6"].value

    def test_that_just_fits_is_whole(self):
        assert csv_of(self.rows(3))[-1][0] == "Row 2"


def test_all_pages_of_a_register_are_walked():
    pages = {"": Page([1, 2], "b"), "b": Page([3], "c"), "c": Page([], "")}
    assert list(walk(lambda after: pages[after])) == [1, 2, 3]


def file_of(client, address, **filters):
    response = client.get(address, {**filters, "format": "csv"})
    assert response.status_code == 200
    return list(csv.reader(io.StringIO(b"".join(response.streaming_content).decode("utf-8-sig"))))


class TestTheDesksLists:
    @pytest.fixture
    def cases(self, who):
        cases = [make.licensed(who, site=f"Hall {n}", end_user=f"Norrsken {n} AB") for n in (1, 2, 3)]
        scopes = [each.license for each in cases] + [("country", "SE")]
        for scope in scopes:
            place_hold(
                scope=scope,
                cause="other",
                says="=1+1",
                lifter_role=Role.LICENSING_DIRECTOR,
                by=who.officer,
                at=make.AT,
            )
        return cases

    @pytest.mark.parametrize(
        ("page", "filters", "count"),
        [
            ("licenses/", {}, 3),
            ("licenses/", {"q": "Nothing of that name"}, 0),
            ("installations/", {}, 3),
            ("installations/", {"q": "Hall 2"}, 1),
            ("parties/", {"q": "Norrsken 2 AB"}, None),
            ("holds/", {}, 4),
            ("holds/", {"view": "lifted"}, 0),
            ("", {"view": "closed"}, 3),
            ("", {"view": "all"}, 0),
        ],
    )
    def test_are_files_of_all_pages_with_their_filters(self, who, enter, cases, monkeypatch, page, filters, count):
        monkeypatch.setattr(registers, "PAGE", 2)
        lines = file_of(enter(who.officer), f"/desk/{page}", **filters)
        assert lines[0] == [MARKING]
        rows = lines[2:]
        assert all(len(row) == len(lines[1]) for row in rows)
        assert count is None or len(rows) == count
        assert all("Norrsken" in row[0] for row in rows) or page != "parties/"

    def test_hold_counts_and_days_that_a_program_reads(self, who, enter, cases):
        lines = file_of(enter(who.officer), "/desk/licenses/", q=cases[0].license.number)
        row = dict(zip(lines[1], lines[2], strict=True))
        assert (row["Chips licensed"], row["First day"], row["On hold"]) == ("752", "2026-04-01", "Yes")
        holds = file_of(enter(who.officer), "/desk/holds/")
        assert {row[3] for row in holds[2:]} == {"'=1+1"}
        chips = file_of(enter(who.officer), "/desk/installations/", q="Hall 1")
        assert chips[2][5:] == ["A100", "0", "752", "0"]

    @pytest.mark.parametrize(
        "address", ["licenses/?q=%00", "installations/?q=%00", "parties/?q=%00", "?view=x", "?status=x"]
    )
    def test_are_no_files_where_the_filter_cannot_be_read(self, who, enter, address):
        joined = "&" if "?" in address else "?"
        assert enter(who.officer).get(f"/desk/{address}{joined}format=csv").status_code == 400

    @pytest.mark.parametrize("page", ["licenses/", "installations/", "parties/", "holds/"])
    def test_are_linked_with_their_filters_and_shut_to_others(self, who, enter, cases, page):
        address = f"/desk/{page}"
        shown = enter(who.officer).get(address, {"view": "standing", "after": ""}).text
        assert "view=standing&amp;format=csv" in shown
        assert "view=standing&amp;format=xlsx" in shown
        assert enter(user(Role.AGENCY_REVIEWER)).get(address, {"format": "csv"}).status_code == 403
        assert enter(user(Role.EXPORTER_ADMIN)).get(address, {"format": "xlsx"}).status_code == 403
