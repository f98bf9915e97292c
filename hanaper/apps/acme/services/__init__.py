"""The verbs of ACME: for clients, and for the owners of private CAs."""

from hanaper.apps.acme.services.accounts import (
    account_named,
    account_of_key,
    change_key,
    does_not_exist,
    new_account,
    refuse_unless_valid,
    update_account,
)
from hanaper.apps.acme.services.authorizations import (
    authorization_of,
    authorize_ahead,
    challenges_of,
    deactivate,
)
from hanaper.apps.acme.services.checking import begin_check, challenge_of, pursue_challenges
from hanaper.apps.acme.services.finalizing import carry_out, chains_of, finalize
from hanaper.apps.acme.services.keys import create_key, revoke_account, revoke_key
from hanaper.apps.acme.services.ordering import authorizations_of, new_order, order_of, orders_of
from hanaper.apps.acme.services.renewing import ask_for_renewal, suggestion_for
from hanaper.apps.acme.services.revoking import (
    certificate_to_revoke,
    read_reason,
    revoke_by_account,
    revoke_by_key,
)

__all__ = [
    "account_named",
    "account_of_key",
    "ask_for_renewal",
    "authorization_of",
    "authorizations_of",
    "authorize_ahead",
    "begin_check",
    "carry_out",
    "certificate_to_revoke",
    "chains_of",
    "challenge_of",
    "challenges_of",
    "change_key",
    "create_key",
    "deactivate",
    "does_not_exist",
    "finalize",
    "new_account",
    "new_order",
    "order_of",
    "orders_of",
    "pursue_challenges",
    "read_reason",
    "refuse_unless_valid",
    "revoke_account",
    "revoke_by_account",
    "revoke_by_key",
    "revoke_key",
    "suggestion_for",
    "update_account",
]
