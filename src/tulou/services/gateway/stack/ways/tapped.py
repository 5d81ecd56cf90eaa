"""The way of messages and responses to those who speak them: bytes pass through, and are read on the way."""

import re
from collections.abc import Sequence
from functools import partial

import msgspec

from tulou.chassis.http.errors import HttpError
from tulou.chassis.http.exchange import Exchange
from tulou.contracts.routing.messages import Deadlines
from tulou.kernel.errors import TulouError, UpstreamError
from tulou.services.gateway.dialects.catalogue import MESSAGES_UPSTREAM, UPSTREAMS
from tulou.services.gateway.dialects.dialect import ClientDialect, EventReader, UpstreamDialect
from tulou.services.gateway.dialects.events import Event, Failed
from tulou.services.gateway.dialects.sse import split_complete
from tulou.services.gateway.stack.backend import Backend
from tulou.services.gateway.stack.call import Answer, Call
from tulou.services.gateway.stack.defaults import body_with_defaults
from tulou.services.gateway.stack.draining import drain
from tulou.services.gateway.stack.failure import UNREADABLE, AttemptFailedError
from tulou.services.gateway.stack.lease import BackendLease
from tulou.services.gateway.stack.resources import StageResources
from tulou.services.gateway.stack.rewrite import with_field
from tulou.services.gateway.stack.secrets import hide, hide_bytes
from tulou.services.gateway.stack.ways.count import UsageCount, lost
from tulou.services.gateway.stack.ways.counting import estimated
from tulou.services.gateway.stack.ways.held import EventGate
from tulou.services.gateway.stack.ways.judged import STREAMS, judged
from tulou.services.gateway.stack.ways.native import kept_headers
from tulou.services.gateway.stack.ways.translated import refusal
from tulou.services.gateway.stack.ways.way import OK
from tulou.services.gateway.stack.ways.whole import TIMES, WholeAnswers, count
from tulou.services.gateway.stack.wire import REDIRECTS, Outgoing, Wire

_LAST = re.compile(rb"^event: ?(?:message_stop|response\.(?:completed|incomplete|failed))\s*$", re.MULTILINE)


class TappedCall:
    """What vendors and clients both speak, with all that only the two of them know."""

    def __init__(self, site: StageResources, wire: Wire) -> None:
        self._wire = wire
        self._whole = WholeAnswers(site)
        self._room = site.room
        self._heavy = site.heavy

    async def __call__(self, call: Call, backend: Backend, lease: BackendLease, deadlines: Deadlines) -> Answer:
        """Return the answer as the replica wrote it."""
        client, upstream = call.client, UPSTREAMS["responses" if call.endpoint == "responses" else "anthropic"]
        if client is None:
            raise AttemptFailedError("bad_answer", f"{call.endpoint} has no dialect")
        body = _body(call, backend)
        heads = backend.stream_heads if call.stream else backend.heads
        exchange = await self._wire.send(call, backend, Outgoing(heads[call.endpoint], body, call.passed), deadlines)
        answer: Answer | None = None
        try:
            if exchange.status >= REDIRECTS.start:
                answer = await refusal(call, client, upstream, exchange, backend)
            elif call.stream and any(kind in exchange.header(b"content-type") for kind in STREAMS):
                answer = await _streamed(
                    call, client, TappedStream(call, exchange, lease, upstream.reader()), exchange, backend
                )
            elif call.stream:
                answer = await self._whole(call, client, upstream, exchange, backend, lease)
            else:
                answer = await self._as_it_is(call, client, upstream, exchange, backend)
            return answer
        finally:
            if answer is None or answer.rest is None:
                exchange.close()

    async def _as_it_is(
        self, call: Call, client: ClientDialect, upstream: UpstreamDialect, exchange: Exchange, backend: Backend
    ) -> Answer:
        body = await self._room.read(call, exchange, times=TIMES)
        if call.endpoint == "count_tokens":
            if _counts(body):
                return Answer(OK, kept_headers(exchange), body, backend)
            return await self._heavy.do(call, partial(estimated, call, backend))
        try:
            events = upstream.read_answer(body)
        except UNREADABLE as error:
            raise AttemptFailedError("bad_answer", f"the replica's answer cannot be read: {error}") from error
        # A response that failed is an answer, which says so itself; no message does.
        told = call.endpoint == "responses" and _is_response(body)
        if events and isinstance(failed := events[-1], Failed) and not told:
            return judged(call, client, failed, backend)
        count(call, events)
        return Answer(OK, kept_headers(exchange), body, backend)


class _Response(msgspec.Struct):
    status: object = None


def _is_response(body: bytes) -> bool:
    """Say whether an answer is a response, which may say that it failed, and not the error of something before it."""
    return msgspec.json.decode(body, type=_Response).status is not None


def _counts(body: bytes) -> bool:
    """Say whether a replica's answer is a count of tokens that can be."""
    try:
        MESSAGES_UPSTREAM.read_count(body)
    except UNREADABLE:
        return False
    return True


def _body(call: Call, backend: Backend) -> bytes:
    """Return the request as it was written but for the model's name; what is kept, only we keep."""
    body = call.body
    if call.endpoint == "responses":
        body = with_field(body, "store", value=False)
    if backend.defaults is not None:
        body = body_with_defaults(body, call.endpoint, backend.defaults, cap=call.cap)
    return with_field(body, "model", value=backend.replica.upstream_model) if backend.replica.upstream_model else body


def _up_to(whole: bytes, place: int) -> bytes:
    """Return events to the end of the one at a place: what comes after the last is nobody's."""
    ends = [end + len(mark) for mark in (b"\n\n", b"\n\r\n") if (end := whole.find(mark, place)) >= 0]
    return whole[: min(ends)] if ends else whole


class TappedStream:
    """A `Body` of bytes that an event reader listens to."""

    torn = False

    def __init__(self, call: Call, exchange: Exchange, lease: BackendLease, reader: EventReader) -> None:
        self.ended = False
        self._call = call
        self._exchange = exchange
        self._lease = lease
        self._reader = reader
        self._piece = b""
        self._count = UsageCount()

    def read(self, data: bytes) -> tuple[bytes, Sequence[Event]]:
        """Return the whole events in what has come, as bytes and as read; without data, what is left."""
        try:
            events = self._reader.feed(data) if data else self._reader.end()
        except UNREADABLE as error:
            raise AttemptFailedError("bad_stream", f"the upstream's stream cannot be read: {error}") from error
        whole, self._piece = split_complete(self._piece + data) if data else (self._piece, b"")
        self._count.see(events)
        self._call.events += len(events)
        failed = next((event for event in events if isinstance(event, Failed)), None)
        if failed is not None:
            self._lease.end(good=False)
            self._call.broken = failed.message
            if (backend := self._call.tried) is not None:
                whole = hide_bytes(whole, backend, self._call.proof)
                self._call.broken = hide(failed.message, backend, self._call.proof)
            self._end(complete=False)
        elif (last := _LAST.search(whole)) is not None:
            whole = _up_to(whole, last.end())
            self._end(complete=True)
        return whole, events

    async def next(self) -> bytes:
        """Return the next whole events, nothing at the end; raise `UpstreamError` when the stream breaks."""
        if self.ended:
            await drain(self._exchange)
            self._lease.end(good=True)
            return b""
        try:
            while data := await self._exchange.chunk():
                whole, _ = self.read(data)
                if whole:
                    return whole
        except (HttpError, AttemptFailedError) as error:
            self._lease.end(good=False)
            raise UpstreamError(f"the stream broke: {error}") from error
        rest, self._piece = self._piece, b""
        if not self.ended:
            self._finish()
        self._lease.end(good=True)
        return rest

    def _finish(self) -> None:
        events = self._reader.end()
        self._count.see(events)
        failed = next((event for event in events if isinstance(event, Failed)), None)
        self._end(complete=failed is None)
        if failed is not None:
            self._lease.end(good=False)
            raise UpstreamError(f"the stream broke: {failed.message}")

    def broken(self, error: TulouError) -> bytes | None:
        """Leave it to the gate."""
        del error

    def close(self) -> None:
        """Stop; a stream that has not ended ends here."""
        self._exchange.close()
        self._lease.end(good=None)
        if not self.ended:
            self._end(complete=False)

    def _end(self, *, complete: bool) -> None:
        self.ended = True
        self._count.note(self._call, complete=complete)


async def _streamed(
    call: Call, client: ClientDialect, tap: TappedStream, exchange: Exchange, backend: Backend
) -> Answer:
    held, out = EventGate(), b""
    try:
        while True:
            data = await exchange.chunk()
            whole, events = tap.read(data)
            out += whole
            if held.good(events):
                return Answer(OK, kept_headers(exchange), out, backend, tap)
            if held.failed is not None:
                return judged(call, client, held.failed, backend)
            if not data:
                held.end()
    except AttemptFailedError as failure:
        lost(call, backend, held.events, failure)
        raise
