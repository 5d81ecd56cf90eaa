"""Looks after replicas that refused a connection, by knocking: no request is spent on finding out."""

import asyncio

import structlog

from tulou.chassis.http.client import Client
from tulou.chassis.http.errors import HttpError
from tulou.chassis.http.origin import Origin
from tulou.services.gateway.stack.backend import Backend

log = structlog.get_logger()

KNOCK_S = 1.0
MOST = 1_024
"""Backends that are looked after at a time: those of models whose names somebody makes up are no end of them."""


class BackendProber:
    """A replica that a later snapshot no longer mentions is let go of at its next look."""

    def __init__(self, client: Client, *, every_s: float) -> None:
        self._client = client
        self._every_s = every_s
        self._gone: set[Backend] = set()
        self._some = asyncio.Event()

    def watch(self, backend: Backend) -> None:
        """Find out when somebody listens there again, and say so in `backend.gone`."""
        if backend not in self._gone and len(self._gone) >= MOST:
            self._gone.pop().gone = False  # whoever asks it next finds out
        self._gone.add(backend)
        self._some.set()

    async def run(self) -> None:
        """Knock until cancelled."""
        while True:
            await self._some.wait()
            await asyncio.sleep(self._every_s)
            self._gone = {backend for backend in self._gone if not backend.forgotten}
            origins = {backend.origin for backend in self._gone}
            await asyncio.gather(*(self._knock(origin) for origin in origins))
            if not self._gone:
                self._some.clear()

    async def _knock(self, origin: Origin) -> None:
        try:
            await self._client.knock(origin, within_s=KNOCK_S)
        except HttpError:
            return
        back = {backend for backend in self._gone if backend.origin == origin}
        self._gone -= back
        for backend in back:
            backend.gone = False
        for replica, deployment in {(one.replica.id, one.replica.deployment) for one in back}:
            log.info("replica_back", replica=replica, deployment=deployment)
