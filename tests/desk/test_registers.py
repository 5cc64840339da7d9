"""The registers and the holds: what they show, to whom, and what stops."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.statuses import Role
from audit.models import Entry
from audit.selectors import verify
from licensing import operations
from licensing.selectors import registers
from licensing.statuses import CaseStatus
from registry.models import Hold, Party
from registry.operations import place_hold
from tests.accounts.factories import user
from tests.licensing import factories as make
from tests.registry import factories as known

pytestmark = pytest.mark.django_db

LISTS = ("licenses", "installations", "parties", "holds")
A_HOLD = {"cause": "investigation", "says": "Until the inquiry ends.", "lifter_role": Role.LICENSING_DIRECTOR}


def hold_on(kind: str, identifier: object) -> str:
    return f"/desk/holds/place/{kind}/{identifier}/"


def end_user(case) -> Party:
    return case.application.parties.get(role="end_user").party


def chips_in(rows: list[registers.InstallationRow]) -> dict[str, tuple[int, int, int]]:
    """Installed, licensed and asked for, by model, of the one place there is."""
    return {model: (counts.installed, counts.licensed, counts.pending) for model, counts in rows[0].counts}


@pytest.mark.parametrize("page", LISTS)
class TestTheLists:
    def test_say_why_they_are_empty(self, who, enter, page):
        response = enter(who.officer).get(f"/desk/{page}/")
        assert response.status_code == 200
        assert "cs-empty" in response.text

    @pytest.mark.parametrize("role", [Role.EXPORTER_ADMIN, Role.AGENCY_REVIEWER, Role.AUDITOR, Role.ADMINISTRATOR])
    def test_are_shut_to_whom_they_do_not_concern(self, who, enter, page, role):
        response = enter(user(role)).get(f"/desk/{page}/")
        assert response.status_code == 403
        assert "Only Commerce staff" in response.text

    def test_ask_as_much_of_many_rows_as_of_one(self, who, enter, page):
        client = enter(who.officer)

        def add(number: int) -> None:
            case = make.licensed(who, site=f"Hall {number}", end_user=f"Norrsken {number} AB")
            for scope in (case.license, case.application.installation, end_user(case)):
                place_hold(scope=scope, **A_HOLD, by=who.officer, at=make.AT)

        add(1)
        client.get(f"/desk/{page}/")
        with CaptureQueriesContext(connection) as few:
            client.get(f"/desk/{page}/")
        for number in range(2, 5):
            add(number)
        with CaptureQueriesContext(connection) as many:
            assert client.get(f"/desk/{page}/").status_code == 200
        assert len(many) == len(few) <= 8

    @pytest.mark.parametrize("query", ["after=%00", "after=x~y", "after=99999999999999999999", "after=1~%00"])
    def test_begin_anew_at_a_damaged_place(self, who, enter, page, query):
        assert enter(who.officer).get(f"/desk/{page}/?{query}").status_code == 200


@pytest.mark.parametrize("page", ["licenses", "installations", "parties"])
def test_a_search_that_cannot_be_read_is_told(who, enter, page):
    client = enter(who.officer)
    assert client.get(f"/desk/{page}/", {"q": "x" * 101}).status_code == 400
    assert client.get(f"/desk/{page}/?q=%00").status_code == 400
    assert client.get(f"/desk/{page}/", {"q": "Nothing of that name"}).status_code == 200


class TestLicenses:
    @pytest.mark.parametrize("text", ["", "d000", "Norrsken", "Sweden"])
    def test_shows_what_is_left_in_words(self, who, enter, text):
        case = make.licensed(who)
        text = {"d000": case.license.number.lower(), "Norrsken": who.organization.name[:6]}.get(text, text)
        response = enter(who.officer).get("/desk/licenses/", {"q": text})
        assert case.license.number in response.text
        assert ">752<" in response.text

    def test_says_when_it_has_expired(self, who):
        case = make.licensed(who)
        after = make.AT.replace(year=case.license.expires_on.year + 1)
        assert registers.list_license_register(by=who.officer, at=after).rows[0].status_words == "Expired"

    def test_goes_on_where_the_page_before_ended(self, who, monkeypatch):
        monkeypatch.setattr(registers, "PAGE", 1)
        cases = [make.licensed(who, site=f"Hall {n}", end_user=f"Norrsken {n} AB") for n in (1, 2)]
        first = registers.list_license_register(by=who.officer, at=make.AT)
        second = registers.list_license_register(by=who.officer, at=make.AT, after=first.after)
        numbers = [row.license.number for row in (*first.rows, *second.rows)]
        assert numbers == [case.license.number for case in reversed(cases)]
        assert second.after == ""


class TestInstallations:
    def test_count_what_is_asked_for_then_licensed(self, who):
        make.filed(who)
        asked = registers.list_installation_register(by=who.officer).rows
        assert chips_in(asked) == {"A100": (0, 0, 752)}

    def test_count_what_is_licensed(self, who):
        make.licensed(who)
        assert chips_in(registers.list_installation_register(by=who.officer).rows) == {"A100": (0, 752, 0)}

    def test_count_what_an_exemption_put_there(self, who):
        case = make.assigned(who, safeguards=make.MONITORED)
        operations.accept_exemption(
            case=case, reasons="Both suffice.", version=case.version, by=who.officer, at=make.AT
        )
        assert chips_in(registers.list_installation_register(by=who.officer).rows) == {"A100": (752, 0, 0)}

    def test_are_narrowed_to_one_operator(self, who, enter):
        one = make.filed(who, site="Hall North", end_user="Norrsken AB")
        make.filed(who, site="Hall South", end_user="Soluppgång AB")
        operator = one.application.installation.operator_id
        response = enter(who.officer).get("/desk/installations/", {"operator": operator})
        assert "Hall North" in response.text
        assert "Hall South" not in response.text

    def test_an_operator_that_is_none_narrows_nothing(self, who, enter):
        make.filed(who, site="Hall North")
        assert "Hall North" in enter(who.officer).get("/desk/installations/?operator=²").text

    def test_goes_on_where_the_page_before_ended(self, who, monkeypatch):
        monkeypatch.setattr(registers, "PAGE", 1)
        for name in ("Zeta Hall", "Alpha Hall"):
            make.filed(who, site=name, end_user=f"{name} AB")
        first = registers.list_installation_register(by=who.officer)
        second = registers.list_installation_register(by=who.officer, after=first.after)
        assert [row.installation.name for row in (*first.rows, *second.rows)] == ["Alpha Hall", "Zeta Hall"]


class TestParties:
    def test_shows_owners_and_other_names(self, who, enter):
        case = make.filed(who)
        party = end_user(case)
        known.own(known.party("Polaris Holding AB", headquarters="SE"), party, "51.50")
        party.aliases.create(name="Northern Lights Computing")
        response = enter(who.officer).get("/desk/parties/", {"q": "northern lights"})
        assert "Polaris Holding AB, 51.5%" in response.text
        assert "also Northern Lights Computing" in response.text

    def test_leads_to_the_installations(self, who, enter):
        case = make.filed(who)
        operator = case.application.installation.operator_id
        assert f'/desk/installations/?operator={operator}"' in enter(who.officer).get("/desk/parties/").text


class TestPlacingAHold:
    def test_stops_the_license_and_is_told_on_the_case(self, who, enter):
        case = make.countersigned(who)
        response = enter(who.officer).post(hold_on("party", end_user(case).pk), A_HOLD, follow=True)
        assert "A hold stands on" in response.text
        assert "Until the inquiry ends." in response.text
        page = enter(who.director).get(f"/desk/cases/{case.acn}/")
        assert "A hold stands: Until the inquiry ends." in page.text
        decided = enter(who.director).post(
            f"/desk/cases/{case.acn}/decide/",
            {"version": case.version, "kind": "approve", "line_1": "752", "reasons": "As recommended."},
        )
        assert decided.status_code == 409
        assert "A hold stands: Until the inquiry ends." in decided.text
        case.refresh_from_db()
        assert case.status == CaseStatus.COUNTERSIGNED
        assert verify(("registry.party", str(end_user(case).pk))).intact

    @pytest.mark.parametrize("kind", ["party", "installation", "license", "country"])
    def test_stands_on_whatever_it_was_placed_on(self, who, enter, kind):
        case = make.licensed(who)
        identifier = {
            "party": end_user(case).pk,
            "installation": case.application.installation_id,
            "license": case.license.pk,
            "country": "SE",
        }[kind]
        client = enter(who.countersigner)
        assert client.get(hold_on(kind, identifier)).status_code == 200
        assert client.post(hold_on(kind, identifier), A_HOLD).status_code == 302
        hold = Hold.objects.get()
        assert (hold.scope_kind, hold.scope_id) == (kind, str(identifier))
        assert "?" not in [row.target.words for row in registers.list_hold_register(by=who.officer).rows]

    def test_twice_by_a_double_click_stands_once(self, who, enter):
        client = enter(who.officer)
        for _ in range(2):
            assert client.post(hold_on("country", "SE"), A_HOLD).status_code == 302
        assert Hold.objects.count() == 1

    @pytest.mark.parametrize(
        ("wrong", "says"),
        [
            ({"cause": ""}, "Choose an answer for “Cause”."),
            ({"cause": "whim"}, "Choose one of the answers in the list"),
            ({"says": "  "}, "Fill in “Why is it held"),
            ({"says": "x" * 2001}, "Shorten it to 2,000 characters"),
            ({"says": "a\x00b"}, "cannot be stored"),
            ({"lifter_role": ""}, "Choose an answer for “Who may lift it?”."),
            ({"lifter_role": Role.AUDITOR}, "Choose one of the answers in the list"),
        ],
    )
    def test_filled_wrongly_says_so_and_keeps_what_was_typed(self, who, enter, wrong, says):
        response = enter(who.officer).post(hold_on("country", "SE"), {**A_HOLD, "says": "Typed before.", **wrong})
        assert response.status_code == 400
        assert says in response.text
        assert not Hold.objects.exists()
        if "says" not in wrong:
            assert "Typed before." in response.text

    @pytest.mark.parametrize(
        ("kind", "identifier"),
        [("party", "0"), ("party", "x"), ("party", "9" * 30), ("country", "XX"), ("country", "se"), ("planet", "1"),
         ("license", "²")],
    )  # fmt: skip
    def test_on_what_is_not_there_is_not_found(self, who, enter, kind, identifier):
        assert enter(who.officer).get(hold_on(kind, identifier)).status_code == 404

    @pytest.mark.parametrize("role", [Role.WAIVER_OFFICIAL, Role.EXPORTER_MEMBER, Role.AGENCY_REVIEWER, Role.AUDITOR])
    def test_is_refused_to_others(self, who, enter, role):
        client = enter(user(role))
        assert client.get(hold_on("country", "SE")).status_code == 403
        assert client.post(hold_on("country", "SE"), A_HOLD).status_code == 403
        assert not Hold.objects.exists()

    def test_begins_with_the_country(self, who, enter):
        client = enter(who.officer)
        assert client.get("/desk/holds/country/", {"country": "SE"}).url == hold_on("country", "SE")
        assert "Choose a country of the list." in client.get("/desk/holds/country/?country=XX", follow=True).text


class TestLiftingAHold:
    @pytest.fixture
    def hold(self, who) -> Hold:
        return place_hold(scope=("country", "SE"), **A_HOLD, by=who.officer, at=make.AT)

    def test_clears_the_way(self, who, enter, hold):
        client = enter(who.director)
        assert f"/desk/holds/{hold.pk}/lift/" in client.get("/desk/holds/").text
        response = client.post(f"/desk/holds/{hold.pk}/lift/", {"reason": "The inquiry ended."}, follow=True)
        assert "was lifted" in response.text
        hold.refresh_from_db()
        assert hold.lift_reason == "The inquiry ended."
        assert "The inquiry ended." in client.get("/desk/holds/?view=lifted").text

    def test_a_second_time_says_who_was_faster(self, who, enter, hold):
        client = enter(who.director)
        client.post(f"/desk/holds/{hold.pk}/lift/", {"reason": "The inquiry ended."})
        again = client.post(f"/desk/holds/{hold.pk}/lift/", {"reason": "Again."})
        assert again.status_code == 409
        assert "lifted this hold already" in again.text
        assert "lifted already" in client.get(f"/desk/holds/{hold.pk}/lift/").text

    def test_needs_a_reason(self, who, enter, hold):
        response = enter(who.director).post(f"/desk/holds/{hold.pk}/lift/", {"reason": " "})
        assert response.status_code == 400
        hold.refresh_from_db()
        assert hold.is_open

    def test_is_refused_to_everybody_but_the_named_role(self, who, enter, hold):
        client = enter(who.officer)
        assert f"/desk/holds/{hold.pk}/lift/" not in client.get("/desk/holds/").text
        assert client.get(f"/desk/holds/{hold.pk}/lift/").status_code == 403
        assert client.post(f"/desk/holds/{hold.pk}/lift/", {"reason": "No."}).status_code == 403

    def test_of_no_hold_is_not_found(self, who, enter):
        assert enter(who.director).get("/desk/holds/0/lift/").status_code == 404


def test_reading_registers_writes_nothing(who, enter):
    make.licensed(who)
    client = enter(who.officer)
    before = Entry.objects.count()
    for page in LISTS:
        client.get(f"/desk/{page}/")
    assert Entry.objects.count() == before


class TestAWrongAddress:
    @pytest.mark.parametrize("operator", ["²", "many", "999999999", "-1"])
    def test_an_operator_that_is_none_is_told(self, who, enter, operator):
        response = enter(who.officer).get("/desk/installations/", {"operator": operator})
        assert response.status_code == 400
        assert "is no party of the register" in response.text

    def test_a_view_that_is_none_is_told(self, who, enter):
        response = enter(who.officer).get("/desk/holds/?view=old")
        assert response.status_code == 400
        assert "“old” is not among the views above." in response.text
