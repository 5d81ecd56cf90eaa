"""Whole answers: read, judged, and written for the client, as a stream where it asked for one."""

import asyncio
import itertools
import secrets
from collections.abc import Sequence

from tulou.chassis.http.exchange import SMALL_BYTES, Exchange
from tulou.kernel.errors import TulouError
from tulou.services.gateway.dialects.dialect import ClientDialect, Echo, UpstreamDialect
from tulou.services.gateway.dialects.echoed import echoed
from tulou.services.gateway.dialects.events import Event, Failed, Miscounted, Used
from tulou.services.gateway.stack import guess
from tulou.services.gateway.stack.backend import Backend
from tulou.services.gateway.stack.call import Answer, Call
from tulou.services.gateway.stack.failure import UNREADABLE, AttemptFailedError
from tulou.services.gateway.stack.lease import BackendLease
from tulou.services.gateway.stack.resources import StageResources
from tulou.services.gateway.stack.ways.judged import judged
from tulou.services.gateway.stack.ways.way import JSON, OK, SSE
from tulou.services.gateway.usage import event_of, tokens_in, used, written_size

TIMES = 4
"""An answer is in memory as it came, in pieces and as one, as what it says, and as it is written for the client."""
_PROCESS = secrets.token_hex(10)
_NUMBERS = itertools.count()
"""Answers are known by this process's random name and a number: a random name each would cost 5 us."""


class WholeAnswers:
    """Shared by the ways on which answers are read."""

    def __init__(self, site: StageResources) -> None:
        self._clock = site.clock
        self._room = site.room

    async def __call__(
        self,
        call: Call,
        client: ClientDialect,
        upstream: UpstreamDialect,
        exchange: Exchange,
        backend: Backend,
        lease: BackendLease,
    ) -> Answer:
        """Return the answer in the client's dialect: a vendor that did not stream has answered all the same."""
        body = await self._room.read(call, exchange, times=TIMES)
        large = len(body) > SMALL_BYTES
        if large:
            await asyncio.sleep(0)  # one heavy thing at a turn: it was put together in this one
        try:
            events = upstream.read_answer(body)
            del body  # it may be large, and is there once more as events
            if large:
                await asyncio.sleep(0)
            if (failed := next((event for event in events if isinstance(event, Failed)), None)) is not None:
                return judged(call, client, failed, backend)
            events = count(call, events)
            echo = self.echo(call, client)
            if call.stream:
                writer = client.writer(echo)
                written = writer.write(events) + writer.end()
            else:
                written = client.write_answer(events, echo)
        except UNREADABLE as error:
            raise AttemptFailedError("bad_answer", f"the replica's answer cannot be read: {error}") from error
        return unrolled(written, exchange, backend, lease) if call.stream else Answer(OK, [JSON], written, backend)

    def echo(self, call: Call, client: ClientDialect) -> Echo:
        """Return what the answer repeats of the request."""
        return Echo(
            id=call.answer_id or f"{client.id_prefix}{_PROCESS}{next(_NUMBERS):08x}",
            model=call.model,
            created=int(self._clock.now()),
            prompt=call.prompt if call.question is None else echoed(call.prompt),
            previous=call.previous,
        )


def unrolled(stream: bytes, exchange: Exchange, backend: Backend, lease: BackendLease) -> Answer:
    """Return a stream of which nothing is still to come; what is left of the request need not be sent any more."""
    exchange.close()
    lease.end(good=True)
    return Answer(OK, [*SSE], stream, backend, EndedBody())


class EndedBody:
    """A `Body` that has ended."""

    torn = False

    ended = True

    async def next(self) -> bytes:
        """Return nothing."""
        return b""

    def broken(self, error: TulouError) -> bytes | None:
        """Leave it to the gate."""
        del error

    def close(self) -> None:
        """There is nothing to let go of."""


def count(call: Call, events: Sequence[Event]) -> Sequence[Event]:
    """Note what a whole answer took; return it with what of that the upstream has not counted."""
    said = next((event for event in reversed(events) if isinstance(event, Used | Miscounted)), None)
    counts = used(said) if isinstance(said, Used) else said
    usage = guess.count(call, counts, lambda: tokens_in(written_size(events)))
    call.events = len(events)
    return events if call.counted == "reported" else [*events, event_of(usage)]
