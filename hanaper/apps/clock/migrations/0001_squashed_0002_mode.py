from django.db import migrations, models

from hanaper.storage.create_together import CreateTogether


class Migration(migrations.Migration):
    replaces = [("clock", "0001_initial"), ("clock", "0002_mode")]

    initial = True

    dependencies = []

    operations = [
        CreateTogether(
            [
                migrations.CreateModel(
                    name="Installation",
                    fields=[
                        (
                            "id",
                            models.PositiveSmallIntegerField(default=1, primary_key=True, serialize=False),
                        ),
                        ("sandbox", models.BooleanField()),
                    ],
                    options={
                        "constraints": [
                            models.CheckConstraint(condition=models.Q(("id", 1)), name="installation_one_row")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="SandboxClock",
                    fields=[
                        (
                            "id",
                            models.PositiveSmallIntegerField(default=1, primary_key=True, serialize=False),
                        ),
                        ("offset_seconds", models.BigIntegerField(default=0)),
                    ],
                    options={
                        "constraints": [
                            models.CheckConstraint(condition=models.Q(("id", 1)), name="clock_one_row"),
                            models.CheckConstraint(
                                condition=models.Q(("offset_seconds__gte", 0)), name="clock_never_behind"
                            ),
                        ],
                    },
                ),
            ],
        ),
    ]
