"""An installation that took every step the tables ever took: `python -m tests.processes.older_tables`.

It publishes a policy when policies still lay among the orders, and prints what is in force at the end.
"""

import sys
from datetime import UTC, datetime

import django

django.setup()

from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader

from hanaper.apps.policies.queries import policy_in_force

AT = datetime(2026, 11, 1, tzinfo=UTC)


class EveryStep(MigrationLoader):
    """Knows of no shorter way."""

    def load_disk(self) -> None:
        super().load_disk()
        steps = self.disk_migrations
        shorter = {key: one.replaces[-1] for key, one in steps.items() if one.replaces}
        for key in shorter:
            del steps[key]
        for one in steps.values():
            one.dependencies = [shorter.get(on, on) for on in map(tuple, one.dependencies)]


def executor() -> MigrationExecutor:
    one = MigrationExecutor(connection)
    one.loader = EveryStep(connection)
    return one


if __name__ == "__main__":
    then = ("orders", "0004_by_state")
    executor().migrate([then])
    policy = executor().loader.project_state([then]).apps.get_model("orders", "PublishedPolicy")
    policy.objects.create(name="2026-03-18", holds_from=AT, published_at=AT)
    last = executor()
    last.migrate(last.loader.graph.leaf_nodes())
    sys.stdout.write(policy_in_force(AT))
