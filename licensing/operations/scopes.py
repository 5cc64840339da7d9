"""On what a hold can stand in the way of a case or a license."""

from licensing.models import Case, License


def scopes_of_case(case: Case) -> list[tuple[str, str]]:
    """The country, the installation and the parties of a case."""
    parties = case.application.parties.exclude(party=None).values_list("party_id", flat=True)
    return [
        ("country", case.destination_id),
        ("installation", str(case.application.installation_id)),
        *(("party", str(party)) for party in sorted(set(parties))),
    ]


def scopes_of_license(license_: License) -> list[tuple[str, str]]:
    """The license itself, and what its case can be held by."""
    return [("license", str(license_.pk)), *scopes_of_case(license_.case)]
