"""The catalogue: real chips with dated figures, and every country."""

import pytest

from rulebook.rules import CatalogueError, compile_catalogue
from rulebook.shipped import shipped_catalogue

COUNTRIES = 'as_of: 2026-01-01\ncountries: [{alpha2: "FR", alpha3: "FRA", numeric: "250", name: "France"}]'


def test_the_catalogue_knows_at_least_thirty_chips_each_with_dated_and_sourced_figures() -> None:
    chips = shipped_catalogue().chips.values()
    assert len(chips) >= 30
    for chip in chips:
        assert chip.tpp.value > 0
        assert chip.memory_bandwidth_gbs.value > 0
        assert chip.tpp.source
        assert chip.memory_bandwidth_gbs.source
        assert chip.as_of
        assert chip.confidence in ("high", "medium", "low", "estimate")


def test_a_figure_on_which_sources_disagree_says_so() -> None:
    chip = shipped_catalogue().chips["GB300"]
    assert chip.tpp.value == 56_000
    assert "61,120" in chip.note


def test_an_announced_chip_is_marked_as_an_estimate() -> None:
    chip = shipped_catalogue().find_chip("Vera Rubin")
    assert chip is not None
    assert chip.confidence == "estimate"


def test_h200_class_chips_are_below_the_limits_for_a_restricted_country_and_blackwell_is_not() -> None:
    chips = shipped_catalogue().chips
    below = {
        name for name, chip in chips.items() if chip.tpp.value < 21_000 and chip.memory_bandwidth_gbs.value < 6_500
    }
    assert {"A100", "H20", "H100", "H200", "H800", "MI300X", "MI308X", "MI325X"} <= below
    assert not {"B100", "B200", "B300", "GB200", "GB300", "Rubin", "MI350X", "MI355X"} & below


def test_every_country_of_iso_3166_is_there_once() -> None:
    countries = shipped_catalogue().countries
    assert len(countries) == 249
    assert len({country.alpha3 for country in countries.values()}) == 249
    assert len({country.numeric for country in countries.values()}) == 249
    assert len({country.name for country in countries.values()}) == 249
    for code, country in countries.items():
        assert code == country.alpha2
        assert len(code) == 2
        assert len(country.alpha3) == 3
        assert len(country.numeric) == 3
        assert country.numeric.isdigit()
    assert countries["US"].sentence == "the United States"
    assert (countries["NO"].alpha3, countries["NO"].numeric) == ("NOR", "578")


def _chips(*lines: str) -> str:
    return "as_of: 2026-01-01\nchips:\n" + "\n".join(lines)


ONE = "  - {name: A1, maker: M, as_of: 2026-01-01, confidence: low, tpp: {value: %s, source: s}, %s}"
BANDWIDTH = "memory_bandwidth_gbs: {value: 1, source: s}"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (_chips(ONE % (5, BANDWIDTH), ONE % (6, BANDWIDTH)), "means both"),
        (_chips(ONE % (0, BANDWIDTH)), "must be a number above 0"),
        (_chips(ONE % (5, "note: none")), "memory_bandwidth_gbs is missing"),
    ],
)
def test_a_catalogue_that_contradicts_itself_is_refused(text: str, says: str) -> None:
    with pytest.raises(CatalogueError, match=says):
        compile_catalogue(chips_text=text, countries_text=COUNTRIES)
