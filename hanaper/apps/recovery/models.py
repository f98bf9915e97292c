from django.db import models
from django.db.models import Q


class Heartbeat(models.Model):
    """When something that goes round and round was last seen; whether it hangs is told from its age."""

    name = models.CharField(max_length=40, unique=True)
    beaten_at = models.DateTimeField()  # system time

    def __str__(self) -> str:
        return self.name


class Recovery(models.Model):
    """One restore: from its begin to its end nothing is paid or signed."""

    begun_at = models.DateTimeField()  # system time
    backup_at = models.DateTimeField()  # when the backup was made
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(models.Value(1), name="recovery_one_open", condition=Q(finished_at=None))
        ]

    def __str__(self) -> str:
        return f"recovery begun {self.begun_at:%Y-%m-%d %H:%M}"
