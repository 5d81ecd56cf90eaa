"""Facts that wait in the outbox of the version before actors are delivered after an upgrade."""

from importlib import import_module
from pathlib import Path
from typing import Any

from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import Connection, create_engine, text

from tulou.chassis.actors import actor_from
from tulou.kernel.context import HouseActor

VERSIONS = "tulou.chassis.outbox.migrations.versions"
FACT = "INSERT INTO outbox_facts (id, topic, tenant, at, body) VALUES (:id, 'test.happened', '', 1, '{}')"


def run(connection: Connection, revision: str) -> None:
    module: Any = import_module(f"{VERSIONS}.{revision}")
    with Operations.context(MigrationContext.configure(connection)):
        module.upgrade()


def test_facts_that_wait_at_an_upgrade_are_the_houses_and_later_ones_without_an_actor_nobodys(tmp_path: Path) -> None:
    engine = create_engine(f"sqlite:///{tmp_path}/old.db")
    with engine.begin() as connection:
        run(connection, "0001_facts")
        connection.execute(text(FACT), {"id": "waiting"})
        run(connection, "0002_actor")
        connection.execute(text(FACT), {"id": "later"})
        rows = connection.execute(text("SELECT id, actor FROM outbox_facts"))
        actors = {row.id: actor_from(row.actor) for row in rows}
    engine.dispose()
    assert actors == {"waiting": HouseActor(reason="written before actors were stated"), "later": None}
