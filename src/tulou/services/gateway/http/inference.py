"""The hot path: from the head of a request to the last byte of its answer."""

import asyncio

from starlette.types import Receive, Scope, Send

from tulou.chassis.http.request import Header
from tulou.contracts.routing.messages import Endpoint
from tulou.kernel.errors import TulouError, UpstreamError
from tulou.services.gateway.http import dialect
from tulou.services.gateway.http.arrival import Headers, request_id_of, secret_of
from tulou.services.gateway.http.errors import error_body, error_headers
from tulou.services.gateway.http.intake import read_body
from tulou.services.gateway.http.record import Record, Recorder
from tulou.services.gateway.http.reply import reply
from tulou.services.gateway.refusals import ModelNotFoundError, NoReplicaError, WrongEndpointError
from tulou.services.gateway.service import GatewayService
from tulou.services.gateway.snapshot.plan import Lane, Plan
from tulou.services.gateway.stack.admission import identify
from tulou.services.gateway.stack.call import Answer, Body, Call
from tulou.services.gateway.stack.rewrite import with_usage
from tulou.services.gateway.telemetry.counters import LEFT_STATUS

SSE: tuple[Header, ...] = ((b"cache-control", b"no-cache"), (b"x-accel-buffering", b"no"))


class Inference:
    """Answers the POST endpoints of inference."""

    def __init__(self, service: GatewayService) -> None:
        self._service = service
        self._clock = service.clock
        self._monotonic = service.clock.monotonic
        self._turnstile = service.turnstile
        self._body_bytes = service.settings.body_bytes
        self._recorder = Recorder(service)

    async def __call__(self, endpoint: Endpoint, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; whatever happens is counted and logged once."""
        headers: Headers = dict(scope["headers"])
        record = self._recorder.open(endpoint, request_id_of(headers))
        try:
            await self._serve(record, headers, receive, send)
        except TulouError as error:
            await self._refuse(send, error, record)
        except asyncio.CancelledError:
            record.status = LEFT_STATUS
            raise
        except Exception as error:  # noqa: BLE001 - the edge of a request
            self._recorder.crashed(record, error)
            await self._refuse(send, TulouError("the gateway failed at this request; its log says why"), record)
        finally:
            self._recorder.close(record)

    async def _serve(self, record: Record, headers: Headers, receive: Receive, send: Send) -> None:
        plan = self._service.plan()
        record.grant = identify(plan.grants, secret_of(headers), clock=self._clock)
        body = await read_body(receive, headers, self._turnstile, at_most=self._body_bytes)
        try:
            record.began = self._monotonic()
            asked = dialect.read(record.endpoint, body)
            record.asked = asked.model
            lane = _lane(plan, record.endpoint, asked.model)
            call = Call(
                endpoint=record.endpoint,
                model=lane.model,
                body=body,
                stream=asked.streams,
                grant=record.grant,
                request_id=record.request_id,
                started=record.began,
            )
            call.affinity = asked.affinity
            call.forced = asked.forced
            if call.stream and not asked.wants_usage:
                call.strip_usage = True
                call.body = with_usage(body, has_options=b'"stream_options"' in body)
            self._recorder.follow(record, call, headers.get(b"traceparent"))
            await self._climb(record, call, lane, send)
        finally:
            self._turnstile.drop(len(body))

    async def _climb(self, record: Record, call: Call, lane: Lane, send: Send) -> None:
        if not self._turnstile.try_enter():
            await self._turnstile.wait()
        try:
            answer = await lane.stack(call)
            try:
                await self._send(record, call, answer, send)
            finally:
                answer.close()
        finally:
            self._turnstile.leave()

    async def _send(self, record: Record, call: Call, answer: Answer, send: Send) -> None:
        record.status = answer.status
        headers = answer.headers + self._recorder.answered(record, call, answer.backend)
        record.sent = True
        if answer.rest is None:
            await reply(send, answer.status, headers, answer.first)
            return
        headers += SSE
        await send({"type": "http.response.start", "status": answer.status, "headers": headers})
        if answer.first:
            await send({"type": "http.response.body", "body": answer.first, "more_body": True})
        await self._relay(record, call, answer.rest, send)

    async def _relay(self, record: Record, call: Call, rest: Body, send: Send) -> None:
        """Pass a stream on; one that breaks ends with an event that says so."""
        last = b""
        try:
            while data := await rest.next():
                await send({"type": "http.response.body", "body": data, "more_body": True})
        except UpstreamError as error:
            record.error = error
            record.status = error.status
            last = b"%bevent: error\ndata: %b\n\n" % (b"\n\n" if call.torn else b"", error_body(error))
        await send({"type": "http.response.body", "body": last})

    async def _refuse(self, send: Send, error: TulouError, record: Record) -> None:
        record.error = error
        record.status = error.status
        if record.sent:
            raise error  # the head is out: all that is left is to break the connection
        attempts = record.call.attempts if record.call else ()
        headers = [*error_headers(error), (b"x-request-id", record.request_id.encode("ascii"))]
        await reply(send, error.status, headers, error_body(error, attempts))


def _lane(plan: Plan, endpoint: Endpoint, model: str) -> Lane:
    """Return the lane of a model, or raise the error that says why there is none."""
    lane = plan.lanes[endpoint].get(model)
    if lane is not None:
        return lane
    known = plan.models.get(model)
    if known is None:
        raise ModelNotFoundError(
            f"the model {model!r} does not exist or you have no access to it; GET /v1/models lists yours", param="model"
        )
    if not known.endpoints:
        raise NoReplicaError(f"the model {model!r} has no deployment now; `tulou status` says why", retry_after_s=1.0)
    raise WrongEndpointError(
        f"the model {model!r} does not do {endpoint}; it does {', '.join(known.endpoints)}", param="model"
    )
