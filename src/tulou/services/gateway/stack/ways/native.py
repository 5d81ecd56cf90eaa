"""The way of OpenAI's endpoints to those who speak them: bytes pass through, and only what must change is changed."""

from msgspec import DecodeError, json

from tulou.chassis.http.exchange import Exchange
from tulou.chassis.http.request import Header
from tulou.contracts.routing.messages import Deadlines
from tulou.services.gateway.dialects.catalogue import UPSTREAMS
from tulou.services.gateway.dialects.own import without
from tulou.services.gateway.stack.backend import Backend
from tulou.services.gateway.stack.call import Answer, Call
from tulou.services.gateway.stack.defaults import body_with_defaults
from tulou.services.gateway.stack.events import scan_usage, text_size
from tulou.services.gateway.stack.failure import AttemptFailedError
from tulou.services.gateway.stack.flow import PassthroughStream
from tulou.services.gateway.stack.guess import count
from tulou.services.gateway.stack.holdback import RefusedAnswerError, StreamGate, judge
from tulou.services.gateway.stack.lease import BackendLease
from tulou.services.gateway.stack.refused import refused
from tulou.services.gateway.stack.resources import StageResources
from tulou.services.gateway.stack.rewrite import (
    DEVELOPER,
    with_forced,
    with_max_tokens,
    with_model,
    with_system,
    with_usage,
)
from tulou.services.gateway.stack.secrets import hide_bytes
from tulou.services.gateway.stack.ways.own import check_stream, fitted
from tulou.services.gateway.stack.ways.way import ERROR_BYTES, JSON, OK
from tulou.services.gateway.stack.ways.whole import WholeAnswers, unrolled
from tulou.services.gateway.stack.wire import REDIRECTS, Outgoing, Wire
from tulou.services.gateway.usage import tokens_in

TIMES = 2
"""An answer is in memory in the pieces that came, and as one."""
KEPT = frozenset({b"content-type"})


class NativeCall:
    """Chat, completions, embeddings and moderations."""

    def __init__(self, site: StageResources, wire: Wire) -> None:
        self._wire = wire
        self._whole = WholeAnswers(site)
        self._room = site.room

    async def __call__(self, call: Call, backend: Backend, lease: BackendLease, deadlines: Deadlines) -> Answer:
        """Return the answer as the replica wrote it."""
        answer: Answer | None = None
        if call.stream and backend.own:
            check_stream(call)
        exchange = await self._wire.send(call, backend, _outgoing(call, backend), deadlines)
        try:
            if not call.stream or exchange.status != OK:
                answer = await self._as_it_is(call, exchange, backend)
            elif b"event-stream" in exchange.header(b"content-type"):
                answer = await _streamed(call, exchange, backend, lease)
            elif call.endpoint == "chat" and call.client is not None:
                answer = await self._whole(call, call.client, UPSTREAMS["openai"], exchange, backend, lease)
            else:
                answer = _one_event((await self._as_it_is(call, exchange, backend)).first, exchange, backend, lease)
            return answer  # noqa: TRY300 - `finally` looks at it
        except RefusedAnswerError as refusal:
            body = hide_bytes(refusal.body, backend, call.proof)
            return Answer(refusal.status, [JSON], refused(refusal.status, body), backend)
        finally:
            if answer is None or answer.rest is None:
                exchange.close()

    async def _as_it_is(self, call: Call, exchange: Exchange, backend: Backend) -> Answer:
        status = exchange.status
        if status >= REDIRECTS.start:
            return Answer(status, [JSON], refused(status, await exchange.read(at_most=ERROR_BYTES)), backend)
        body = await self._room.read(call, exchange, times=TIMES)
        if not body.isascii():
            _check_text(body)
        if backend.own and call.endpoint != "chat":
            body = fitted(call, body)
        said = scan_usage(body)
        if said is None:
            judge(body)
        count(call, said, lambda: tokens_in(text_size(body)))
        return Answer(status, kept_headers(exchange), body, backend)


def _check_text(body: bytes) -> None:
    """Raise `AttemptFailedError` for bytes that are no text: nobody else looks at what passes through."""
    try:
        body.decode()
    except UnicodeDecodeError as error:
        raise AttemptFailedError("bad_answer", "the replica's answer is no UTF-8") from error


def _one_event(body: bytes, exchange: Exchange, backend: Backend, lease: BackendLease) -> Answer:
    """Return a whole answer of the older completions as a stream: its events have the shape of a whole."""
    try:
        event = b"data: %b\n\ndata: [DONE]\n\n" % json.format(body, indent=-1)
    except DecodeError as error:
        raise AttemptFailedError("bad_answer", f"the replica's answer cannot be read: {error}") from error
    return unrolled(event, exchange, backend, lease)


async def _streamed(call: Call, exchange: Exchange, backend: Backend, lease: BackendLease) -> Answer:
    hold = StreamGate()
    while (held := hold.feed(data := await exchange.chunk())) is None:
        if not data:
            hold.end()
    flow = PassthroughStream(call, exchange, lease)
    return Answer(OK, kept_headers(exchange), flow.begin(held), backend, flow)


def _outgoing(call: Call, backend: Backend) -> Outgoing:
    replica, body = backend.replica, call.body
    if call.dropped:
        body = without(body, call.dropped)
    if call.strip_usage:
        body = with_usage(body, has_options=b'"stream_options"' in body)
    if backend.defaults is not None:
        body = body_with_defaults(body, call.endpoint, backend.defaults, cap=call.cap)
    if replica.upstream_model:
        body = with_model(body, replica.upstream_model)
    if call.forced is not None and not replica.named_tools:
        body = with_forced(body, call.forced)
    if not replica.developer_role and DEVELOPER in body and call.endpoint == "chat":
        body = with_system(body)
    if replica.max_tokens_field and call.endpoint == "chat":
        body = with_max_tokens(body, replica.max_tokens_field)
    return Outgoing((backend.stream_heads if call.stream else backend.heads)[call.endpoint], body)


def kept_headers(exchange: Exchange) -> list[Header]:
    """Return the few headers of an engine's answer that concern a client; the rest is between it and us."""
    return [pair for pair in exchange.headers if pair[0] in KEPT] or [JSON]
