from django.db import models


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
