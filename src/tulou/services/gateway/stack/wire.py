"""The way to a replica: a request goes out with the next credential, and how it was received is judged."""

import asyncio
from collections.abc import Iterator
from typing import NamedTuple

import msgspec

from tulou.chassis.http.errors import HttpError
from tulou.chassis.http.exchange import Exchange
from tulou.chassis.http.request import HttpRequest, render_headers
from tulou.chassis.http.unpacking import KNOWN
from tulou.contracts.routing.messages import Deadlines
from tulou.services.gateway.dialects.dialect import Dropped
from tulou.services.gateway.stack.backend import Backend
from tulou.services.gateway.stack.call import Call
from tulou.services.gateway.stack.credentials import UpstreamCredential
from tulou.services.gateway.stack.failure import AttemptFailedError, Kind
from tulou.services.gateway.stack.resources import StageResources
from tulou.services.gateway.stack.secrets import hide_bytes
from tulou.services.gateway.stack.signing import aws_key, signed
from tulou.services.gateway.stack.tool_calls import ToolCallExchange, offer_of
from tulou.services.gateway.stack.verdict import asks_wrongly, kind_of
from tulou.services.gateway.stack.waits import wait_asked
from tulou.services.gateway.stack.words import NAME, VendorWords, clean, read_words

OK = 200
REDIRECTS = range(300, 400)
INVALID = 400
ERROR_BYTES = 256 * 1024
DROPPED = b"x-tulou-dropped"
"""By what an engine of the house names the fields that had no effect."""

ERROR_S = 5.0
"""How long the words of an error may take, once its status is known: what follows does not wait for them for ever."""


class Outgoing(NamedTuple):
    """A request to a replica without what is its own: `head` is all that is the same each time, without its end."""

    head: bytes
    body: bytes
    more: bytes = b""


class Wire:
    """Raises `AttemptFailedError` for the statuses that another replica or credential might do better with."""

    def __init__(self, site: StageResources) -> None:
        self.room = site.room
        self._client = site.client
        self._clock = site.clock

    async def send(self, call: Call, backend: Backend, outgoing: Outgoing, deadlines: Deadlines) -> Exchange:
        """Return the exchange once the answer's head is there and is no failure; the caller closes it."""
        if backend.overrides is not None:
            outgoing = outgoing._replace(body=backend.overrides.apply(outgoing.body, call.endpoint))
        offer = offer_of(outgoing.body) if backend.own and not backend.replica.named_tools else None
        body = outgoing.body if offer is None else offer.body
        own = b"content-length: %d\r\nx-request-id: %b\r\n" % (len(body), call.request_id.encode("latin-1"))
        if call.traceparent:
            own += b"traceparent: %b\r\n" % call.traceparent
        now = 0.0
        call.proof = proof = None
        if backend.proofs is not None:
            now = self._clock.monotonic()
            call.proof = proof = backend.proofs.take(now, call.refused)
            own += self._proven(proof, backend, outgoing)
        head = b"%b%b%b\r\n" % (outgoing.head, outgoing.more, own)
        call.sent = True
        exchange = await self._client.send(HttpRequest(origin=backend.origin, head=head, body=body), deadlines)
        if exchange.noted:
            _heed(call, backend, exchange)
        if OK < exchange.status < REDIRECTS.start:
            exchange.status = OK  # some say of a good answer that it was created, or accepted
        if exchange.status >= REDIRECTS.start:
            try:
                await self._judge(exchange, backend, proof)
            except BaseException:
                exchange.close()
                raise
        elif proof is not None:
            proof.good_at, proof.refusals = now, 0
        return exchange if offer is None or exchange.status != OK else ToolCallExchange(exchange, offer)

    def _proven(self, proof: UpstreamCredential, backend: Backend, outgoing: Outgoing) -> bytes:
        if backend.replica.signing != "aws":
            return proof.lines
        if "authorization" in proof.headers:
            return proof.lines  # a Bedrock API key, which is a bearer token
        key = aws_key(proof.headers, backend.origin.host)
        target = outgoing.head.split(b" ", 2)[1].decode("ascii")
        named = [("host", backend.origin.authority.decode("ascii")), ("content-type", "application/json")]
        return render_headers(signed(key, target=target, headers=named, body=outgoing.body, at=self._clock.now()))

    async def _judge(self, exchange: Exchange, backend: Backend, proof: UpstreamCredential | None) -> None:
        """Raise what an error means for this attempt; one that is the request's can be read as if nobody had."""
        status = exchange.status
        body = hide_bytes(await _error_body(exchange), backend, proof)
        exchange.put_back(body)
        said = read_words(body, exchange.header(b"x-amzn-errortype"))
        if asks_wrongly(status, said, backend.replica.provider):
            exchange.status = INVALID
            exchange.put_back(msgspec.json.encode({"error": {"message": said.message}}))
            return
        kind = "bad_answer" if status in REDIRECTS else kind_of(status, said)
        if kind is None:
            return
        exchange.close()
        wait = wait_asked(exchange, said.retry_after_s, now=self._clock.now())
        raise AttemptFailedError(kind, _detail(kind, status, said), status=status, retry_after_s=wait, said=said)


def _overlooked(call: Call, names: bytes) -> Iterator[Dropped]:
    """Yield the fields that an engine of the house names, without those that are told already."""
    told = {one.field for one in call.dropped}
    for name in names.decode("latin-1").split(", "):
        if name and name not in told:
            yield Dropped(field=name, why="the engine that serves the model has no place for it")


def _heed(call: Call, backend: Backend, exchange: Exchange) -> None:
    """Have an answer unpacked, and note what an engine of our own says it has passed over."""
    if exchange.header(b"content-encoding"):
        _unpack(exchange)
    if backend.own and exchange.status == OK and (names := exchange.header(DROPPED)):
        call.dropped = (*call.dropped, *_overlooked(call, names))


def _unpack(exchange: Exchange) -> None:
    """Have an answer unpacked that nobody wanted packed; raise `AttemptFailedError` for what cannot be."""
    encoding = exchange.header(b"content-encoding").strip().lower()
    if encoding in KNOWN:
        exchange.unpack()
    elif encoding != b"identity" and exchange.status < REDIRECTS.start:
        exchange.close()
        name = clean(encoding.decode("latin-1"))[:NAME]
        raise AttemptFailedError("bad_answer", f"the replica's answer is packed as {name!r}, which nobody asked for")


async def _error_body(exchange: Exchange) -> bytes:
    """Return as much of an error's body as comes in time; the status stands without it."""
    pieces: list[bytes] = []
    size = 0
    try:
        async with asyncio.timeout(ERROR_S):
            while size < ERROR_BYTES and (piece := await exchange.chunk()):
                pieces.append(piece)
                size += len(piece)
    except (HttpError, TimeoutError):
        pass
    return b"".join(pieces)[:ERROR_BYTES]


def _detail(kind: Kind, status: int, said: VendorWords) -> str:
    """Return an error in words; what is said of a credential may show a part of it, so its name must do."""
    match kind:
        case "credential":
            why, words = f"the replica refused our credential with {status}", said.code
        case "bad_answer":
            why, words = f"the replica answered with a redirect ({status})", ""
        case _:
            why, words = f"the replica answered {status}", str(said)
    return f"{why}: {words}" if words else why
