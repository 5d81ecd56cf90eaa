"""A queue of the version before actors: what is not over goes on, what was written past the queue later does not."""

from importlib import import_module
from pathlib import Path
from typing import Any

from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import Connection, create_engine, text

from tulou.chassis.actors import actor_from
from tulou.contracts.jobs.messages import JobState
from tulou.kernel.context import HouseActor

VERSIONS = "tulou.services.jobs.migrations.versions"
JOB = (
    "INSERT INTO jobs_jobs (id, kind, payload, state, attempt, attempts, progress, note, result, error, created_at,"
    " created_by, cancelling, runner, lease, lease_s, due_at, deadline_at)"
    " VALUES (:id, 'test.work', '{}', :state, 0, 3, 0, '', 'null', '', 1, '', false, '', '', 30, 1, 9)"
)


def run(connection: Connection, revision: str) -> None:
    module: Any = import_module(f"{VERSIONS}.{revision}")
    with Operations.context(MigrationContext.configure(connection)):
        module.upgrade()


def add(connection: Connection, job: str, state: JobState) -> None:
    connection.execute(text(JOB), {"id": job, "state": state})


def test_jobs_that_an_upgrade_finds_unfinished_are_the_houses_and_later_ones_without_an_actor_nobodys(
    tmp_path: Path,
) -> None:
    engine = create_engine(f"sqlite:///{tmp_path}/old.db")
    states: tuple[JobState, ...] = ("queued", "running", "succeeded", "failed", "cancelled")
    with engine.begin() as connection:
        run(connection, "0001_queue")
        for state in states:
            add(connection, state, state)
        run(connection, "0002_actor")
        add(connection, "later", "queued")
        actors = {row.id: actor_from(row.actor) for row in connection.execute(text("SELECT id, actor FROM jobs_jobs"))}
    engine.dispose()
    house = HouseActor(reason="enqueued before actors were stated")
    assert actors == {
        "queued": house,
        "running": house,
        **dict.fromkeys(("succeeded", "failed", "cancelled", "later")),
    }
