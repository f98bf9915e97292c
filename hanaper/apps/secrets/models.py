from django.db import models

from hanaper.storage.ids import PublicIdField


class DataKey(models.Model):
    """A key that seals secrets, itself sealed under a master key. Rotating the master re-seals only these."""

    public_id = PublicIdField("dek")
    master_key = models.CharField(max_length=40)  # the id of the master key, a file's name
    sealed = models.BinaryField()
    created_at = models.DateTimeField()  # system time

    def __str__(self) -> str:
        return self.public_id


class SealedSecret(models.Model):
    """A secret at rest: AES-256-GCM under a data key, bound to its own id and purpose."""

    public_id = PublicIdField("sec")
    purpose = models.CharField(max_length=60)
    data_key = models.ForeignKey(DataKey, on_delete=models.PROTECT, related_name="+")
    sealed = models.BinaryField()
    created_at = models.DateTimeField()  # system time

    def __str__(self) -> str:
        return self.public_id
