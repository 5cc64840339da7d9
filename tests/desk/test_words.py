"""A page of the desk speaks in words: no code, no stored name, no label of the program shows on it."""

import re
from html import unescape

import pytest

from licensing import operations
from tests.licensing import factories as make

pytestmark = pytest.mark.django_db

# An underscore joins no words of people, and a point between small letters parts a code.
CODE = re.compile(r"\b[a-z]+(?:_[a-z]+)+\b|\b[a-z]{3,}\.[a-z]{3,}\b|\bquestion-\d")
SAUDI = {"country": "SA", "items": [make.chips("GB300", 250_000)]}


def text_of(page: str) -> str:
    main = page.split("<main", 1)[1].split("</main>", 1)[0]
    return unescape(re.sub(r"<script.*?</script>|<[^>]+>", " ", main, flags=re.DOTALL))


def codes(response) -> set[str]:
    return set(CODE.findall(text_of(response.text)))


def test_a_case_that_went_all_the_way_is_told_in_words(who, enter):
    case = make.assigned(who, **SAUDI)
    asked = operations.request_information(
        case=case, question="Who runs it?", version=case.version, by=who.officer, at=make.AT
    )
    operations.answer_information(request=asked, answer="The ministry.", by=who.applicant, at=make.AT)
    choice = case.requirements.exclude(any_of=[]).first()
    if choice is not None:
        make.meet(case, who, "security_guarantee")
    make.recommend(case, who)
    make.countersign(case.recommendations.get(), who.countersigner, who.second_countersigner)
    make.waive_everything(case, who)
    make.decide(case, who)
    response = enter(who.director).get(f"/desk/cases/{case.acn}/")
    assert codes(response) == set()
    text = text_of(response.text)
    assert "Started the processing clock: 90 days" in text
    assert "Lifted the stop of question 1: the clock runs on" in text
    assert "Ended the clock" in text
    assert "National installation" in text


def test_every_act_and_register_is_told_in_words(who, enter):
    case = make.assigned(who, **SAUDI)
    make.recommend(case, who)
    pages = [
        f"requirements/{line.position}/{act}/" for line in case.requirements.all() for act in ("evidence", "waiver")
    ]
    pages += ["recommend/", "countersign/", "decide/", "send-back/", "assign/", "request-information/", "exemption/"]
    client = enter(who.director)
    for page in [f"/desk/cases/{case.acn}/{page}" for page in pages] + [
        "/desk/?view=all", "/desk/?view=closed", "/desk/licenses/", "/desk/holds/", "/desk/parties/",
        "/desk/installations/", "/desk/inbox/",
    ]:  # fmt: skip
        response = client.get(page)
        assert response.status_code == 200, page
        assert codes(response) == set(), page


@pytest.mark.parametrize("kind", ["whim", "%00", "CASE"])
def test_a_kind_that_the_timeline_does_not_know_is_told(who, enter, kind):
    case = make.filed(who)
    response = enter(who.officer).get(f"/desk/cases/{case.acn}/?timeline={kind}")
    assert response.status_code == 400
    assert "There is no such kind of entry" in response.text
