from django.db import models


class Installation(models.Model):
    """What this database belongs to, decided once by its first start: one row."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    sandbox = models.BooleanField()

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="installation_one_row")]

    def __str__(self) -> str:
        return "a sandbox" if self.sandbox else "in production"


class SandboxClock(models.Model):
    """How far business time is ahead of system time: one row, which only ever grows."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    offset_seconds = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(id=1), name="clock_one_row"),
            models.CheckConstraint(condition=models.Q(offset_seconds__gte=0), name="clock_never_behind"),
        ]

    def __str__(self) -> str:
        return f"{self.offset_seconds} s ahead"
