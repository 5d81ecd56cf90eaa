"""A worker without a model: serves HTTP, announces itself, and behaves as its deployment's options say.

`exit`: end with this code before serving; `start_ms`: how long loading takes; `work_ms`: how long a request takes.
"""

import asyncio
import json
import signal
import socket
import sys
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from tulou.chassis.clients import client_of
from tulou.chassis.transports import HttpTransport
from tulou.contracts.discovery.api import Discovery
from tulou.contracts.discovery.messages import Announce, Replica, ReplicaLoad
from tulou.http.server.server import serve
from tulou.kernel.context import as_house
from tulou.kernel.errors import ConflictError, TulouError
from tulou.testing.http import http_client

ANNOUNCE_S = 0.2


class Work:
    def __init__(self, spec: dict[str, object], milliseconds: float) -> None:
        self.running = 0
        self._spec = spec
        self._seconds = milliseconds / 1000

    async def answer(self, _: Request) -> JSONResponse:
        self.running += 1
        try:
            await asyncio.sleep(self._seconds)
            return JSONResponse({name: self._spec[name] for name in ("replica", "generation", "version")})
        finally:
            self.running -= 1


async def announce(discovery: Discovery, replica: Replica, work: Work, stop: asyncio.Event) -> None:
    while not stop.is_set():
        try:
            await discovery.announce(Announce(replica=replica, load=ReplicaLoad(running=work.running)))
        except ConflictError:
            stop.set()
        except TulouError:
            pass  # control is away; it will be back
        await asyncio.sleep(ANNOUNCE_S)


async def main(spec: dict[str, Any]) -> int:
    options = spec["options"]
    if "exit" in options:
        sys.stdout.write("this worker was told to end\n")
        return options["exit"]
    await asyncio.sleep(options.get("start_ms", 0) / 1000)
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    listener = socket.create_server(("127.0.0.1", 0))
    work = Work(spec, options.get("work_ms", 50))
    replica = Replica(
        id=spec["replica"],
        deployment=spec["deployment"],
        generation=spec["generation"],
        url=f"http://127.0.0.1:{listener.getsockname()[1]}",
    )
    async with http_client() as http:
        discovery = client_of(Discovery, HttpTransport(spec["control_url"], http, token=spec["control_token"]))
        announcing = asyncio.create_task(announce(discovery, replica, work, stop))
        await serve(Starlette(routes=[Route("/work", work.answer)]), [listener], stop=stop, drain_s=5)
        announcing.cancel()
    return 0


with as_house("a test"):
    sys.exit(asyncio.run(main(json.loads(Path(sys.argv[-1]).read_text()))))
