"""A house with a control process that can be killed, and clients that keep asking its replicas."""

import asyncio
import contextlib
import os
import random
import signal
import socket
import sys
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

import httpx2
import psutil

from tests.integration.serving.control import TOKEN
from tulou.adapters.files.blobs import open_file_blobs
from tulou.chassis.clients import client_of
from tulou.chassis.transports import HttpTransport
from tulou.contracts.discovery.api import Discovery
from tulou.contracts.discovery.messages import Replica, WatchReplicas
from tulou.contracts.registry.api import Registry
from tulou.contracts.registry.messages import ArtifactFile, Facts, PublishVersion, Version
from tulou.contracts.serving.api import Serving
from tulou.contracts.serving.messages import Deployment, DeploymentSpec, NameDeployment, ReplicaStatus
from tulou.kernel.errors import NotFoundError, TulouError
from tulou.testing.eventually import eventually
from tulou.testing.http import http_client

ROOT = Path(__file__).parents[3]


class Drill:
    """One house; `start` and `kill` its control process as often as wanted."""

    def __init__(self, directory: Path, http: httpx2.AsyncClient) -> None:
        self.directory = directory
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._http = http
        transport = HttpTransport(self.url, http, token=TOKEN)
        self.serving = client_of(Serving, transport)
        self.registry = client_of(Registry, transport)
        self.discovery = client_of(Discovery, transport)
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        with (self.directory / "control.log").open("ab") as output:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "tests.integration.serving.control",
                str(self.directory),
                str(self._listener.fileno()),
                cwd=ROOT,
                pass_fds=[self._listener.fileno()],
                stdout=output,
                stderr=output,
            )
        await eventually(self._answers)

    async def kill(self, number: signal.Signals = signal.SIGKILL) -> None:
        assert self._process
        self._process.send_signal(number)
        await self._process.wait()

    async def close(self) -> None:
        if self._process and self._process.returncode is None:
            await self.kill()
        for worker in workers(self.directory):
            with contextlib.suppress(psutil.NoSuchProcess):
                worker.kill()
        self._listener.close()

    async def publish(self, content: bytes, model: str = "demo", *, aliases: tuple[str, ...] = ("stable",)) -> Version:
        digest = sha256(content).hexdigest()
        blob = f"models/sha256/{digest}"
        async with open_file_blobs(f"file://{self.directory}/blobs") as blobs:
            await blobs.put(blob, _once(content))
        file = ArtifactFile(name="model.gguf", digest=f"sha256:{digest}", size=len(content), blob=blob)
        facts = Facts(task="chat", format="gguf", architecture="llama", context_length=512)
        return await self.registry.publish(PublishVersion(model=model, facts=facts, files=(file,), aliases=aliases))

    async def deploy(self, replicas: int, **options: str | float | bool) -> Deployment:
        await self.publish(b"first")
        await self.serving.deploy(
            DeploymentSpec(name="demo", model="demo", replicas=replicas, options=options, start_deadline_s=30)
        )
        return await self.ready(replicas)

    async def deployment(self) -> Deployment:
        return await self.serving.deployment(NameDeployment(name="demo"))

    async def ready(self, replicas: int, *, generation: int = 1) -> Deployment:
        async def settled() -> Deployment:
            now = await self.deployment()
            fresh = [replica for replica in now.replicas if replica.generation == generation]
            done = now.state == "ready" and len(fresh) == len(now.replicas) == replicas
            assert done, f"{now.state}: {now.why}; {[(it.state, it.why) for it in now.replicas]}"
            return now

        return await eventually(settled)

    async def gone(self) -> None:
        async def unknown() -> bool:
            try:
                await self.deployment()
            except NotFoundError:
                return not workers(self.directory)
            return False

        await eventually(unknown)

    @asynccontextmanager
    async def load(self, clients: int = 6) -> AsyncGenerator["Load"]:
        """Ask the replicas all the time, as a gateway would: from the last set that discovery told."""
        load = Load(self.discovery, self._http)
        tasks = [asyncio.create_task(load.follow()), *(asyncio.create_task(load.ask()) for _ in range(clients))]
        await eventually(lambda: load.answered > 0)
        try:
            yield load
        finally:
            load.stop.set()
            await asyncio.gather(*tasks[1:])
            tasks[0].cancel()
            await asyncio.gather(tasks[0], return_exceptions=True)

    async def _answers(self) -> bool:
        try:
            await self.discovery.replicas(WatchReplicas())
        except TulouError:
            return False
        return True


@dataclass
class Load:
    """What became of requests: `failed` counts those that no replica answered, after one more try elsewhere."""

    discovery: Discovery
    http: httpx2.AsyncClient
    answered: int = 0
    failed: list[str] = field(default_factory=list[str])
    retried: int = 0
    by_replica: dict[str, int] = field(default_factory=dict[str, int])
    replicas: list[Replica] = field(default_factory=list[Replica])
    stop: asyncio.Event = field(default_factory=asyncio.Event)

    async def follow(self) -> None:
        while True:
            try:
                async for replicas in self.discovery.watch(WatchReplicas()):
                    ready = [live.replica for live in replicas.replicas if live.health == "ready"]
                    self.replicas = ready or self.replicas  # the last good set, as a gateway keeps its snapshot
            except TulouError:
                await asyncio.sleep(0.05)

    async def ask(self) -> None:
        while not self.stop.is_set():
            if self.replicas:
                await self._once()
            else:
                await asyncio.sleep(0.01)

    async def _once(self) -> None:
        last = ""
        first = random.choice(self.replicas)  # noqa: S311 - not a secret
        others = [replica for replica in self.replicas if replica.id != first.id] or [first]
        for replica in (first, random.choice(others)):  # noqa: S311 - not a secret
            try:
                reply = await self.http.get(f"{replica.url}/work", timeout=10)
                reply.raise_for_status()
            except httpx2.HTTPError as error:
                self.retried += 1
                last = f"{replica.id}: {type(error).__name__}"
                continue
            self.answered += 1
            self.by_replica[replica.id] = self.by_replica.get(replica.id, 0) + 1
            return
        self.failed.append(last)


@asynccontextmanager
async def drill_in(directory: Path) -> AsyncGenerator[Drill]:
    limits = httpx2.Limits(max_connections=200, max_keepalive_connections=0)  # a new connection for each request
    async with http_client(limits=limits) as http:
        drill = Drill(directory, http)
        try:
            await drill.start()
            yield drill
        finally:
            await drill.close()


def pid_of(replica: ReplicaStatus) -> int:
    return int(replica.place.rpartition("/")[2])


def pids(deployment: Deployment) -> set[int]:
    return {pid_of(replica) for replica in deployment.replicas}


def workers(directory: Path) -> list[psutil.Process]:
    """All processes of this house's workers, known to its control process or not."""
    found: list[psutil.Process] = []
    for process in psutil.process_iter(["cmdline", "status"]):
        arguments: list[str] = process.info["cmdline"] or []
        mine = any(argument.startswith(f"{directory}/run/workers/") for argument in arguments)
        if mine and process.info["status"] != psutil.STATUS_ZOMBIE:
            found.append(process)
    return found


def kill(replica: ReplicaStatus) -> None:
    os.kill(pid_of(replica), signal.SIGKILL)


async def _once(content: bytes) -> AsyncIterator[bytes]:
    yield content
