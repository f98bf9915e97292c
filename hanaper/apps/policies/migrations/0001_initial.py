import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import hanaper.storage.ids


def writer() -> models.ForeignKey:
    return models.ForeignKey(
        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
    )


def key() -> models.BigAutoField:
    return models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")


class Migration(migrations.Migration):
    initial = True
    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("orders", "0005_policies_have_their_own_area"),
    ]
    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.CreateModel(
                    name="PublishedPolicy",
                    fields=[
                        ("id", key()),
                        ("name", models.CharField(max_length=40)),
                        ("holds_from", models.DateTimeField()),
                        ("published_at", models.DateTimeField()),
                        ("published_by", writer()),
                    ],
                    options={
                        "db_table": "orders_publishedpolicy",
                        "constraints": [
                            models.UniqueConstraint(fields=("holds_from",), name="published_policy_once")
                        ],
                    },
                )
            ]
        ),
        migrations.CreateModel(
            name="PolicyDraft",
            fields=[
                ("id", key()),
                ("public_id", hanaper.storage.ids.PublicIdField(max_length=40, prefix="pdr")),
                ("name", models.CharField(max_length=40, unique=True)),
                ("title", models.CharField(max_length=200)),
                ("text", models.TextField()),
                ("created_at", models.DateTimeField()),
                ("changed_at", models.DateTimeField()),
                ("version", models.PositiveIntegerField(default=1)),
                ("written_by", writer()),
            ],
        ),
        migrations.CreateModel(
            name="PolicyDocument",
            fields=[
                ("id", key()),
                ("name", models.CharField(max_length=40, unique=True)),
                ("title", models.CharField(max_length=200)),
                ("text", models.TextField()),
                ("frozen_at", models.DateTimeField()),
            ],
        ),
    ]
