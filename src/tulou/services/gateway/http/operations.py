"""What those who run the house ask: /healthz, /readyz, /metrics, /version."""

from starlette.types import Send

from tulou import __version__
from tulou.services.gateway.http.reply import reply, reply_json
from tulou.services.gateway.service import GatewayService


class Operations:
    """Needs no key: nothing here says more than that the house lives and how busy it is."""

    def __init__(self, service: GatewayService) -> None:
        self._service = service

    async def health(self, send: Send) -> None:
        """Say that the process lives."""
        await reply_json(send, {"status": "ok"})

    async def ready(self, send: Send) -> None:
        """Say whether requests can be answered: after the first snapshot, until the process drains."""
        plan = self._service.live.plan
        state = "draining" if self._service.draining else "ready" if plan else "waiting for the first snapshot"
        said = {"status": state, "revision": plan.revision if plan else None}
        await reply_json(send, said, status=200 if state == "ready" else 503)

    async def metrics(self, send: Send) -> None:
        """Send the metrics of all gateway processes of this host."""
        text = await self._service.siblings.text()
        await reply(send, 200, [(b"content-type", b"text/plain; version=0.0.4; charset=utf-8")], text.encode())

    async def version(self, send: Send) -> None:
        """Say what runs here."""
        await reply_json(send, {"name": "tulou", "version": __version__, "process": self._service.house.process})
