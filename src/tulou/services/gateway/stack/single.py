"""One call to one replica: the request goes out, and what comes back is judged before anything is passed on."""

from tulou.chassis.http.errors import HttpError
from tulou.chassis.http.exchange import Exchange
from tulou.chassis.http.request import Header, Request
from tulou.contracts.routing.messages import Deadlines
from tulou.services.gateway.stack.backend import Backend
from tulou.services.gateway.stack.call import Answer, Call, Choice
from tulou.services.gateway.stack.events import scan_usage
from tulou.services.gateway.stack.failure import AttemptFailedError, explain
from tulou.services.gateway.stack.flow import Flow
from tulou.services.gateway.stack.holdback import HoldBack, RefusedStreamError
from tulou.services.gateway.stack.lease import Lease
from tulou.services.gateway.stack.refused import refused
from tulou.services.gateway.stack.rewrite import with_forced, with_model
from tulou.services.gateway.stack.site import Site
from tulou.services.gateway.stack.spans import record_attempt

OK = 200
REDIRECTS = range(300, 400)
CREDENTIAL = frozenset({401, 402, 403})
TIMED_OUT = 408
BUSY = 429
BROKEN = 500
ERROR_BYTES = 256 * 1024
JSON: Header = (b"content-type", b"application/json")


class Single:
    """Raises `AttemptFailedError` for everything that another replica might do better."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._client = site.client
        self._monotonic = site.clock.monotonic
        self._answer_bytes = site.settings.answer_bytes

    async def __call__(self, call: Call, choice: Choice, backend: Backend, deadlines: Deadlines) -> Answer:
        """Call the replica; the answer of a stream comes back once its first event is good."""
        lease = Lease(choice, backend)
        began = self._monotonic()
        answer: Answer | None = None
        failure: AttemptFailedError | None = None
        try:
            answer = await self._answer(call, backend, lease, deadlines)
            return answer  # noqa: TRY300 - `finally` looks at it
        except AttemptFailedError as error:
            failure = error
            raise
        finally:
            call.upstream_s += self._monotonic() - began
            if answer is None or answer.rest is None:
                lease.end(good=answer is not None or (False if failure is not None and failure.counts else None))
            if call.place is not None:
                record_attempt(self._site, call, backend, began, failure)

    async def _answer(self, call: Call, backend: Backend, lease: Lease, deadlines: Deadlines) -> Answer:
        exchange: Exchange | None = None
        answer: Answer | None = None
        try:
            exchange = await self._client.send(_request(call, backend), deadlines)
            if call.stream and exchange.status == OK and b"event-stream" in exchange.header(b"content-type"):
                answer = await _streamed(call, exchange, backend, lease)
            else:
                answer = await self._whole(call, exchange, backend)
            return answer  # noqa: TRY300 - `finally` looks at it
        except HttpError as error:
            raise explain(error) from error
        finally:
            if exchange is not None and (answer is None or answer.rest is None):
                exchange.close()

    async def _whole(self, call: Call, exchange: Exchange, backend: Backend) -> Answer:
        status = exchange.status
        if status < REDIRECTS.start:
            body = await exchange.read(at_most=self._answer_bytes)
            call.usage = scan_usage(body)
            return Answer(status, _headers(exchange), body, backend)
        _judge(exchange)
        return Answer(status, [JSON], refused(status, await exchange.read(at_most=ERROR_BYTES)), backend)


async def _streamed(call: Call, exchange: Exchange, backend: Backend, lease: Lease) -> Answer:
    hold = HoldBack()
    try:
        while (held := hold.feed(data := await exchange.chunk())) is None:
            if not data:
                hold.end()
    except RefusedStreamError as refusal:
        return Answer(refusal.status, [JSON], refused(refusal.status, refusal.body), backend)
    flow = Flow(call, exchange, lease)
    return Answer(OK, _headers(exchange), flow.relay.feed(held), backend, flow)


def _request(call: Call, backend: Backend) -> Request:
    body = call.body
    if backend.replica.upstream_model:
        body = with_model(body, backend.replica.upstream_model)
    if call.forced is not None and not backend.replica.named_tools:
        body = with_forced(body, call.forced)
    own = b"content-length: %d\r\nx-request-id: %b\r\n" % (len(body), call.request_id.encode("latin-1"))
    if call.traceparent:
        own += b"traceparent: %b\r\n" % call.traceparent
    return Request(origin=backend.origin, head=b"%b%b\r\n" % (backend.heads[call.endpoint], own), body=body)


def _headers(exchange: Exchange) -> list[Header]:
    """Return the few headers of an engine's answer that concern a client; the rest is between it and us."""
    kept = [pair for pair in exchange.headers if pair[0] in {b"content-type", b"content-encoding"}]
    return kept or [JSON]


def _judge(exchange: Exchange) -> None:
    """Raise for the statuses that another replica might do better with."""
    status = exchange.status
    if status == BUSY:
        raise AttemptFailedError("busy", "the replica is busy", status=status, retry_after_s=_retry_after(exchange))
    if status >= BROKEN or status == TIMED_OUT:
        raise AttemptFailedError("status", f"the replica answered {status}", status=status)
    if status in CREDENTIAL:
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
