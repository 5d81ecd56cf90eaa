"""Control with nothing but metering: `python -m tests.integration.ledger.control DATABASE PORT`."""

import asyncio
import socket
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from prometheus_client import CollectorRegistry
from starlette.applications import Starlette

from tests.integration.ledger.entries import TOKEN
from tulou.adapters.sql.postgres import open_postgres
from tulou.adapters.sql.sqlite import open_sqlite
from tulou.chassis.hosting import rpc_routes
from tulou.chassis.outbox import MIGRATIONS, Outbox
from tulou.chassis.provided import Provided
from tulou.contracts.jobs.api import Jobs
from tulou.http.server.server import serve
from tulou.kernel.clock import Clock, SystemClock
from tulou.kernel.context import as_house
from tulou.ports.database import Database
from tulou.services.metering.component import COMPONENT
from tulou.services.metering.settings import MeteringSettings


async def serve_control(url: str, port: int) -> None:
    """Ingest until killed, or until standard input is closed."""
    listener, stop = socket.create_server(("127.0.0.1", port), backlog=512), asyncio.Event()
    async with open_database(url) as database:
        await database.migrate([MIGRATIONS, COMPONENT.migrations])
        async with COMPONENT.build(provided(database)) as service:
            app = Starlette(routes=rpc_routes(COMPONENT, service, token=TOKEN))
            serving = asyncio.create_task(serve(app, [listener], stop=stop, drain_s=1.0))
            await asyncio.to_thread(sys.stdin.buffer.read)
            stop.set()
            await serving


def provided(database: Database) -> Provided:
    """Return what metering is built from."""
    clock = SystemClock()
    things: dict[type, object] = {
        Database: database,
        Outbox: Outbox(database, clock=clock),
        Clock: clock,
        Jobs: None,  # nobody recomputes in a drill
        CollectorRegistry: CollectorRegistry(),
        MeteringSettings: MeteringSettings(),
    }
    return Provided(things)


@asynccontextmanager
async def open_database(url: str) -> AsyncGenerator[Database]:
    """Open a database of either kind."""
    opener = open_postgres if url.startswith("postgresql") else open_sqlite
    async with opener(url) as database:
        yield database


if __name__ == "__main__":
    with as_house("a test"):
        asyncio.run(serve_control(sys.argv[1], int(sys.argv[2])))
