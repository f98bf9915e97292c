"""Whom certificates are applied for: contacts and companies."""

from django.db import models

from hanaper.apps.accounts.models import Account
from hanaper.storage.ids import PublicIdField
from hanaper.storage.walls import ScopedManager


class Contact(models.Model):
    """Who answers for an application. Some brands need the number of an identity document."""

    public_id = PublicIdField("con")
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="contacts")
    name = models.CharField(max_length=100)
    email = models.EmailField()
    phone = models.CharField(max_length=40, blank=True, default="")
    id_number = models.CharField(max_length=64, blank=True, default="")
    created_at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True)

    objects = ScopedManager()

    class Meta:
        indexes = [models.Index(fields=["account", "created_at", "id"], name="contact_by_account")]

    def __str__(self) -> str:
        return self.public_id


class Company(models.Model):
    """The organisation that OV and EV certificates name; its fields are those of an X.509 subject."""

    public_id = PublicIdField("com")
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="companies")
    organization = models.CharField(max_length=64)
    country = models.CharField(max_length=2)
    state = models.CharField(max_length=128, blank=True, default="")
    locality = models.CharField(max_length=128, blank=True, default="")
    business_category = models.CharField(max_length=128, blank=True, default="")
    registration_number = models.CharField(max_length=64, blank=True, default="")
    jurisdiction_country = models.CharField(max_length=2, blank=True, default="")
    jurisdiction_state = models.CharField(max_length=128, blank=True, default="")
    jurisdiction_locality = models.CharField(max_length=128, blank=True, default="")
    created_at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True)

    objects = ScopedManager()

    class Meta:
        indexes = [models.Index(fields=["account", "created_at", "id"], name="company_by_account")]

    def __str__(self) -> str:
        return self.public_id
