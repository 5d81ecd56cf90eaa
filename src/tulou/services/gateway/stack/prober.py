"""Looks after replicas that refused a connection, by knocking: no request is spent on finding out."""

import asyncio

import structlog

from tulou.chassis.http.client import Client
from tulou.chassis.http.errors import HttpError
from tulou.services.gateway.stack.backend import Backend

log = structlog.get_logger()

KNOCK_S = 1.0


class Prober:
    """A replica that a later snapshot no longer mentions is let go of at its next look."""

    def __init__(self, client: Client, *, every_s: float) -> None:
        self._client = client
        self._every_s = every_s
        self._gone: set[Backend] = set()
        self._some = asyncio.Event()

    def watch(self, backend: Backend) -> None:
        """Find out when somebody listens there again, and say so in `backend.gone`."""
        self._gone.add(backend)
        self._some.set()

    async def run(self) -> None:
        """Knock until cancelled."""
        while True:
            await self._some.wait()
            await asyncio.sleep(self._every_s)
            self._gone = {backend for backend in self._gone if not backend.forgotten}
            await asyncio.gather(*(self._knock(backend) for backend in tuple(self._gone)))
            if not self._gone:
                self._some.clear()

    async def _knock(self, backend: Backend) -> None:
        try:
            await self._client.knock(backend.origin, within_s=KNOCK_S)
        except HttpError:
            return
        backend.gone = False
        self._gone.discard(backend)
        log.info("replica_back", replica=backend.replica.id, deployment=backend.replica.deployment)
