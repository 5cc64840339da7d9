"""Registering who and where, placing and lifting holds, counting what is installed, loading reference data."""

from registry.operations.counts import record_installed
from registry.operations.grounds import end_reliances, rely_on, set_ground
from registry.operations.holds import lift_hold, place_hold
from registry.operations.parties import (
    NewParty,
    end_ownership,
    link_owner,
    register_installation,
    register_parties,
    register_party,
)
from registry.operations.reference import Loaded, load_reference

__all__ = [
    "Loaded",
    "NewParty",
    "end_ownership",
    "end_reliances",
    "lift_hold",
    "link_owner",
    "load_reference",
    "place_hold",
    "record_installed",
    "register_installation",
    "register_parties",
    "register_party",
    "rely_on",
    "set_ground",
]
