"""Everything that is not inference goes on to the control process: console, REST, documents. Bytes stream both ways."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

from starlette.types import Receive, Scope, Send

from tulou.chassis.http.errors import HttpError
from tulou.chassis.http.exchange import Exchange
from tulou.chassis.http.origin import split_url
from tulou.chassis.http.request import HOP_BY_HOP, Header, HttpRequest, render_head
from tulou.kernel.errors import TulouError
from tulou.services.gateway.http.doors import AddressDoors
from tulou.services.gateway.http.entrance import BodyCap, ControlBodyLimit
from tulou.services.gateway.refusals import ControlAwayError, PathNotFoundError
from tulou.services.gateway.service import GatewayService

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
OURS = frozenset({b"host", b"content-length", b"expect", b"x-forwarded-for", b"x-forwarded-proto", b"x-forwarded-host"})
INTERNAL = "/rpc"
"""What control offers to the house's own processes is not offered to the world."""


@dataclass(frozen=True, slots=True)
class ConsoleDeadlines:
    """Watches and uploads may take as long as something moves."""

    idle_s: float
    connect_s: float = 1.0
    total_s: float = 24 * 3600.0

    @property
    def first_byte_s(self) -> float:
        """As long as between two pieces: a watch may begin with silence."""
        return self.idle_s


class Upload:
    """The body of a request on its way to control, up to its cap."""

    def __init__(self, receive: Receive, cap: BodyCap) -> None:
        self.cap = cap
        self.refused = False
        self._receive = receive

    def check(self, stated: bytes) -> None:
        """Raise the cap's refusal for a length that is beyond it."""
        if stated.isdigit() and int(stated) > self.cap.at_most:
            raise self.cap.refusal

    async def pieces(self) -> AsyncIterator[bytes]:
        """Yield what comes; raise the cap's refusal beyond it."""
        left, more = self.cap.at_most, True
        while more:
            message = await self._receive()
            if message["type"] == "http.disconnect":
                raise ConnectionError("the client left")
            piece: bytes = message.get("body", b"")
            left -= len(piece)
            if left < 0:
                self.refused = True
                raise self.cap.refusal
            yield piece
            more = message.get("more_body", False)


class Console:
    """A reverse proxy to one place."""

    def __init__(self, service: GatewayService) -> None:
        self._client = service.site.client
        self._origin, self._prefix = split_url(service.house.control_url)
        self._deadlines = ConsoleDeadlines(service.settings.console_idle_s)
        self._entrance = ControlBodyLimit(service)
        self._doors = AddressDoors(service.clock)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on and its answer back; raise `ControlAwayError` when control does not answer."""
        path: str = scope["path"]
        if path.lower().lstrip("/").startswith(INTERNAL[1:]):
            raise PathNotFoundError(f"nothing answers at {path}")
        await self._pass_on(scope, Upload(receive, self._entrance.administration(scope)), send)

    async def inference(self, prefix: str, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on what control answers below `/v1/`, wherever clients look for it."""
        raw_path: bytes = scope.get("raw_path") or scope["path"].encode()
        moved = {**scope, "raw_path": b"/v1/" + raw_path[len(prefix) :], "path": "/v1/" + scope["path"][len(prefix) :]}
        await self._pass_on(moved, Upload(receive, self._entrance.inference(scope)), send)

    async def _pass_on(self, scope: Scope, upload: Upload, send: Send) -> None:
        upload.check(dict(scope["headers"]).get(b"content-length", b""))
        if upload.cap.stranger:
            self._doors.check(scope)
        try:
            exchange = await self._client.send(self._request(scope, upload), self._deadlines)
        except HttpError as error:
            if upload.refused:
                raise upload.cap.refusal from error
            raise ControlAwayError(
                f"the control process does not answer ({error}); inference goes on without it", retry_after_s=1.0
            ) from error
        if upload.cap.stranger:
            self._doors.note(scope, exchange)
        try:
            await _pass_back(exchange, send)
        finally:
            exchange.close()

    def _request(self, scope: Scope, upload: Upload) -> HttpRequest:
        method: str = scope["method"]
        raw_path: bytes = scope.get("raw_path") or scope["path"].encode()
        query: bytes = scope["query_string"]
        target = self._prefix.encode() + raw_path + (b"?" + query if query else b"")
        given: list[Header] = scope["headers"]
        names = dict(given)
        length, chunked = names.get(b"content-length"), b"transfer-encoding" in names
        has_body = chunked or length not in {None, b"0"}
        headers = [*_passed(given), *_forwarded(scope, names)]
        if chunked:
            headers.append((b"transfer-encoding", b"chunked"))
        elif length is not None:
            headers.append((b"content-length", length))
        return HttpRequest(
            origin=self._origin,
            head=render_head(method.encode(), target, self._origin, headers),
            body=upload.pieces() if has_body else b"",
            replayable=method in SAFE,
            chunked=chunked,
            bodiless=method == "HEAD",
        )


def _passed(headers: list[Header]) -> list[Header]:
    """Return the headers that concern the other end: not those of this connection, nor what they name."""
    named = {token.strip().lower() for name, value in headers if name == b"connection" for token in value.split(b",")}
    return [pair for pair in headers if pair[0] not in HOP_BY_HOP and pair[0] not in OURS and pair[0] not in named]


def _forwarded(scope: Scope, names: dict[bytes, bytes]) -> list[Header]:
    client: tuple[str, int] | None = scope.get("client")
    return [
        (b"x-forwarded-for", client[0].encode() if client else b"unknown"),
        (b"x-forwarded-proto", str(scope["scheme"]).encode()),
        (b"x-forwarded-host", names.get(b"host", b"")),
    ]


async def _pass_back(exchange: Exchange, send: Send) -> None:
    headers = [pair for pair in exchange.headers if pair[0] not in HOP_BY_HOP]
    await send({"type": "http.response.start", "status": exchange.status, "headers": headers})
    try:
        while data := await exchange.chunk():
            await send({"type": "http.response.body", "body": data, "more_body": True})
    except HttpError as error:
        raise BrokenAnswerError("the control process broke off in the middle of its answer") from error
    await send({"type": "http.response.body", "body": b""})


class BrokenAnswerError(TulouError):
    """The head is out and the rest will not come: the server closes the client's connection."""
