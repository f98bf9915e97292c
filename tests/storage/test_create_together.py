"""Tables made at once are the tables made one after the other."""

import pytest
from django.db import connection, models
from django.db.migrations import AddField, CreateModel
from django.db.migrations.state import ProjectState

from hanaper.storage.create_together import CreateTogether

pytestmark = pytest.mark.django_db(transaction=True)

ID = ("id", models.BigAutoField(primary_key=True))


def to(model):
    return models.ForeignKey(f"somewhere.{model}", models.CASCADE, null=True)


def carry_out(operations):
    """The state before and after, the operations done in the database."""
    before = ProjectState()
    for operation in operations:
        after = before.clone()
        operation.state_forwards("somewhere", after)
        with connection.schema_editor() as editor:
            operation.database_forwards("somewhere", editor, before, after)
        before = after
    return after


def columns():
    with connection.cursor() as cursor:
        names = [
            name for name in connection.introspection.table_names(cursor) if name.startswith("somewhere")
        ]
        return {
            name: sorted(one.name for one in connection.introspection.get_table_description(cursor, name))
            for name in names
        }


def test_models_that_name_each_other():
    together = CreateTogether(
        [
            CreateModel("Hen", [ID, ("egg", to("egg"))]),
            CreateModel("Egg", [ID, ("hen", to("hen"))]),
        ]
    )
    after = carry_out([together])
    made = columns()
    with connection.schema_editor() as editor:
        together.database_backwards("somewhere", editor, after, ProjectState())
    assert columns() == {}

    one_by_one = [
        CreateModel("Hen", [ID]),
        CreateModel("Egg", [ID, ("hen", to("hen"))]),
        AddField("hen", "egg", to("egg")),
    ]
    assert carry_out(one_by_one) == after
    assert columns() == made == {"somewhere_egg": ["hen_id", "id"], "somewhere_hen": ["egg_id", "id"]}
    with connection.schema_editor() as editor:
        for operation in reversed(one_by_one[:2]):
            operation.database_backwards("somewhere", editor, after, ProjectState())


def test_what_it_says():
    assert CreateTogether([CreateModel("Hen", [ID]), CreateModel("Egg", [ID])]).describe() == (
        "Create models Hen, Egg"
    )
