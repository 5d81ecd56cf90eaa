"""Keeps a stream alive that has nothing to say: load balancers and clients cut what is silent for a minute.

After so many seconds without a byte the head goes out with a comment, which every reader of server-sent events passes
over (HTML standard, section 9.2.6), or with Anthropic's `ping`; then again after each such silence. What is waited for
goes on behind it: attempts, other replicas, other models.
"""

import asyncio

from starlette.types import Send

from tulou.chassis.http.request import Header
from tulou.services.gateway.endpoints.catalogue import SERVED
from tulou.services.gateway.stack.call import Body, Call
from tulou.services.gateway.stack.ways.way import OK
from tulou.services.gateway.stack.ways.way import SSE as EVENTS

COMMENT = b": keep-alive\n\n"
SSE: tuple[Header, ...] = ((b"cache-control", b"no-cache"), (b"x-accel-buffering", b"no"))


class Heartbeat:
    """Beats for one stream, from when it is asked for until its end. Its beats and what the request sends share `send`.

    `opened` says that a beat has sent the head; `rest` is what the stream still brings, once its head is out.
    """

    __slots__ = ("_call", "_every_s", "_held", "_last", "_loop", "_send", "_task", "_timer", "opened", "rest")

    def __init__(self, call: Call, send: Send, *, every_s: float) -> None:
        self.opened = self._held = False
        self.rest: Body | None = None
        self._call = call
        self._send = send
        self._every_s = every_s
        self._loop = asyncio.get_running_loop()
        self._task: asyncio.Task[None] | None = None
        self._last = self._loop.time()
        self._timer = self._loop.call_later(every_s, self._tick)

    async def begin(self) -> bool:
        """Return whether the head is still to be sent, by who asks: no beat comes before `rest` is known."""
        self._held = True
        await self.settled()
        return not self.opened

    def touch(self) -> None:
        """Note that something went out just now."""
        self._last = self._loop.time()

    def stop(self) -> None:
        """Begin no further beat."""
        self._timer.cancel()

    def cancel(self) -> None:
        """Give up a beat that is on its way, too: the client has left."""
        self.stop()
        if self._task is not None:
            self._task.cancel()

    async def settled(self) -> None:
        """Return once no beat is on its way."""
        if self._task is not None and not self._task.done():
            await asyncio.wait((self._task,))

    def _tick(self) -> None:
        left = self._last + self._every_s - self._loop.time()
        if left <= 0:
            left = self._every_s
            if self._may_beat():
                self._task = self._loop.create_task(self._beat())
        self._timer = self._loop.call_later(left, self._tick)

    def _may_beat(self) -> bool:
        rest, task = self.rest, self._task
        free = not self._held if rest is None else not (rest.torn or rest.ended)
        return free and (task is None or task.done())

    async def _beat(self) -> None:
        if self.rest is None and not self.opened:
            self.opened = True
            number = (b"x-request-id", self._call.request_id.encode("ascii", "replace"))
            headers = [*EVENTS, number, *self._call.headers, *SSE]
            await self._send({"type": "http.response.start", "status": OK, "headers": headers})
        frame = SERVED[self._call.endpoint].ping or COMMENT
        await self._send({"type": "http.response.body", "body": frame, "more_body": True})
        self.touch()
