"""What is stored of an application, its case and what came of it, with the constraints that keep it true."""

from .application import Application, ApplicationItem, ApplicationParty, Document
from .case import (
    Case,
    Decision,
    InformationRequest,
    Note,
    Recommendation,
    Requirement,
    RequirementAct,
    Signature,
    StoredDetermination,
    UnitRoute,
)
from .license import Exemption, Letter, License, LicenseCondition, LicenseEnd, LicenseLine
from .reservation import Reservation
from .shipment import ConditionCheck, Shipment, ShipmentLine, TranchePlan

__all__ = [
    "Application",
    "ApplicationItem",
    "ApplicationParty",
    "Case",
    "ConditionCheck",
    "Decision",
    "Document",
    "Exemption",
    "InformationRequest",
    "Letter",
    "License",
    "LicenseCondition",
    "LicenseEnd",
    "LicenseLine",
    "Note",
    "Recommendation",
    "Requirement",
    "RequirementAct",
    "Reservation",
    "Shipment",
    "ShipmentLine",
    "Signature",
    "StoredDetermination",
    "TranchePlan",
    "UnitRoute",
]
