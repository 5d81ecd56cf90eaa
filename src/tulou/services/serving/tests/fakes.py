"""A registry with one model, and workers that take no time: for tests of what serving does with them."""

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace

from tulou.contracts.discovery.api import Discovery
from tulou.contracts.discovery.messages import Announce, Replica
from tulou.contracts.registry.messages import ArtifactFile, Facts, NameVersion, Verification, Version
from tulou.kernel.errors import ConflictError, InvalidError, NotFoundError, UnavailableError
from tulou.ports.launcher import WorkerRoom, WorkerSpec, WorkerStatus

FACTS = Facts(task="chat", format="gguf", architecture="llama", context_length=4096, quantization="Q8_0")


class OneModel:
    """As much of the registry as serving asks for; `versions` are the numbers that exist, the last one is stable."""

    def __init__(self, name: str = "demo", *, facts: Facts = FACTS, size: int = 1000) -> None:
        self.name = name
        self.facts = facts
        self.size = size
        self.versions = [1]
        self.problems: tuple[str, ...] = ()
        self.verified = 0

    async def resolve(self, request: NameVersion) -> Version:
        """Return a version."""
        number = self.versions[-1] if request.reference in ("stable", "latest") else int(request.reference)
        if request.model != self.name or number not in self.versions:
            raise NotFoundError(f"no model named {request.model!r}")
        file = ArtifactFile(name="model.gguf", digest="sha256:00", size=self.size, blob="models/00")
        return Version(
            model=self.name,
            number=number,
            digest=f"sha256:{number}",
            facts=self.facts,
            files=(file,),
            card="",
            lineage={},
            created_at=0,
            created_by="",
        )

    async def verify(self, request: NameVersion) -> Verification:
        """Return the problems there are."""
        self.verified += 1
        return Verification(
            model=request.model, version=int(request.reference), valid=not self.problems, problems=self.problems
        )


class PretendLauncher:
    """Workers announce themselves whenever they are looked at, and end as soon as they are asked to."""

    def __init__(self, discovery: Discovery, *, engines: tuple[str, ...] = ("llamacpp", "onnx")) -> None:
        self.workers: dict[str, WorkerStatus] = {}
        self.specs: list[WorkerSpec] = []
        self.memory = 1 << 40
        self.hangs = False
        self._engines = engines
        self._discovery = discovery
        self._ended = asyncio.Queue[WorkerStatus]()

    async def room(self) -> WorkerRoom:
        """Say how much room there is."""
        return WorkerRoom(memory=self.memory, cores=2, engines=self._engines)

    async def launch(self, spec: WorkerSpec) -> WorkerStatus:
        """Start a worker."""
        status = WorkerStatus(replica=spec.replica, deployment=spec.deployment, place="here/1", started_at=0)
        self.specs.append(spec)
        self.workers[spec.replica] = status
        return status

    async def stop(self, replica: str, *, grace_s: float) -> None:
        """End a worker, unless it hangs."""
        del grace_s
        if self.hangs:
            raise UnavailableError("the machine does not answer")
        if replica in self.workers:
            self.end(replica, 0)

    def end(self, replica: str, code: int, tail: str = "") -> None:
        """Let a worker end."""
        self.workers[replica] = replace(self.workers[replica], exit_code=code, tail=tail)
        self._ended.put_nowait(self.workers[replica])

    async def list(self) -> Sequence[WorkerStatus]:
        """Return all workers, once those that run have announced themselves."""
        for spec in self.specs:
            if self.workers[spec.replica].exit_code is None:
                await self._announce(spec)
        return list(self.workers.values())

    async def exits(self) -> AsyncGenerator[WorkerStatus]:
        """Yield workers as they end."""
        while True:
            yield await self._ended.get()

    async def close(self) -> None:
        """Let go."""

    async def _announce(self, spec: WorkerSpec) -> None:
        url = "http://127.0.0.1:1"
        replica = Replica(id=spec.replica, deployment=spec.deployment, generation=spec.generation, url=url)
        with suppress(ConflictError):
            await self._discovery.announce(Announce(replica=replica, ttl_s=3600))


class StatusProber:
    """Answers every probe with a status; 0 is no answer. `refuses` are texts in headers, each with its own status."""

    def __init__(self, status: int = 200) -> None:
        self.status = status
        self.refuses: dict[str, int] = {}
        self.asked: list[str] = []
        self.headers: Mapping[str, str] = {}
        self.body = b""

    async def read(self, url: str, *, headers: Mapping[str, str], timeout_s: float, at_most: int) -> bytes:
        """Return the body that a test gave."""
        status = await self.probe(url, headers=headers, timeout_s=timeout_s)
        if status != 200 or len(self.body) > at_most:
            raise UnavailableError(f"{url} answers with {status}")
        return self.body

    async def probe(self, url: str, *, headers: Mapping[str, str], timeout_s: float) -> int:
        """Return the status."""
        del timeout_s
        self.headers = headers
        self.asked.append(url)
        if self.status == 0:
            raise UnavailableError(f"no answer from {url}")
        shown = "\n".join(headers.values())
        return next((status for text, status in self.refuses.items() if text in shown), self.status)

    async def connect(self, url: str, *, timeout_s: float) -> None:
        """Return if there is an answer."""
        del timeout_s
        self.asked.append(f"connect {url}")
        if self.status == 0:
            raise UnavailableError(f"nobody listens at {url}")


class OneCredential:
    """Knows what `env://KEY` is."""

    async def reveal(self, reference: str) -> str:
        """Return the secret."""
        if reference != "env://KEY":
            raise InvalidError(f"{reference} is not set or empty")
        return "the-secret"
