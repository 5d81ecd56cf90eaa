"""All SQL of the jobs service.

No statement needs `RETURNING` or `SKIP LOCKED`: a claim is an UPDATE that also names the lease it read, so that of two
runners who saw the same job one touches no row. This holds on every dialect.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from sqlalchemy import (
    Boolean,
    Column,
    Float,
    Index,
    Integer,
    MetaData,
    RowMapping,
    String,
    Table,
    Text,
    UniqueConstraint,
    delete,
    func,
    insert,
    or_,
    select,
    update,
)

from tulou.chassis import upserts
from tulou.chassis.actors import actor_from
from tulou.chassis.rows import count_rows, find_row, read_as, values_of
from tulou.contracts.jobs.messages import Job, ListJobs
from tulou.ports.database import Transaction
from tulou.services.jobs.domain import ACTIVE, FINISHED, QueuedJob

METADATA = MetaData()

JOBS = Table(
    "jobs_jobs",
    METADATA,
    Column("id", String(64), primary_key=True),
    Column("kind", String(100), nullable=False),
    Column("payload", Text, nullable=False),
    Column("state", String(16), nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("progress", Float, nullable=False),
    Column("note", String(500), nullable=False),
    Column("result", Text, nullable=False),
    Column("error", Text, nullable=False),
    Column("created_at", Float, nullable=False),
    Column("started_at", Float),
    Column("finished_at", Float),
    Column("created_by", String(128), nullable=False),
    Column("cancelling", Boolean, nullable=False),
    Column("runner", String(128), nullable=False),
    Column("lease", String(64), nullable=False),
    Column("lease_s", Float, nullable=False),
    Column("due_at", Float, nullable=False),
    Column("deadline_at", Float, nullable=False),
    Column("active_key", String(255)),
    Column("actor", Text, nullable=False, server_default=""),
    UniqueConstraint("active_key", name="jobs_jobs_active_key"),
    Index("jobs_jobs_due", "state", "due_at"),
    Index("jobs_jobs_finished", "state", "finished_at"),
)
"""`active_key` is kind and dedup key while the job is active and NULL after, so the index itself refuses doubles."""

STEPS = Table(
    "jobs_steps",
    METADATA,
    Column("job", String(64), primary_key=True),
    Column("step", String(200), primary_key=True),
    Column("value", Text, nullable=False),
)


async def add(tx: Transaction, held: QueuedJob, *, active_key: str | None) -> None:
    """Insert a job; raise `ConflictError` while another one has the same active key."""
    job = held.job
    await tx.execute(
        insert(JOBS).values(
            **values_of(job),
            runner="",
            lease=held.lease,
            lease_s=held.lease_s,
            due_at=held.due_at,
            deadline_at=held.deadline_at,
            active_key=active_key,
            actor=msgspec.json.encode(held.actor).decode() if held.actor else "",
        )
    )


async def find(tx: Transaction, job_id: str) -> QueuedJob | None:
    """Return a job, or None."""
    return await find_row(tx, select(JOBS).where(JOBS.c.id == job_id), _held)


async def hold(tx: Transaction, job_id: str) -> QueuedJob | None:
    """Return a job that nobody else changes until this transaction ends, or None.

    Written, as it is, before it is read: that is a lock on every database.
    """
    await tx.execute(update(JOBS).where(JOBS.c.id == job_id).values(runner=JOBS.c.runner))
    return await find(tx, job_id)


async def find_active(tx: Transaction, active_key: str) -> Job | None:
    """Return the job that has an active key now, or None."""
    rows = await tx.rows(select(JOBS).where(JOBS.c.active_key == active_key))
    return _held(rows[0]).job if rows else None


async def page(tx: Transaction, request: ListJobs) -> Sequence[Job]:
    """Return one job more than a page holds, newest first."""
    query = select(JOBS).order_by(JOBS.c.id.desc()).limit(request.limit + 1)
    if request.after:
        query = query.where(JOBS.c.id < request.after)
    if request.kind:
        query = query.where(JOBS.c.kind == request.kind)
    if request.state:
        query = query.where(JOBS.c.state == request.state)
    return [_held(row).job for row in await tx.rows(query)]


async def due(tx: Transaction, kinds: Sequence[str], *, now: float, limit: int) -> Sequence[QueuedJob]:
    """Return jobs that wait, or whose lease has run out, the oldest first."""
    query = (
        select(JOBS)
        .where(JOBS.c.state.in_(ACTIVE), JOBS.c.kind.in_(kinds), JOBS.c.due_at <= now)
        .order_by(JOBS.c.created_at, JOBS.c.id)
        .limit(limit)
    )
    return [_held(row) for row in await tx.rows(query)]


async def next_due(tx: Transaction, kinds: Sequence[str]) -> float | None:
    """Return when the next job of these kinds may be taken, or None."""
    query = select(func.min(JOBS.c.due_at).label("at")).where(JOBS.c.state.in_(ACTIVE), JOBS.c.kind.in_(kinds))
    return (await tx.rows(query))[0]["at"]


async def hopeless(tx: Transaction, *, now: float, limit: int) -> Sequence[QueuedJob]:
    """Return jobs that are past their deadline or cancelled, and that no living runner holds."""
    ended = or_(JOBS.c.deadline_at <= now, JOBS.c.cancelling)
    free = or_(JOBS.c.due_at <= now, JOBS.c.state == "queued")
    query = select(JOBS).where(JOBS.c.state.in_(ACTIVE), ended, free).order_by(JOBS.c.deadline_at).limit(limit)
    return [_held(row) for row in await tx.rows(query)]


async def change(tx: Transaction, held: QueuedJob, values: Mapping[str, Any]) -> bool:
    """Change a job if its state and lease are still as they were read; return whether they were."""
    untouched = (JOBS.c.id == held.job.id, JOBS.c.state == held.job.state, JOBS.c.lease == held.lease)
    return await tx.execute(update(JOBS).where(*untouched).values(**values)) == 1


async def count_active(tx: Transaction) -> int:
    """Return how many jobs are queued or running."""
    return await count_rows(tx, JOBS, JOBS.c.state.in_(ACTIVE))


async def steps(tx: Transaction, job_id: str) -> tuple[tuple[str, str], ...]:
    """Return the steps recorded for a job."""
    rows = await tx.rows(select(STEPS.c.step, STEPS.c.value).where(STEPS.c.job == job_id).order_by(STEPS.c.step))
    return tuple((row["step"], row["value"]) for row in rows)


async def put_step(tx: Transaction, job_id: str, step: str, value: str) -> None:
    """Keep a step; the last word about it counts."""
    await upserts.put(tx, STEPS, {"job": job_id, "step": step, "value": value})


async def count_steps(tx: Transaction, job_id: str) -> int:
    """Return how many steps a job has recorded."""
    return await count_rows(tx, STEPS, STEPS.c.job == job_id)


async def forgettable(tx: Transaction, *, before: float, keep: int, limit: int) -> Sequence[str]:
    """Return finished jobs that ended before a time, or that `keep` newer ones push out."""
    newest = select(JOBS.c.id).where(JOBS.c.state.in_(FINISHED)).order_by(JOBS.c.finished_at.desc(), JOBS.c.id.desc())
    old = select(JOBS.c.id).where(JOBS.c.state.in_(FINISHED), JOBS.c.finished_at < before).limit(limit)
    surplus = await tx.rows(newest.offset(keep).limit(limit))
    return [row["id"] for row in (*surplus, *await tx.rows(old))]


async def forget(tx: Transaction, ids: Sequence[str]) -> None:
    """Remove jobs and their steps."""
    await tx.execute(delete(STEPS).where(STEPS.c.job.in_(ids)))
    await tx.execute(delete(JOBS).where(JOBS.c.id.in_(ids)))


def _held(row: RowMapping) -> QueuedJob:
    job = read_as(Job, row)
    return QueuedJob(
        job=job,
        actor=actor_from(row["actor"]),
        lease=row["lease"],
        lease_s=row["lease_s"],
        due_at=row["due_at"],
        deadline_at=row["deadline_at"],
    )
