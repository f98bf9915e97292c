"""Finding instances by what somebody remembers of their domain."""

import idna
from django.db.models import Q

from hanaper.apps.gateway.models import DomainEnding, GatewayInstance
from hanaper.core.actor import Actor, ActorKind
from hanaper.core.gateway.domains import endings_of
from hanaper.storage.prefixes import begins_with

FEW = 1000


def keep_domain(instance: GatewayInstance) -> None:
    """What it is found by from now on, nothing without a domain; in the transaction that changes it."""
    DomainEnding.objects.filter(instance=instance).delete()
    endings = endings_of(instance.domain) if instance.domain else []
    DomainEnding.objects.bulk_create(
        DomainEnding(account_id=instance.account_id, instance=instance, ending=ending) for ending in endings
    )


def found_by(actor: Actor, text: str) -> Q:
    """Those with a domain of which some part begins with `text`, or with it as their public id. However many
    instances there are, an index answers; of more than FEW, the newest."""
    text = text.strip().lower()
    if not text.isascii():
        try:
            text = idna.encode(text, uts46=True).decode()
        except (idna.IDNAError, UnicodeError):
            return Q(pk__in=())  # no domain reads like that
    named = DomainEnding.objects.filter(begins_with("ending", text))
    own = named.filter(account=actor.account_id) if actor.kind is ActorKind.CUSTOMER else named
    keys = set(own.order_by("-instance").values_list("instance", flat=True)[:FEW])
    exact = GatewayInstance.objects.filter(public_id=text).values_list("pk", flat=True)
    # Keys alone: an alternative beside them would make the planner walk the whole list.
    return Q(pk__in=keys | set(exact))
