"""A stream between dialects: the upstream's events in, the client's frames out."""

from collections.abc import Sequence

import msgspec

from tulou.chassis.http.errors import HttpError
from tulou.chassis.http.exchange import Exchange
from tulou.kernel.errors import TulouError, UpstreamError
from tulou.services.gateway.dialects.dialect import EventReader, EventWriter
from tulou.services.gateway.dialects.events import Event, Failed
from tulou.services.gateway.stack.call import Call
from tulou.services.gateway.stack.failure import UNREADABLE, AttemptFailedError
from tulou.services.gateway.stack.lease import BackendLease
from tulou.services.gateway.stack.secrets import hide
from tulou.services.gateway.stack.ways.count import UsageCount
from tulou.services.gateway.stack.words import NAME, clean
from tulou.services.gateway.usage import event_of

PROVED = frozenset({401, 402, 403})
"""What an upstream says of the credential that it was shown, which is none of the client's."""


class TranslatedStream:
    """A `Body` that keeps the replica's lease until it ends."""

    torn = False

    def __init__(
        self, call: Call, exchange: Exchange, lease: BackendLease, reader: EventReader, writer: EventWriter
    ) -> None:
        self.ended = False
        self._call = call
        self._exchange = exchange
        self._lease = lease
        self._reader = reader
        self._writer = writer
        self._count = UsageCount()
        self._over = False
        self._failed: Failed | None = None

    def read(self, data: bytes) -> Sequence[Event]:
        """Return the events in some bytes, without any the last ones; raise `AttemptFailedError` for nonsense."""
        try:
            return self._reader.feed(data) if data else self._reader.end()
        except UNREADABLE as error:
            raise AttemptFailedError("bad_stream", f"the upstream's stream cannot be read: {error}") from error

    def begin(self, events: Sequence[Event], *, complete: bool) -> bytes:
        """Return the frames for the events that were held back; `complete` when there are no more."""
        out = self._write(events)
        return out + self._finish() if complete else out

    async def next(self) -> bytes:
        """Return the next frames, nothing at the end; raise `UpstreamError` when the stream breaks."""
        try:
            while not self._over:
                self._check()
                data = await self._exchange.chunk()
                out = self._write(self.read(data))
                if not data and self._failed is None:
                    out += self._finish()
                if out:
                    return out
        except (HttpError, AttemptFailedError) as error:
            self._lease.end(good=False)
            raise UpstreamError(f"the stream broke: {error}") from error
        return b""

    def broken(self, error: TulouError) -> bytes | None:
        """Tell the error as the client's dialect does."""
        failed = self._failed
        if failed is None or failed.status in PROVED:
            return self._writer.write([Failed(message=str(error), code=error.code, status=error.status)])
        return self._writer.write([Failed(message=str(error), code=failed.code or error.code, status=failed.status)])

    def close(self) -> None:
        """Stop; a stream that has not ended ends here."""
        self._exchange.close()
        self._lease.end(good=None)
        if not self.ended:
            self.ended = True
            self._count.note(self._call, complete=False)

    def _check(self) -> None:
        if self._failed is not None:
            raise AttemptFailedError("bad_stream", self._failed.message)

    def _write(self, events: Sequence[Event]) -> bytes:
        good: list[Event] = []
        for event in events:
            if isinstance(event, Failed):
                self._failed = self._hidden(event)  # told after the pieces that came before it
                break
            good.append(event)
        self._count.see(good)
        self._call.events += len(good)
        try:
            return self._writer.write(good) if good else b""
        except UNREADABLE as error:
            raise AttemptFailedError("bad_stream", f"the upstream's stream cannot be told: {error}") from error

    def _hidden(self, event: Failed) -> Failed:
        """Return a failure in the upstream's words, bounded and without what it was shown."""
        backend = self._call.tried
        words = hide(event.message, backend, self._call.proof) if backend is not None else event.message
        return msgspec.structs.replace(event, message=clean(words), code=clean(event.code)[:NAME])

    def _finish(self) -> bytes:
        self._over = True
        self._lease.end(good=True)
        self.ended = True
        self._count.note(self._call, complete=True)
        usage = self._call.usage
        if usage is None or self._call.counted != "estimate":
            return self._writer.end()
        return self._writer.write([event_of(usage)]) + self._writer.end()
