"""What the owner of a private CA sees of its ACME clients, within the wall of the account."""

from django.db.models import QuerySet

from hanaper.apps.acme.models import AcmeAccount, AcmeOrder, ExternalKey
from hanaper.apps.private_ca.models.cas import PrivateCA
from hanaper.apps.private_ca.templates import own_templates
from hanaper.core.acme.snippets import EXAMPLE
from hanaper.core.actor import Actor
from hanaper.core.private_ca.name_constraints import of_certificate
from hanaper.core.private_ca.orderable import orderable
from hanaper.core.private_ca.templates import BUILT_IN, Template


def templates(actor: Actor, ca: PrivateCA) -> list[str]:
    """Those by which something can be ordered: what comes with the program, then the account's own."""
    own = {one.name: Template.model_validate(one.rules) for one in own_templates(actor, ca.account)}
    return [name for name, template in {**BUILT_IN, **own}.items() if orderable(template)]


def keys(actor: Actor, ca: PrivateCA) -> QuerySet[ExternalKey]:
    return ExternalKey.objects.visible_to(actor).filter(ca=ca)


def key(actor: Actor, ca: PrivateCA, public_id: str) -> ExternalKey:
    rows = ExternalKey.objects.select_related("secret")
    return rows.get_visible(actor, public_id, what="ACME key", ca=ca)


def name_to_ask_for(ca: PrivateCA, key: ExternalKey | None = None) -> str:
    """One that the key's clients may have, for snippets: of its domains, else of those the CA may certify."""
    domains: list[str] = list(key.domains) if key is not None else []
    if not domains and ca.authority is not None and ca.authority.certificate is not None:
        domains = list(of_certificate(bytes(ca.authority.certificate)).permitted.dns)
    return domains[0] if domains else EXAMPLE


def accounts(actor: Actor, ca: PrivateCA, *, key: str = "", state: str = "") -> QuerySet[AcmeAccount]:
    found = AcmeAccount.objects.visible_to(actor).filter(ca=ca).select_related("key")
    wanted = {"key__public_id": key, "state": state}
    return found.filter(**{field: value for field, value in wanted.items() if value})


def account(actor: Actor, ca: PrivateCA, public_id: str) -> AcmeAccount:
    rows = AcmeAccount.objects.select_related("key")
    return rows.get_visible(actor, public_id, what="ACME account", ca=ca)


def orders(account: AcmeAccount) -> QuerySet[AcmeOrder]:
    """Those of an account that the actor was shown."""
    return AcmeOrder.objects.filter(acme_account=account).select_related("certificate")
