"""The verbs of private CAs and of their certificates."""

from hanaper.apps.private_ca.services.batch_results import archive, result_csv, rows_of, state_of
from hanaper.apps.private_ca.services.batch_running import pursue_batch
from hanaper.apps.private_ca.services.batches import cancel_batch, check_table, resume_batch, start_batch
from hanaper.apps.private_ca.services.begun import finish_begun
from hanaper.apps.private_ca.services.bought import create_bought, end_refunded
from hanaper.apps.private_ca.services.crossing import cross_sign
from hanaper.apps.private_ca.services.downloading import (
    KeyForm,
    Part,
    chain_above,
    chain_of,
    chain_pem,
    chains_above,
    chains_of_ca,
    download,
    export_key,
    issued_der,
    to_pem,
    whole_chains,
)
from hanaper.apps.private_ca.services.enabling import enable_ca
from hanaper.apps.private_ca.services.issuing import finish, issue, renew
from hanaper.apps.private_ca.services.outside import (
    begin_outside,
    complete_outside,
    renew_outside,
    request_pem,
    withdraw_outside,
)
from hanaper.apps.private_ca.services.prolonging import renew_subscription
from hanaper.apps.private_ca.services.renewing import Renewal, renew_ca
from hanaper.apps.private_ca.services.resetting import finish_reset, prepare_reset, reset_by_plan, reset_ca
from hanaper.apps.private_ca.services.revoking import (
    Revoked,
    hold,
    release,
    revoke,
    revoke_same_key,
    revoke_with_key,
)
from hanaper.apps.private_ca.services.revoking_cas import prepare_revocation, revoke_ca
from hanaper.apps.private_ca.services.switching import expire, set_issuing
from hanaper.apps.private_ca.services.two_persons import switch_on, two_persons
from hanaper.core.private_ca.requests import Request
from hanaper.core.private_ca.revocation import CA_REASONS, REASONS

__all__ = [
    "CA_REASONS",
    "REASONS",
    "KeyForm",
    "Part",
    "Renewal",
    "Request",
    "Revoked",
    "archive",
    "begin_outside",
    "cancel_batch",
    "chain_above",
    "chain_of",
    "chain_pem",
    "chains_above",
    "chains_of_ca",
    "check_table",
    "complete_outside",
    "create_bought",
    "cross_sign",
    "download",
    "enable_ca",
    "end_refunded",
    "expire",
    "export_key",
    "finish",
    "finish_begun",
    "finish_reset",
    "hold",
    "issue",
    "issued_der",
    "prepare_reset",
    "prepare_revocation",
    "pursue_batch",
    "release",
    "renew",
    "renew_ca",
    "renew_outside",
    "renew_subscription",
    "request_pem",
    "reset_by_plan",
    "reset_ca",
    "result_csv",
    "resume_batch",
    "revoke",
    "revoke_ca",
    "revoke_same_key",
    "revoke_with_key",
    "rows_of",
    "set_issuing",
    "start_batch",
    "state_of",
    "switch_on",
    "to_pem",
    "two_persons",
    "whole_chains",
    "withdraw_outside",
]
