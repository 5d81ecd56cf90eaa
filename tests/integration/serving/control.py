"""The traffic services in a process that can be killed: real SQLite, files and workers.

`python -m tests.integration.serving.control DIRECTORY FD`, where FD is the listening socket that its parent keeps.
"""

import asyncio
import os
import signal
import socket
import sys
from collections.abc import AsyncGenerator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

from prometheus_client import CollectorRegistry
from starlette.applications import Starlette
from starlette.routing import Route

from tulou.adapters.credentials.references import References
from tulou.adapters.files.blobs import open_file_blobs
from tulou.adapters.files.secrets import open_file_secrets
from tulou.adapters.http.prober import open_prober
from tulou.adapters.memory.events import MemoryEvents
from tulou.adapters.process.launcher import open_launcher
from tulou.adapters.process.settings import LocalSettings
from tulou.adapters.sql.sqlite import open_sqlite
from tulou.chassis.component import Component
from tulou.chassis.hosting import rpc_routes
from tulou.chassis.house import House
from tulou.chassis.outbox import MIGRATIONS, Outbox
from tulou.chassis.provided import Provided
from tulou.chassis.vault import Vault
from tulou.http.server.server import serve
from tulou.kernel.clock import Clock, SystemClock
from tulou.kernel.context import as_house
from tulou.ports.blobs import Blobs
from tulou.ports.converter import Converter
from tulou.ports.credentials import Credentials
from tulou.ports.database import Database
from tulou.ports.events import Events
from tulou.ports.exporter import Exporter
from tulou.ports.launcher import Launcher
from tulou.ports.prober import Prober
from tulou.ports.secrets import Secrets
from tulou.ports.token_endpoint import TokenEndpoint
from tulou.services.discovery.component import COMPONENT as DISCOVERY
from tulou.services.discovery.settings import DiscoverySettings
from tulou.services.jobs.component import COMPONENT as JOBS
from tulou.services.jobs.settings import JobsSettings
from tulou.services.registry.component import COMPONENT as REGISTRY
from tulou.services.registry.settings import RegistrySettings
from tulou.services.registry.tests.fakes import CopyingConverter, CopyingExporter
from tulou.services.serving.component import COMPONENT as SERVING
from tulou.services.serving.settings import ServingSettings
from tulou.services.upstreams.component import COMPONENT as UPSTREAMS
from tulou.services.upstreams.settings import UpstreamsSettings
from tulou.testing.memory.master_key import MemoryMasterKey
from tulou.testing.tokens import NoTokens

COMPONENTS = (JOBS, REGISTRY, DISCOVERY, UPSTREAMS, SERVING)
TOKEN = "drill"
WORKER = Path(__file__).with_name("worker.py")
SERVING_SETTINGS = ServingSettings(probe_s=0.3, probe_backoff_s=0.1, probe_timeout_s=1.0, verified_s=0.0)


@asynccontextmanager
async def ports(directory: Path, url: str) -> AsyncGenerator[dict[type[Any], object]]:
    clock = SystemClock()
    events = MemoryEvents(clock=clock)
    local = LocalSettings(
        command=(sys.executable, str(WORKER)),
        directory=directory / "run" / "workers",
        logs=directory / "log",
        environment=dict(os.environ),
    )
    async with AsyncExitStack() as stack:
        database = await stack.enter_async_context(open_sqlite(f"sqlite:///{directory}/tulou.db"))
        migrations = [component.migrations for component in COMPONENTS if component.migrations]
        await database.migrate([MIGRATIONS, *migrations])
        secrets = await stack.enter_async_context(open_file_secrets(f"file://{directory}/secrets"))
        blobs = f"file://{directory}/blobs"
        yield {
            Clock: clock,
            Database: database,
            Events: events,
            Secrets: secrets,
            Blobs: await stack.enter_async_context(open_file_blobs(blobs)),
            Outbox: Outbox(database, clock=clock),
            House: House(name="drill", directory=directory, control_url=url, token=TOKEN, blobs=blobs),
            Launcher: await stack.enter_async_context(open_launcher(local, clock=clock)),
            Prober: await stack.enter_async_context(open_prober()),
            Credentials: References(secrets, os.environ, directory=directory),
            Converter: CopyingConverter(),
            Exporter: CopyingExporter(),
            CollectorRegistry: CollectorRegistry(),
            JobsSettings: JobsSettings(),
            RegistrySettings: RegistrySettings(),
            DiscoverySettings: DiscoverySettings(),
            ServingSettings: SERVING_SETTINGS,
            UpstreamsSettings: UpstreamsSettings(),
            Vault: Vault(MemoryMasterKey()),
            TokenEndpoint: NoTokens(),
        }


async def deliver(component: Component, service: object, events: Events) -> None:
    assert component.handlers
    handlers = component.handlers(service)
    async with events.subscribe(list(component.topics), group=component.name) as deliveries:
        async for delivery in deliveries:
            await component.topics[delivery.fact.topic](handlers, delivery.fact)
            await delivery.ack()


async def main(directory: Path, fd: int) -> None:
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    listener = socket.socket(fileno=fd)
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    async with ports(directory, url) as things, AsyncExitStack() as stack:
        provided: dict[type[Any], object] = dict(things)
        routes: list[Route] = []
        for component in COMPONENTS:
            service = await stack.enter_async_context(component.build(Provided(provided)))
            provided[component.contract] = service
            routes += rpc_routes(component, service, token=TOKEN)
        await run(Starlette(routes=routes), listener, stop, provided)


async def run(app: Starlette, listener: socket.socket, stop: asyncio.Event, provided: Mapping[type[Any], Any]) -> None:
    async with asyncio.TaskGroup() as group:
        background = [
            group.create_task(provided[Outbox].relay(provided[Events])),
            group.create_task(deliver(SERVING, provided[SERVING.contract], provided[Events])),
        ]
        await serve(app, [listener], stop=stop, drain_s=1)
        for task in background:
            task.cancel()


if __name__ == "__main__":
    with as_house("a test"):
        asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2])))
