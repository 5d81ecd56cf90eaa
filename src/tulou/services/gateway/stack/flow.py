"""The rest of a stream, after its start was good: from the replica's connection to whoever reads."""

import re

from tulou.chassis.http.errors import HttpError
from tulou.chassis.http.exchange import Exchange
from tulou.kernel.errors import TulouError, UpstreamError
from tulou.services.gateway.stack.call import Call
from tulou.services.gateway.stack.draining import drain
from tulou.services.gateway.stack.events import DONE, FAULT, fault_in
from tulou.services.gateway.stack.faults import with_fault
from tulou.services.gateway.stack.guess import count
from tulou.services.gateway.stack.lease import BackendLease
from tulou.services.gateway.stack.relay import Relay
from tulou.services.gateway.stack.secrets import hide, hide_bytes

LAST = 32
"""The bytes at the end of a piece in which its last event says that it is the last."""


_DONE = re.compile(rb"^data: ?\[DONE\]\s*\Z", re.MULTILINE)
"""A text may say the same."""


class PassthroughStream:
    """A `Body` that keeps the replica's lease until it ends."""

    def __init__(self, call: Call, exchange: Exchange, lease: BackendLease) -> None:
        self.ended = False
        self._relay = Relay(strip_usage=call.strip_usage)
        self._call = call
        self._exchange = exchange
        self._lease = lease

    @property
    def torn(self) -> bool:
        """Whether the bytes returned last end within an event: large ones are passed on in pieces."""
        return self._relay.torn

    def begin(self, held: bytes) -> bytes:
        """Take what was held back; return what of it may go out."""
        return self._passed(self._relay.feed(held))

    async def next(self) -> bytes:
        """Return the next whole events, nothing at the end; raise `UpstreamError` when the stream breaks."""
        relay, exchange = self._relay, self._exchange
        if self.ended:
            await drain(exchange)
            self._lease.end(good=True)
            return b""
        try:
            while data := await exchange.chunk():
                if out := relay.feed(data):
                    return self._passed(out)
        except HttpError as error:
            self._lease.end(good=False)
            self._call.torn = relay.torn
            raise UpstreamError(f"the stream broke: {error}") from error
        if not self.ended and not relay.finished:
            self._lease.end(good=False)
            self._call.torn = relay.torn
            raise UpstreamError("the stream broke: it ended before its answer did")
        self._lease.end(good=True)
        last = relay.end()
        self._end()
        return last

    def broken(self, error: TulouError) -> bytes | None:
        """Leave it to the gate."""
        del error

    def close(self) -> None:
        """Stop; a stream that has not ended ends here."""
        self._exchange.close()
        self._lease.end(good=None)
        if not self.ended:
            self._end()

    def _passed(self, out: bytes) -> bytes:
        if FAULT in out and (broken := fault_in(out)):
            if (backend := self._call.tried) is not None:
                out = hide_bytes(out, backend, self._call.proof)
                broken = hide(broken, backend, self._call.proof)
            self._call.broken = broken
            self._lease.end(good=False)
            self._end()
            return with_fault(out)
        if DONE in out[-LAST:] and _DONE.search(out):
            self._end()
        return out

    def _end(self) -> None:
        """Note the counts; where the engine gave none, what its events seem to bring."""
        self.ended = True
        call, relay = self._call, self._relay
        call.events = relay.events
        withheld = self._exchange.withheld
        if relay.events or withheld:
            count(call, relay.usage, lambda: relay.tokens + withheld)
