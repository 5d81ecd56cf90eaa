"""All SQL of the training service."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from sqlalchemy import Column, Float, Index, Integer, MetaData, RowMapping, String, Table, Text, insert, select, update

from tulou.chassis.rows import find_row, values_of
from tulou.contracts.training.messages import ListRuns, Run, Score
from tulou.ports.database import Transaction

METADATA = MetaData()

RUNS = Table(
    "training_runs",
    METADATA,
    Column("id", String(64), primary_key=True),
    Column("recipe", String(100), nullable=False),
    Column("profile", String(100), nullable=False),
    Column("model", String(100), nullable=False),
    Column("state", String(16), nullable=False),
    Column("job", String(64), nullable=False),
    Column("stage", String(32), nullable=False),
    Column("step", Integer, nullable=False),
    Column("steps", Integer, nullable=False),
    Column("loss", Float, nullable=False),
    Column("eta_s", Float, nullable=False),
    Column("version", Integer),
    Column("error", Text, nullable=False),
    Column("scores", Text, nullable=False),
    Column("created_at", Float, nullable=False),
    Column("started_at", Float),
    Column("finished_at", Float),
    Column("created_by", String(128), nullable=False),
    Index("training_runs_job", "job"),
)


async def add(tx: Transaction, run: Run) -> None:
    """Insert a run; raise `ConflictError` if it is there."""
    await tx.execute(insert(RUNS).values(**_values(run)))


async def change(tx: Transaction, run: Run, *, seen: Run) -> bool:
    """Change a run if its state is still the one that was seen; return whether it was."""
    untouched = (RUNS.c.id == run.id, RUNS.c.state == seen.state)
    return await tx.execute(update(RUNS).where(*untouched).values(**_values(run))) == 1


async def find(tx: Transaction, run_id: str) -> Run | None:
    """Return a run, or None."""
    return await find_row(tx, select(RUNS).where(RUNS.c.id == run_id), _run)


async def find_by_job(tx: Transaction, job: str) -> Run | None:
    """Return the run that a job does, or None."""
    return await find_row(tx, select(RUNS).where(RUNS.c.job == job), _run)


async def page(tx: Transaction, request: ListRuns) -> Sequence[Run]:
    """Return one run more than a page holds, newest first."""
    query = select(RUNS).order_by(RUNS.c.id.desc()).limit(request.limit + 1)
    if request.after:
        query = query.where(RUNS.c.id < request.after)
    if request.state:
        query = query.where(RUNS.c.state == request.state)
    return [_run(row) for row in await tx.rows(query)]


def _values(run: Run) -> Mapping[str, Any]:
    values = values_of(run)
    return {**values, "scores": msgspec.json.encode(run.scores).decode()}


def _run(row: RowMapping) -> Run:
    values: dict[str, Any] = {name: row[name] for name in Run.__dataclass_fields__}
    values["scores"] = msgspec.json.decode(row["scores"], type=tuple[Score, ...])
    return Run(**values)
