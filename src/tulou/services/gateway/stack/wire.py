"""The way to a replica: a request goes out with the next credential, and how it was received is judged."""

from typing import NamedTuple

from tulou.chassis.http.exchange import Exchange
from tulou.chassis.http.request import Request, render_headers
from tulou.contracts.routing.messages import Deadlines
from tulou.services.gateway.stack.backend import Backend
from tulou.services.gateway.stack.call import Call
from tulou.services.gateway.stack.failure import AttemptFailedError
from tulou.services.gateway.stack.proofs import Proof
from tulou.services.gateway.stack.signing import aws_key, signed
from tulou.services.gateway.stack.site import Site

REDIRECTS = range(300, 400)
CREDENTIAL = frozenset({401, 402, 403})
TIMED_OUT = 408
BUSY = 429
BROKEN = 500


class Outgoing(NamedTuple):
    """A request to a replica without what is its own: `head` is all that is the same each time, without its end."""

    head: bytes
    body: bytes
    more: bytes = b""


class Wire:
    """Raises `AttemptFailedError` for the statuses that another replica or credential might do better with."""

    def __init__(self, site: Site) -> None:
        self._client = site.client
        self._clock = site.clock
        self._reports = site.reports

    async def send(self, call: Call, backend: Backend, outgoing: Outgoing, deadlines: Deadlines) -> Exchange:
        """Return the exchange once the answer's head is there and is no failure; the caller closes it."""
        body = outgoing.body
        own = b"content-length: %d\r\nx-request-id: %b\r\n" % (len(body), call.request_id.encode("latin-1"))
        if call.traceparent:
            own += b"traceparent: %b\r\n" % call.traceparent
        proof: Proof | None = None
        if backend.proofs is not None:
            proof = backend.proofs.take(self._clock.monotonic())
            own += self._proven(proof, backend, outgoing)
        head = b"%b%b%b\r\n" % (outgoing.head, outgoing.more, own)
        exchange = await self._client.send(Request(origin=backend.origin, head=head, body=body), deadlines)
        if exchange.status >= REDIRECTS.start:
            try:
                self._judge(exchange, proof)
            except AttemptFailedError:
                exchange.close()
                raise
        return exchange

    def _proven(self, proof: Proof, backend: Backend, outgoing: Outgoing) -> bytes:
        if backend.replica.signing != "aws":
            return proof.lines
        if "authorization" in proof.headers:
            return proof.lines  # a Bedrock API key, which is a bearer token
        key = aws_key(proof.headers, backend.origin.host)
        target = outgoing.head.split(b" ", 2)[1].decode("ascii")
        named = [("host", backend.origin.authority.decode("ascii")), ("content-type", "application/json")]
        return render_headers(signed(key, target=target, headers=named, body=outgoing.body, at=self._clock.now()))

    def _judge(self, exchange: Exchange, proof: Proof | None) -> None:
        status = exchange.status
        if status == BUSY:
            wait = _retry_after(exchange)
            if proof is not None:
                self._reports.limited(proof.id, proof.rest(self._clock.monotonic(), wait))
            raise AttemptFailedError("busy", "the replica is busy", status=status, retry_after_s=wait)
        if status >= BROKEN or status == TIMED_OUT:
            raise AttemptFailedError("status", f"the replica answered {status}", status=status)
        if status in CREDENTIAL:
            if proof is not None and not proof.retired:
                proof.retired = True
                self._reports.refused(proof.id, status)
            raise AttemptFailedError("credential", f"the replica refused our credential with {status}", status=status)
        if status in REDIRECTS:
            raise AttemptFailedError("bad_answer", f"the replica answered with a redirect ({status})", status=status)


def _retry_after(exchange: Exchange) -> float | None:
    try:
        if milliseconds := exchange.header(b"retry-after-ms"):
            return float(milliseconds) / 1000
        return float(exchange.header(b"retry-after"))
    except ValueError:
        return None
