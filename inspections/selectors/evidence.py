"""What visits have for a requirement: whether a favorable one of the installation stands, and until when."""

from registry.rules import Ask, Evidence
from registry.selectors import get_ground

GROUND = "inspections.installation"
_MISSING = "A visit of the installation must be requested, made, and closed with a favorable rating."


def list_evidence(ask: Ask) -> list[Evidence]:
    """The standing of the installation's visits, for the requirement of a visit. One query."""
    if ask.installation_id is None:
        return []
    ground = get_ground(GROUND, str(ask.installation_id))
    if ground is None:
        return [
            Evidence(
                kind=GROUND,
                subject_id=str(ask.installation_id),
                title="Visit of the installation",
                says="No visit is on record.",
                lacks=(_MISSING,),
                until=None,
                left=None,
                told="It waits for a visit by officers of the Department of Commerce.",
            )
        ]
    lacks = () if ground.stands_at(ask.at) else (f"{ground.says} {_MISSING}",)
    return [
        Evidence(
            kind=GROUND,
            subject_id=ground.subject_id,
            title=ground.title,
            says=ground.says,
            lacks=lacks,
            until=ground.until,
            left=None,
            told="The visit was made."
            if not lacks
            else "It waits for a visit by officers of the Department of Commerce.",
        )
    ]
