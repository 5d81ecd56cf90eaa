"""The rest of a stream, after its start was good: from the replica's connection to whoever reads."""

from tulou.chassis.http.errors import HttpError
from tulou.chassis.http.exchange import Exchange
from tulou.kernel.errors import UpstreamError
from tulou.services.gateway.stack.call import Call
from tulou.services.gateway.stack.lease import Lease
from tulou.services.gateway.stack.relay import Relay


class Flow:
    """A `Body` that keeps the replica's lease until it ends."""

    def __init__(self, call: Call, exchange: Exchange, lease: Lease) -> None:
        self.relay = Relay(strip_usage=call.strip_usage)
        self._call = call
        self._exchange = exchange
        self._lease = lease

    async def next(self) -> bytes:
        """Return the next whole events, nothing at the end; raise `UpstreamError` when the stream breaks."""
        relay, exchange = self.relay, self._exchange
        try:
            while data := await exchange.chunk():
                if out := relay.feed(data):
                    return out
        except HttpError as error:
            self._lease.end(good=False)
            self._call.torn = relay.torn
            raise UpstreamError(f"the stream broke: {error}") from error
        self._lease.end(good=True)
        return relay.end()

    def close(self) -> None:
        """Stop; a stream that has not ended ends here."""
        self._exchange.close()
        self._lease.end(good=None)
        self._call.usage = self.relay.usage
        self._call.events = self.relay.events
