"""The verbs of gateway instances and of the nodes that serve them."""

from hanaper.apps.gateway.services.bought import create_bought, end_refunded, expire
from hanaper.apps.gateway.services.counting import take
from hanaper.apps.gateway.services.domains import (
    add_domain,
    change_behaviour,
    change_certificate,
    look_again,
    purge,
)
from hanaper.apps.gateway.services.ending_soon import warn_of_ends
from hanaper.apps.gateway.services.errands import (
    ask_for_log,
    deliver,
    finish_errand,
    forget_errands,
    lines_of,
    purge_address,
)
from hanaper.apps.gateway.services.looking import look, look_at_many
from hanaper.apps.gateway.services.nodes import (
    authenticate,
    join,
    key_pair,
    make_join_token,
    report,
    retire,
)
from hanaper.apps.gateway.services.resetting import (
    ResetWarning,
    finish_reset,
    prepare_reset,
    reset_by_plan,
    reset_gateway,
)
from hanaper.apps.gateway.services.supplying import notice_proofs, supply
from hanaper.apps.gateway.services.wishing import Automatic, make_automatic, retry

__all__ = [
    "Automatic",
    "ResetWarning",
    "add_domain",
    "ask_for_log",
    "authenticate",
    "change_behaviour",
    "change_certificate",
    "create_bought",
    "deliver",
    "end_refunded",
    "expire",
    "finish_errand",
    "finish_reset",
    "forget_errands",
    "join",
    "key_pair",
    "lines_of",
    "look",
    "look_again",
    "look_at_many",
    "make_automatic",
    "make_join_token",
    "notice_proofs",
    "prepare_reset",
    "purge",
    "purge_address",
    "report",
    "reset_by_plan",
    "reset_gateway",
    "retire",
    "retry",
    "supply",
    "take",
    "warn_of_ends",
]
