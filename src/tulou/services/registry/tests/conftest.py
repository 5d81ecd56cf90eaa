"""The registry in a small house, with a list in the place of the queue."""

from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from hashlib import sha256

import pytest

from tulou.chassis.artifact_files import blob_key
from tulou.chassis.clients import client_of
from tulou.chassis.job_folders import JobFolders
from tulou.chassis.transports import WireTransport
from tulou.contracts.jobs.api import Jobs
from tulou.contracts.jobs.messages import EnqueueJob, Job
from tulou.contracts.registry.messages import ArtifactFile, Facts, PublishVersion
from tulou.services.registry.importing import Importer
from tulou.services.registry.service import RegistryService
from tulou.services.registry.settings import RegistrySettings
from tulou.services.registry.signing import Signer
from tulou.services.registry.tests.fakes import CopyingConverter, CopyingExporter
from tulou.testing.house import SmallHouse, open_house

FACTS = Facts(task="chat", format="gguf", architecture="llama")


@pytest.fixture
async def house() -> AsyncGenerator[SmallHouse]:
    async with open_house("tulou.services.registry.migrations") as opened:
        yield opened


@pytest.fixture
async def registry(house: SmallHouse) -> RegistryService:
    return await registry_of(house, jobs=Listed().client())


class Listed:
    """Keeps what was enqueued, as the queue would for one model at a time."""

    def __init__(self) -> None:
        self.requests: list[EnqueueJob] = []

    def client(self) -> Jobs:
        return client_of(Jobs, WireTransport({"jobs.enqueue": self._enqueue}))

    async def _enqueue(self, request: EnqueueJob) -> Job:
        first = next((kept for kept in self.requests if kept.dedup_key == request.dedup_key), None)
        self.requests += [] if first else [request]
        return job(first or request)


def job(request: EnqueueJob) -> Job:
    """Return a job that waits."""
    return Job(
        id="job_1",
        kind=request.kind,
        payload=request.payload,
        state="queued",
        attempt=1,
        attempts=request.attempts,
        progress=0,
        note="",
        result="null",
        error="",
        created_at=0,
        started_at=None,
        finished_at=None,
    )


async def registry_of(
    house: SmallHouse,
    *,
    jobs: Jobs,
    settings: RegistrySettings | None = None,
    converter: CopyingConverter | None = None,
) -> RegistryService:
    """Return the registry of a house."""
    return RegistryService(
        house.database,
        house.outbox,
        blobs=house.blobs,
        signer=await Signer.of(house.secrets),
        jobs=jobs,
        clock=house.clock,
        importer=Importer(
            house.blobs,
            converter=converter or CopyingConverter(),
            exporter=CopyingExporter(),
            folders=JobFolders(house.directory / "imports"),
            settings=settings or RegistrySettings(),
        ),
    )


async def stored(house: SmallHouse, contents: Mapping[str, bytes]) -> tuple[ArtifactFile, ...]:
    """Put files into the blob store, and return them as a publication names them."""
    files: list[ArtifactFile] = []
    for name, content in contents.items():
        digest = f"sha256:{sha256(content).hexdigest()}"
        await house.blobs.put(blob_key(digest), pieces(content))
        files.append(ArtifactFile(name=name, digest=digest, size=len(content), blob=blob_key(digest)))
    return tuple(files)


async def pieces(content: bytes) -> AsyncIterator[bytes]:
    """Yield a content in two pieces."""
    yield content[:3]
    yield content[3:]


async def publication(
    house: SmallHouse, content: bytes = b"weights", *, model: str = "demo", aliases: tuple[str, ...] = ("stable",)
) -> PublishVersion:
    """Return a request to publish one file, which lies in the blob store."""
    files = await stored(house, {"model.gguf": content})
    return PublishVersion(model=model, facts=FACTS, files=files, card="# Demo", aliases=aliases)
