from django.db import models
from django.db.models import F, Q

from hanaper.apps.accounts.models import Account
from hanaper.apps.ledger.vocabulary import TransferKind
from hanaper.storage.ids import PublicIdField
from hanaper.storage.walls import ScopedManager


class Transfer(models.Model):
    """One movement of money: a row that is written once and never changed, so the books always balance.

    `amount` minor units of `currency` leave the account `credit` and arrive at `debit`: double entry in one
    row. A correction is another row. `resolves` is the reservation or hold that this one posts or voids;
    nothing is resolved twice. `account` is the customer concerned, for their statement.
    """

    public_id = PublicIdField("trf")
    kind = models.CharField(max_length=40, choices=[(kind, kind) for kind in TransferKind])
    debit = models.CharField(max_length=80)
    credit = models.CharField(max_length=80)
    currency = models.CharField(max_length=3)
    amount = models.BigIntegerField()
    at = models.DateTimeField()
    system_at = models.DateTimeField()
    reference = models.CharField(max_length=80)  # public id of the payment part or refund it belongs to
    memo = models.CharField(max_length=300, blank=True, default="")
    account = models.ForeignKey(Account, on_delete=models.PROTECT, null=True, related_name="transfers")
    resolves = models.OneToOneField("self", on_delete=models.PROTECT, null=True, related_name="resolved_by")

    objects = ScopedManager()

    class Meta:
        constraints = [
            models.CheckConstraint(name="transfer_moves_something", condition=Q(amount__gt=0)),
            models.CheckConstraint(name="transfer_two_accounts", condition=~Q(debit=F("credit"))),
        ]
        indexes = [
            models.Index(fields=["account", "currency", "id"], name="transfer_by_account"),
            models.Index(fields=["reference", "id"], name="transfer_by_reference"),
            models.Index(fields=["debit", "currency", "id"], name="transfer_by_debit"),
            models.Index(fields=["credit", "currency", "id"], name="transfer_by_credit"),
        ]

    def __str__(self) -> str:
        return self.public_id


class CustomerBalance(models.Model):
    """What we owe a customer in one currency, kept as a row; never below zero.

    `ledger.verify` proves that it equals the sum of the customer's transfers.
    """

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="balances")
    currency = models.CharField(max_length=3)
    amount = models.BigIntegerField(default=0)

    objects = ScopedManager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "currency"], name="balance_once"),
            models.CheckConstraint(name="balance_never_below_zero", condition=Q(amount__gte=0)),
        ]

    def __str__(self) -> str:
        return f"{self.amount} {self.currency}"
