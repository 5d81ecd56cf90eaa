"""Tulou's gateway as it is in a house, with a snapshot from a file: `python tulou_gate.py PORT SNAPSHOT DIRECTORY`."""

import asyncio
import signal
import socket
import sys
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import msgspec
import uvloop
from prometheus_client import CollectorRegistry

from tulou.chassis.collector import calm_collector
from tulou.chassis.house import House
from tulou.chassis.provided import Provided
from tulou.chassis.telemetry.logs import open_logs
from tulou.chassis.telemetry.traces import Tracing
from tulou.contracts.limits.messages import LeaseShares, Limit, Share, Shares
from tulou.contracts.metering.api import Metering
from tulou.contracts.metering.messages import Ingested, IngestEntries
from tulou.contracts.responses.api import Responses
from tulou.contracts.routing.api import Routing
from tulou.contracts.routing.messages import Snapshot, Update, WatchSnapshot
from tulou.contracts.upstreams.api import Upstreams
from tulou.http.server.server import serve
from tulou.kernel.clock import Clock, SystemClock
from tulou.ports.allowances import Allowances
from tulou.rules.routing.ring import whole
from tulou.services.gateway.component import build
from tulou.services.gateway.http.app import build_app
from tulou.services.gateway.settings import GatewaySettings


class OneSnapshot:
    """Says the same snapshot for ever."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot

    async def watch(self, request: WatchSnapshot) -> AsyncIterator[Update]:
        """Yield it, and wait."""
        del request
        yield whole(self._snapshot)
        await asyncio.Event().wait()


class TakesAll:
    """The services that a gateway tells of what was used: they take everything, and grant all that is asked."""

    async def ingest(self, request: IngestEntries) -> Ingested:
        """Take entries."""
        return Ingested(new=len(request.entries), known=0)

    async def lease(self, request: LeaseShares, limits: Mapping[str, Limit]) -> Shares:
        """Grant what is asked."""
        return Shares(
            items=tuple(
                Share(
                    limit=ask.limit,
                    subject=ask.subject,
                    lease=request.told,
                    granted=ask.keep + ask.want,
                    until=4e9,
                    left=int(limits[ask.limit].amount) if ask.limit in limits else ask.want,
                    resets_at=4e9,
                )
                for ask in request.asks
            )
        )


async def main(port: int, snapshot: Snapshot, directory: Path) -> None:
    """Serve until asked to stop."""
    house = House(name="bench", directory=directory, control_url="http://127.0.0.1:9", token="", blobs="", process="g0")
    open_logs(house.log, process="g0")
    things: dict[type[Any], object] = {
        House: house,
        Clock: SystemClock(),
        CollectorRegistry: CollectorRegistry(),
        GatewaySettings: GatewaySettings(),
        Routing: OneSnapshot(snapshot),
        Tracing: Tracing(),
        Metering: TakesAll(),
        Allowances: TakesAll(),
        Responses: TakesAll(),
        Upstreams: TakesAll(),
    }
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    async with build(Provided(things)) as service:
        calm_collector()
        await serve(build_app(service), [socket.create_server(("127.0.0.1", port), backlog=2048)], stop=stop, drain_s=1)


if __name__ == "__main__":
    said = msgspec.json.decode(Path(sys.argv[2]).read_bytes(), type=Snapshot)
    uvloop.run(main(int(sys.argv[1]), said, Path(sys.argv[3])))
