"""The instruments of the demonstration: who gives each, what it covers, and which clauses it has. All invented."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from assurances.rules import Given
from assurances.statuses import InstrumentKind

CLAUSES: Mapping[str, Given] = {
    "no_reexport": Given("Article 2(1)"),
    "end_use_limits": Given("Article 2(2)"),
    "named_users_and_sites": Given("Annex I"),
    "access_for_verification": Given("Article 4"),
    "security_standards": Given("Article 5 and Annex II"),
    "remote_access_limits": Given("Article 6"),
    "no_cluster_limits": Given("Article 7"),
    "incident_notice": Given("Article 8(1)", 48),
    "inventory_reports": Given("Article 8(2)"),
    "remedies": Given("Article 10"),
}


@dataclass(frozen=True, slots=True)
class Seed:
    """An instrument: who gives it, what it covers, and when (days before and after the day of loading)."""

    country: str
    kind: str
    title: str
    government: str
    ministry: str
    ceiling: int | None
    started: float
    ends_in: int | None
    language: str = "en"
    is_binding: bool = True
    models: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    occasion: str = ""


# By the country that gives it.
SEEDS: Mapping[str, Seed] = {
    "SA": Seed(
        "SA",
        InstrumentKind.LETTER_OF_ASSURANCE,
        "Letter of assurance of Saudi Arabia",
        "Kingdom of Saudi Arabia",
        "Ministry of Communications and Information Technology",
        120_000,
        110,
        900,
        language="ar",
        models=("GB300", "GB200"),
    ),
    "AE_MEMORANDUM": Seed(
        "AE",
        InstrumentKind.MEMORANDUM,
        "Memorandum of understanding with the United Arab Emirates",
        "United Arab Emirates",
        "Ministry of Foreign Affairs",
        400_000,
        108,
        1400,
    ),
    "AE_GUARANTEE": Seed(
        "AE",
        InstrumentKind.SECURITY_GUARANTEE,
        "Security guarantee of the United Arab Emirates",
        "United Arab Emirates",
        "Supreme Council for National Security",
        None,
        90,
        None,
    ),
    "NO": Seed(
        "NO",
        InstrumentKind.EXCHANGE_OF_NOTES,
        "Exchange of notes with Norway",
        "Kingdom of Norway",
        "Ministry of Foreign Affairs",
        150_000,
        105,
        -20,
        language="no",
    ),
    "QA": Seed(
        "QA",
        InstrumentKind.LETTER_OF_ASSURANCE,
        "Letter of assurance of Qatar",
        "State of Qatar",
        "Ministry of Commerce and Industry",
        20_000,
        100,
        45,
    ),
    "IS": Seed(
        "IS",
        InstrumentKind.LETTER_OF_ASSURANCE,
        "Letter of assurance of Iceland",
        "Iceland",
        "Ministry for Foreign Affairs",
        8_000,
        95,
        700,
    ),
    "PT": Seed(
        "PT",
        InstrumentKind.END_USE_CERTIFICATE,
        "End-use certificate of Portugal",
        "Portuguese Republic",
        "Ministry of Economy",
        5_000,
        88,
        500,
    ),
    "FI": Seed(
        "FI",
        InstrumentKind.MEMORANDUM,
        "Memorandum of understanding with Finland",
        "Republic of Finland",
        "Ministry for Foreign Affairs",
        30_000,
        92,
        800,
        is_binding=False,
    ),
    "DK": Seed(
        "DK",
        InstrumentKind.LETTER_OF_ASSURANCE,
        "Letter of assurance of Denmark",
        "Kingdom of Denmark",
        "Ministry of Industry",
        12_000,
        97,
        600,
    ),
    "CL": Seed(
        "CL",
        InstrumentKind.LETTER_OF_ASSURANCE,
        "Letter of assurance of Chile",
        "Republic of Chile",
        "Ministry of Foreign Affairs",
        2_000,
        109,
        -14,
    ),
    "NZ": Seed(
        "NZ",
        InstrumentKind.MEMORANDUM,
        "Memorandum of understanding with New Zealand",
        "New Zealand",
        "Ministry of Foreign Affairs and Trade",
        1_500,
        104,
        300,
    ),
    "SE_LETTER": Seed(
        "SE",
        InstrumentKind.LETTER_OF_ASSURANCE,
        "Letter of assurance of Sweden",
        "Kingdom of Sweden",
        "Ministry for Foreign Affairs",
        10_000,
        106,
        200,
    ),
    "SE_NOTES": Seed(
        "SE",
        InstrumentKind.EXCHANGE_OF_NOTES,
        "Exchange of notes with Sweden",
        "Kingdom of Sweden",
        "Ministry for Foreign Affairs",
        40_000,
        70,
        1000,
    ),
    "GH": Seed(
        "GH",
        InstrumentKind.LETTER_OF_ASSURANCE,
        "Letter of assurance of Ghana",
        "Republic of Ghana",
        "Ministry of Trade and Industry",
        900,
        60,
        700,
    ),
    "AM": Seed(
        "AM",
        InstrumentKind.LETTER_OF_ASSURANCE,
        "Letter of assurance of Armenia",
        "Republic of Armenia",
        "Ministry of High-Tech Industry",
        10_000,
        48,
        1000,
        language="hy",
        without=("remedies",),
    ),
    "MY": Seed(
        "MY",
        InstrumentKind.EXCHANGE_OF_NOTES,
        "Exchange of notes with Malaysia",
        "Malaysia",
        "Ministry of Investment, Trade and Industry",
        60_000,
        36,
        1200,
    ),
    "ID": Seed(
        "ID",
        InstrumentKind.MEMORANDUM,
        "Memorandum of understanding with Indonesia",
        "Republic of Indonesia",
        "Ministry of Trade",
        25_000,
        22,
        900,
        without=("access_for_verification", "remedies"),
    ),
    "KZ": Seed(
        "KZ",
        InstrumentKind.LETTER_OF_ASSURANCE,
        "Letter of assurance of Kazakhstan",
        "Republic of Kazakhstan",
        "Ministry of Digital Development",
        5_000,
        6,
        700,
    ),
    "JP": Seed(
        "JP",
        InstrumentKind.SECURITY_GUARANTEE,
        "Security guarantee of Japan",
        "Japan",
        "Ministry of Economy, Trade and Industry",
        None,
        2,
        None,
    ),
}
