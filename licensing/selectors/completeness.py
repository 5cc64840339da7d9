"""What still stands in the way of submitting a draft."""

from collections.abc import Iterable

from licensing.models import Application, ApplicationItem, ApplicationParty
from licensing.rules import ApplicationFacts, Finding, ItemFacts, PartyFacts, check_application
from rulebook.rules import Edition
from rulebook.selectors import get_catalogue


def list_findings(
    application: Application,
    edition: Edition,
    parties: Iterable[ApplicationParty],
    items: Iterable[ApplicationItem],
    document_kinds: frozenset[str],
) -> tuple[Finding, ...]:
    """Every rule of completeness and whether a draft meets it, in the order of its steps. It reads nothing more."""
    catalogue = get_catalogue()
    return check_application(
        ApplicationFacts(
            applicant_is_us_person=application.organization.is_us_person,
            parties=[PartyFacts(role=p.role, name=p.name, country=p.country_id) for p in parties],
            items=[
                ItemFacts(
                    line_no=item.line_no,
                    kind=item.kind,
                    model=item.model,
                    quantity=item.quantity,
                    unit_price=item.unit_price,
                    known_model=catalogue.find_chip(item.model) is not None,
                    has_own_figures=item.tpp is not None and item.memory_bandwidth_gbs is not None,
                )
                for item in items
            ],
            site_name=application.site_name,
            site_city=application.site_city,
            site_address=application.site_address,
            site_country=application.site_country_id,
            end_use=application.end_use,
            declared={
                name: edition.facts[name].words if name in edition.facts else name
                for name in application.declared_facts
            },
            undertaking_signatory=application.undertaking_signatory,
            undertaking_signed=application.undertaking_signed_on is not None,
            document_kinds=document_kinds,
            unfinished=frozenset(application.unfinished),
        )
    )
