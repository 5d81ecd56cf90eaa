"""How much of the administration's time one tenant takes: a few of its requests are in work, the others wait.

A request holds a place of the key that it brings, or of its address, until it is known whose it is, then one of its
tenant. It gives the place back when its answer begins, for what takes time then is the client's reading, and when it
takes long, for then it waits for something else, such as a vendor or the rest of an upload.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from hashlib import sha256

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tulou.chassis.refusals import network_of
from tulou.chassis.rest.callers import address_of
from tulou.chassis.rest.errors import refuse
from tulou.kernel.errors import LimitedError, TulouError, UnavailableError

EACH = 2
"""Requests of one tenant that are in work at a time."""
HELD_S = 0.2
WAITING = 256
"""Requests of one tenant that wait for a place."""
WAIT_S = 30.0

LIMITED = ("/api/", "/v1/")
SHOWN = ("authorization", "x-api-key", "cookie")
PLACE = "tulou.place"
"""Where a request's scope has what to hold."""


class _Line:
    """One tenant's requests."""

    __slots__ = ("inside", "waiting")

    def __init__(self) -> None:
        self.inside = 0
        self.waiting: deque[asyncio.Future[None]] = deque()


class RequestSlotsMiddleware:
    """Middleware: has a request give its place back when its answer begins, or when nothing comes of it."""

    def __init__(self, app: ASGIApp, *, each: int = EACH, waiting: int = WAITING, wait_s: float = WAIT_S) -> None:
        self._app = app
        self._each = each
        self._most_waiting = waiting
        self._wait_s = wait_s
        self._lines: dict[str, _Line] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http" or not scope["path"].startswith(LIMITED):
            await self._app(scope, receive, send)
            return
        place = scope[PLACE] = _Place(self)

        async def sent(message: Message) -> None:
            if message["type"] == "http.response.start":
                place.leave()
            await send(message)

        try:
            await place.take(_sender(Request(scope)))
        except TulouError as error:
            await refuse(error)(scope, receive, send)
            return
        try:
            await self._app(scope, receive, sent)
        finally:
            place.leave()

    async def enter(self, whose: str) -> Callable[[], None]:
        """Wait for a place; return what gives it back. Raise `LimitedError` or `UnavailableError` for want of room."""
        line = self._lines.setdefault(whose, _Line())
        if line.inside >= self._each:
            await self._wait(whose, line)
        else:
            line.inside += 1
        return lambda: self._leave(whose, line)

    async def _wait(self, whose: str, line: _Line) -> None:
        if len(line.waiting) >= self._most_waiting:
            said = f"{line.inside} requests of {whose} are in work and {len(line.waiting)} wait"
            raise LimitedError(f"{said}, as many as one may have; ask for fewer at once", retry_after_s=1.0)
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        line.waiting.append(turn)
        try:
            async with asyncio.timeout(self._wait_s):
                await turn
        except BaseException as error:
            if turn.done() and not turn.cancelled():
                self._leave(whose, line)
            elif turn in line.waiting:
                line.waiting.remove(turn)
            if isinstance(error, TimeoutError):
                said = f"the request waited {self._wait_s:g} s behind others of {whose}"
                raise UnavailableError(f"{said}; try again", retry_after_s=1.0) from error
            raise

    def _leave(self, whose: str, line: _Line) -> None:
        while line.waiting:
            if not (turn := line.waiting.popleft()).done():
                turn.set_result(None)
                return
        line.inside -= 1
        if not line.inside:
            self._lines.pop(whose, None)


def _sender(request: Request) -> str:
    """Return whose a request seems to be, before anybody has looked."""
    shown = "\n".join(request.headers.get(name, "") for name in SHOWN)
    if not shown.strip():
        return f"address {network_of(address_of(request))}"
    return f"key {sha256(shown.encode('utf-8', 'replace')).hexdigest()[:16]}"


class _Place:
    """What one request holds."""

    def __init__(self, places: RequestSlotsMiddleware) -> None:
        self._places = places
        self._give: Callable[[], None] | None = None
        self._timer: asyncio.TimerHandle | None = None

    async def take(self, whose: str) -> None:
        """Give back what is held, and wait for a place of this one."""
        self.leave()
        self._give = await self._places.enter(whose)
        self._timer = asyncio.get_running_loop().call_later(HELD_S, self.leave)

    def leave(self) -> None:
        """Give it back."""
        give, self._give = self._give, None
        timer, self._timer = self._timer, None
        if timer is not None:
            timer.cancel()
        if give is not None:
            give()


async def take_place(request: Request, tenant: str) -> None:
    """Have a request of a known caller wait until its tenant has a place for it."""
    place: _Place | None = request.scope.get(PLACE)
    if place is not None:
        await place.take(f"tenant {tenant!r}" if tenant else "the house")
