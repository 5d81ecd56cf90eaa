"""What a house does on its first start: the demo models, deployed.

Each part is done once and remembered in the blob store, so that what the owner deletes stays deleted; a part that was
cut short by a crash is taken up again by the next start. What is remembered holds for one database: a house that is
given a new one begins anew.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec
import structlog

from tulou.assembly.owner import TENANT
from tulou.contracts.identity.api import Identity
from tulou.contracts.identity.messages import NameTenant
from tulou.contracts.jobs.api import Jobs
from tulou.contracts.jobs.messages import NameJob
from tulou.contracts.registry.api import Registry
from tulou.contracts.registry.messages import ImportModel, NameModel
from tulou.contracts.serving.api import Serving
from tulou.contracts.serving.messages import DeploymentSpec
from tulou.kernel.errors import (
    ConflictError,
    DeadlineError,
    NotFoundError,
    TulouError,
    UnavailableError,
)
from tulou.kernel.message import message
from tulou.ports.blobs import Blobs

log = structlog.get_logger()

MEMORY = "house/first-start.json"
POLL_S = 0.1
AGAIN_S = 1.0
PATIENCE_S = 60.0
IMPORT_WITHIN_S = 300.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Seed:
    """A model that comes with the house: what finds it, and how it is served."""

    find: Callable[[], Path]
    description: str
    spec: DeploymentSpec


@message
class Remembered:
    """The seeds that were brought in once, and the database that this is about; empty in what older versions wrote."""

    seeds: frozenset[str] = frozenset()
    database: str = ""


@message
class FirstStartStatus:
    """How far the first start is; `failed` names seeds and why they could not be brought in."""

    done: bool
    seeds: tuple[str, ...]
    failed: tuple[str, ...]


class FirstStart:
    """Brings in the seeds in the background of a running house."""

    def __init__(
        self,
        registry: Registry,
        serving: Serving,
        jobs: Jobs,
        blobs: Blobs,
        *,
        identity: Identity,
        seeds: Sequence[Seed],
    ) -> None:
        self._registry = registry
        self._serving = serving
        self._jobs = jobs
        self._blobs = blobs
        self._identity = identity
        self._seeds = tuple(seeds)
        self._failed: dict[str, str] = {}
        self._done = not seeds

    def status(self) -> FirstStartStatus:
        """Say how far it is."""
        names = tuple(seed.spec.name for seed in self._seeds)
        failed = tuple(f"{name}: {why}" for name, why in self._failed.items())
        return FirstStartStatus(done=self._done, seeds=names, failed=failed)

    async def run(self) -> None:
        """Bring in what was never brought in before; a seed that fails does not hold up the others."""
        for seed in self._seeds:
            try:
                await self._patiently(seed)
            except TulouError as error:
                log.warning("seed_failed", model=seed.spec.model, error=str(error))
                self._failed[seed.spec.name] = str(error)
        self._done = True

    async def _patiently(self, seed: Seed) -> None:
        """Wait for what is away: the store, or another process of the house that starts at the same time."""
        loop = asyncio.get_running_loop()
        give_up = loop.time() + PATIENCE_S
        while True:
            try:
                return await self._once(seed)
            except UnavailableError as error:
                if loop.time() > give_up:
                    raise
                log.info("seed_waits", model=seed.spec.model, error=str(error))
            await asyncio.sleep(AGAIN_S)

    async def _once(self, seed: Seed) -> None:
        database = await self._database()
        remembered = await self._recall(database)
        if seed.spec.name not in remembered:
            await self._bring_in(seed)
            await self._remember(Remembered(seeds=remembered | {seed.spec.name}, database=database))

    async def _bring_in(self, seed: Seed) -> None:
        model = seed.spec.model
        try:
            await self._registry.model(NameModel(model=model))
        except NotFoundError:
            path = await asyncio.to_thread(seed.find)
            request = ImportModel(
                path=str(path), model=model, description=seed.description, aliases=(seed.spec.reference,)
            )
            await self._finished((await self._registry.import_model(request)).job)
        try:
            await self._serving.deploy(seed.spec)
        except ConflictError:
            log.info("seed_deployed_before", deployment=seed.spec.name)

    async def _finished(self, job: str) -> None:
        try:
            async with asyncio.timeout(IMPORT_WITHIN_S):
                while (found := await self._jobs.job(NameJob(id=job))).state in ("queued", "running"):  # noqa: ASYNC110 - it may be elsewhere
                    await asyncio.sleep(POLL_S)
        except TimeoutError as error:
            raise DeadlineError(f"the import, job {job}, has not ended in {IMPORT_WITHIN_S:.0f} s") from error
        if found.state != "succeeded":
            raise TulouError(found.error or f"the import was {found.state}")

    async def _database(self) -> str:
        """Return what tells this database from any other: when its first tenant was made."""
        return str((await self._identity.tenant(NameTenant(name=TENANT))).created_at)

    async def _recall(self, database: str) -> frozenset[str]:
        try:
            content = b"".join([chunk async for chunk in self._blobs.get(MEMORY)])
        except NotFoundError:
            return frozenset()
        known = msgspec.json.decode(content, type=Remembered | list[str])
        if isinstance(known, Remembered):
            return known.seeds if known.database == database else frozenset()
        return frozenset(known)

    async def _remember(self, known: Remembered) -> None:
        await self._blobs.put(MEMORY, _whole(msgspec.json.encode(known)))


async def _whole(content: bytes) -> AsyncIterator[bytes]:
    yield content
