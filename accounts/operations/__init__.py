"""Everything that changes who may act, and the journal of who came and went."""

from accounts.operations.keys import create_api_key, note_api_key_use, revoke_api_key
from accounts.operations.people import (
    change_password,
    create_organization,
    create_unit,
    create_user,
    deactivate_user,
    grant_role,
    reactivate_user,
    revoke_role,
)
from accounts.operations.sign_ins import (
    record_failed_sign_in,
    record_lock_out,
    record_sign_in,
    record_sign_out,
)

__all__ = [
    "change_password",
    "create_api_key",
    "create_organization",
    "create_unit",
    "create_user",
    "deactivate_user",
    "grant_role",
    "note_api_key_use",
    "reactivate_user",
    "record_failed_sign_in",
    "record_lock_out",
    "record_sign_in",
    "record_sign_out",
    "revoke_api_key",
    "revoke_role",
]
