"""All SQL of the serving service."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields

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
    delete,
    insert,
    select,
    update,
)

from tulou.chassis.outbox import Outbox
from tulou.contracts.serving.events import (
    DEPLOYMENT_CHANGED,
    DEPLOYMENT_DELETED,
    DeploymentChanged,
    DeploymentDeleted,
)
from tulou.contracts.serving.messages import DeploymentSpec
from tulou.kernel.errors import ConflictError
from tulou.ports.database import Database, Transaction
from tulou.services.serving.domain.plans import Artifact, StoredDeployment
from tulou.services.serving.domain.values import KeptReplica
from tulou.services.serving.domain.verdict import Verdict

METADATA = MetaData()

DEPLOYMENTS = Table(
    "serving_deployments",
    METADATA,
    Column("name", String(64), primary_key=True),
    Column("spec", Text, nullable=False),
    Column("model", String(200), nullable=False),
    Column("reference", String(200), nullable=False),
    Column("generation", Integer, nullable=False),
    Column("artifact", Text, nullable=False),
    Column("deleting", Boolean, nullable=False),
    Column("state", String(16), nullable=False),
    Column("why", Text, nullable=False),
    Column("since", Float, nullable=False),
    Column("created_at", Float, nullable=False),
)

REPLICAS = Table(
    "serving_replicas",
    METADATA,
    Column("id", String(64), primary_key=True),
    Column("deployment", String(64), nullable=False),
    Column("generation", Integer, nullable=False),
    Column("version", Integer, nullable=False),
    Column("engine", String(64), nullable=False),
    Column("state", String(16), nullable=False),
    Column("why", Text, nullable=False),
    Column("since", Float, nullable=False),
    Column("deadline", Float),
    Column("slot", Integer, nullable=False),
    Column("restarts", Integer, nullable=False),
    Column("outdated", Boolean, nullable=False),
    Index("serving_replicas_deployment", "deployment"),
)

_KEPT = tuple(item.name for item in fields(KeptReplica))
_MOVING = ("state", "why", "since", "deadline", "restarts")


class DeploymentStore:
    """Deployments and replicas, with the facts about them."""

    def __init__(self, database: Database, outbox: Outbox) -> None:
        self._database = database
        self._outbox = outbox

    async def find(self, name: str) -> StoredDeployment | None:
        """Return a deployment, or None."""
        async with self._database.reading() as tx:
            rows = await tx.rows(select(DEPLOYMENTS).where(DEPLOYMENTS.c.name == name))
        return _stored(rows[0]) if rows else None

    async def deployments(self) -> Sequence[StoredDeployment]:
        """Return all deployments in the order of their names."""
        async with self._database.reading() as tx:
            return [_stored(row) for row in await tx.rows(select(DEPLOYMENTS).order_by(DEPLOYMENTS.c.name))]

    async def following(self, model: str, reference: str) -> Sequence[StoredDeployment]:
        """Return the deployments that follow an alias."""
        followed = (DEPLOYMENTS.c.model == model, DEPLOYMENTS.c.reference == reference)
        async with self._database.reading() as tx:
            rows = await tx.rows(select(DEPLOYMENTS).where(*followed).order_by(DEPLOYMENTS.c.name))
        return [_stored(row) for row in rows]

    async def add(self, stored: StoredDeployment) -> None:
        """Keep a new deployment; raise `ConflictError` for a taken name."""
        async with self._database.transaction() as tx:
            if await tx.rows(select(DEPLOYMENTS.c.name).where(DEPLOYMENTS.c.name == stored.spec.name)):
                raise ConflictError(f"deployment {stored.spec.name!r} exists; change or delete it", param="name")
            await tx.execute(insert(DEPLOYMENTS).values(**_row(stored)))
            await self._tell(tx, stored)

    async def change(self, stored: StoredDeployment, *, seen: int) -> None:
        """Keep a deployment's new spec; raise `ConflictError` if it is not at the generation that was seen any more."""
        same = (
            DEPLOYMENTS.c.name == stored.spec.name,
            DEPLOYMENTS.c.generation == seen,
            DEPLOYMENTS.c.deleting.is_(False),
        )
        row = _row(stored)
        values = {name: row[name] for name in ("spec", "model", "reference", "generation", "artifact", "deleting")}
        async with self._database.transaction() as tx:
            if not await tx.execute(update(DEPLOYMENTS).where(*same).values(**values)):
                raise ConflictError(f"deployment {stored.spec.name!r} has changed, or is being deleted; look again")
            await self._tell(tx, stored)

    async def judge(self, stored: StoredDeployment, verdict: Verdict, *, now: float) -> None:
        """Keep how a deployment stands; `since` is when it came into that state, whatever was said of it since."""
        state, why = verdict
        values = {"state": state, "why": why, "since": stored.since if state == stored.state else now}
        async with self._database.transaction() as tx:
            await tx.execute(update(DEPLOYMENTS).where(DEPLOYMENTS.c.name == stored.spec.name).values(**values))

    async def remove(self, name: str) -> bool:
        """Forget a deployment and all its replicas; return whether there was one."""
        async with self._database.transaction() as tx:
            await tx.execute(delete(REPLICAS).where(REPLICAS.c.deployment == name))
            if not await tx.execute(delete(DEPLOYMENTS).where(DEPLOYMENTS.c.name == name)):
                return False
            await self._outbox.add(tx, DEPLOYMENT_DELETED, DeploymentDeleted(name=name))
        return True

    async def replicas(self, deployment: str = "") -> Sequence[KeptReplica]:
        """Return the replicas of a deployment, or all, in the order in which they were made."""
        query = select(REPLICAS).order_by(REPLICAS.c.id)
        if deployment:
            query = query.where(REPLICAS.c.deployment == deployment)
        async with self._database.reading() as tx:
            return [KeptReplica(**{name: row[name] for name in _KEPT}) for row in await tx.rows(query)]

    async def outdate(self, replica: str) -> None:
        """Ask for another replica in the place of this one."""
        async with self._database.transaction() as tx:
            await tx.execute(update(REPLICAS).where(REPLICAS.c.id == replica).values(outdated=True))

    async def apply(
        self, *, moved: Iterable[KeptReplica], made: Iterable[KeptReplica], forgotten: Sequence[str]
    ) -> None:
        """Keep all that one look at the world led to, or nothing of it."""
        async with self._database.transaction() as tx:
            for kept in moved:
                values = {name: getattr(kept, name) for name in _MOVING}
                await tx.execute(update(REPLICAS).where(REPLICAS.c.id == kept.id).values(**values))
            if forgotten:
                await tx.execute(delete(REPLICAS).where(REPLICAS.c.id.in_(forgotten)))
            for kept in made:
                await tx.execute(insert(REPLICAS).values(**{name: getattr(kept, name) for name in _KEPT}))

    async def retry_hopeless(self, *, now: float) -> None:
        """Let replicas that were given up have one more try: what was missing may be there after a restart."""
        given_up = (REPLICAS.c.state == "failed", REPLICAS.c.deadline.is_(None))
        async with self._database.transaction() as tx:
            await tx.execute(update(REPLICAS).where(*given_up).values(deadline=now))

    async def _tell(self, tx: Transaction, stored: StoredDeployment) -> None:
        fact = DeploymentChanged(name=stored.spec.name, generation=stored.generation)
        await self._outbox.add(tx, DEPLOYMENT_CHANGED, fact)


def _row(stored: StoredDeployment) -> Mapping[str, object]:
    return {
        "name": stored.spec.name,
        "spec": msgspec.json.encode(stored.spec).decode(),
        "model": stored.spec.model,
        "reference": stored.spec.reference,
        "generation": stored.generation,
        "artifact": msgspec.json.encode(stored.artifact).decode(),
        "deleting": stored.deleting,
        "state": stored.state,
        "why": stored.why,
        "since": stored.since,
        "created_at": stored.created_at,
    }


def _stored(row: RowMapping) -> StoredDeployment:
    return StoredDeployment(
        spec=msgspec.json.decode(row["spec"], type=DeploymentSpec),
        generation=row["generation"],
        artifact=msgspec.json.decode(row["artifact"], type=Artifact),
        deleting=row["deleting"],
        state=row["state"],
        why=row["why"],
        since=row["since"],
        created_at=row["created_at"],
    )
