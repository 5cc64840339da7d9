"""The basket draws its rows and filters once: what people wrote still comes out as text, and nothing of another's."""

import pytest

from tests.licensing import factories as make

pytestmark = pytest.mark.django_db


def test_a_name_is_text_whatever_it_looks_like(who, enter):
    make.filed(who, end_user="<b>{acn}</b> & {0} {{ user.email }} AB")
    page = enter(who.officer).get("/desk/?view=all").text
    assert "&lt;b&gt;{acn}&lt;/b&gt; &amp; {0} {{ user.email }} AB" in page
    assert "<b>{acn}" not in page


def test_what_is_searched_for_is_text_too(who, enter):
    page = enter(who.officer).get("/desk/", {"view": "all", "q": '"><script>alert(1)</script>'}).text
    assert "<script>alert" not in page


def test_filtering_keeps_the_view_it_was_begun_in(who, enter):
    page = enter(who.officer).get("/desk/?view=unassigned").text
    assert '<input type="hidden" name="view" value="unassigned"' in page


def test_filters_of_one_person_are_not_shown_to_the_next(who, enter):
    assert 'value="Norrsken"' in enter(who.officer).get("/desk/?view=all&q=Norrsken").text
    assert "Norrsken" not in enter(who.countersigner).get("/desk/?view=all").text


def test_a_filter_that_cannot_be_used_is_told_and_narrows_nothing(who, enter):
    case = make.filed(who)
    response = enter(who.officer).get("/desk/?view=all&destination=XX")
    assert response.status_code == 400
    assert case.acn in response.text
    assert "This filter cannot be used" in response.text
