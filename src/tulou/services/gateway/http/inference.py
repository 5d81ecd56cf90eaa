"""The hot path: from the head of a request to the last byte of its answer."""

import asyncio

from starlette.types import Receive, Scope, Send

from tulou.contracts.routing.messages import Endpoint
from tulou.http.server.owned import claim
from tulou.kernel.errors import TulouError, UnauthenticatedError
from tulou.services.gateway.endpoints.asked import EndpointRequest
from tulou.services.gateway.endpoints.catalogue import SERVED
from tulou.services.gateway.endpoints.read import read
from tulou.services.gateway.endpoints.responses import Responding
from tulou.services.gateway.http.arrival import Headers, address_of, caller_of, request_id_of
from tulou.services.gateway.http.calls import granted, make_call
from tulou.services.gateway.http.headers import AnswerHeaders
from tulou.services.gateway.http.heartbeat import Heartbeat
from tulou.services.gateway.http.intake import read_body
from tulou.services.gateway.http.record import Record, Recorder
from tulou.services.gateway.http.refusing import refusal
from tulou.services.gateway.http.request_ledger import RequestLedger
from tulou.services.gateway.http.responses.loading import ConversationLoads
from tulou.services.gateway.http.responses.recorder import KeptAnswer, ResponseRecorder
from tulou.services.gateway.http.responses.store import ResponseStore
from tulou.services.gateway.http.sending import Sender
from tulou.services.gateway.http.settlement import AnswerSettlement, CrashedError
from tulou.services.gateway.http.strangers import Strangers
from tulou.services.gateway.refusals import WrongTypeError
from tulou.services.gateway.service import GatewayService
from tulou.services.gateway.snapshot.plan import RequestPlan, lane_of
from tulou.services.gateway.snapshot.stacks import RouteStack
from tulou.services.gateway.stack.call import Answer, Call
from tulou.services.gateway.stack.rewrite import with_model
from tulou.services.gateway.stack.ways.way import JSON, OK


class Inference:
    """Answers the POST endpoints of inference."""

    def __init__(self, service: GatewayService) -> None:
        self._service = service
        self._clock = service.clock
        self._monotonic = service.clock.monotonic
        self._turnstile = service.turnstile
        self._token = service.house.token.encode()
        self._heartbeat_s = service.settings.heartbeat_s
        self._body_bytes = service.settings.body_bytes
        self._recorder = Recorder(service)
        self._strangers = Strangers(service)
        self._headers = AnswerHeaders(self._monotonic, service.counters.overhead.observe)
        self._send = Sender(self._recorder, service.clock)
        self._settlement = AnswerSettlement(RequestLedger(service.ledger, service.clock), self._monotonic)
        self._loading = ConversationLoads(service.turnstile, service.settings)
        self._keeping = ResponseStore(service.responses, service.store_breaker, service.settings, service.clock)

    async def __call__(self, endpoint: Endpoint, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; whatever happens is counted, logged and written into the ledger once."""
        headers: Headers = dict(scope["headers"])
        record = self._recorder.open(endpoint, request_id_of(headers))
        record.address, record.path = address_of(scope), scope["path"]
        try:
            await self._serve(record, headers, scope, receive, send)
        except UnauthenticatedError as error:
            await self._turn_away(send, error, record)
        except TulouError as error:
            await self._refuse(send, error, record)
        except asyncio.CancelledError:
            if record.heartbeat is not None:
                record.heartbeat.cancel()
            self._settlement.left(record)
            raise
        except Exception as error:  # noqa: BLE001 - the edge of a request
            self._recorder.crashed(record, error)
            await self._refuse(send, CrashedError(), record)
        finally:
            self._recorder.close(record)
            record.error = record.heartbeat = None  # or they and it would hold on to each other, and to what led here

    async def _serve(self, record: Record, headers: Headers, scope: Scope, receive: Receive, send: Send) -> None:
        plan = self._service.plan()
        record.prices = plan.prices
        caller = caller_of(plan, headers, clock=self._clock, token=self._token)
        record.grant, record.house = caller.grant, caller.house
        tenant = caller.grant.tenant
        claim(scope, tenant)
        body = await read_body(receive, headers, self._turnstile, tenant=tenant, at_most=self._body_bytes)
        try:
            record.began = self._monotonic()
            asked, sent = self._read(record, body, plan)
            record.asked = asked.model
            lane = lane_of(plan, record.endpoint, asked.model, caller.grant)
            if isinstance(asked, Responding):
                await self._respond(record, headers, asked, body, lane, send)
                return
            await self._climb(record, self._call(record, headers, asked, sent, lane), lane, send)
        finally:
            self._turnstile.drop(len(body), tenant)

    def _read(self, record: Record, body: bytes, plan: RequestPlan) -> tuple[EndpointRequest, bytes]:
        """Return what is asked, and the body that asks it: as it came, unless it lacks what its endpoint needs."""
        try:
            asked = read(record.endpoint, body)
        except WrongTypeError:
            borrowed = SERVED[record.endpoint].borrowed
            written = borrowed(body) if borrowed is not None else None
            if written is None:
                raise
            record.unread = written.dropped
            return read(record.endpoint, written.body), written.body
        if not asked.model and (unnamed := SERVED[record.endpoint].unnamed) is not None:
            asked.model = unnamed(plan, granted(record))
            return asked, with_model(body, asked.model)
        return asked, body

    def _call(self, record: Record, headers: Headers, asked: EndpointRequest, body: bytes, lane: RouteStack) -> Call:
        call = make_call(record, headers, asked, body, lane)
        self._recorder.follow(record, call, headers.get(b"traceparent"))
        return call

    async def _climb(
        self, record: Record, call: Call, lane: RouteStack, send: Send, making: ResponseRecorder | None = None
    ) -> None:
        tenant = call.grant.tenant
        if call.stream:
            record.heartbeat = Heartbeat(call, send, every_s=self._heartbeat_s)
        try:
            if not self._turnstile.try_enter(tenant):
                await self._turnstile.wait(tenant, batch=call.batch)
            try:
                answer = await lane.stack(call)
                if making is not None:
                    answer = await KeptAnswer(call, making).wrap(answer)
                answer = await self._settlement(record, answer)
                try:
                    self._headers.write(record, call, answer)
                    await self._send(record, answer, send)
                finally:
                    answer.close()
            finally:
                call.leave_room()
                self._turnstile.leave(tenant)
        finally:
            if record.heartbeat is not None:
                record.heartbeat.stop()

    async def _respond(
        self, record: Record, headers: Headers, asked: Responding, body: bytes, lane: RouteStack, send: Send
    ) -> None:
        """Answer a request of the responses API, which may go on from another and may be kept."""
        making = ResponseRecorder(self._keeping, granted(record), asked)
        if asked.background:
            await self._later(record, making, lane, body, send)
            return
        whole, held = await making.load(body, self._loading)
        with held:
            call = self._call(record, headers, asked, whole, lane)
            size = len(whole)
            del whole
            call.answer_id, call.previous = making.id, asked.previous_response_id or ""
            if making.goes_on and not making.names:
                call.question = held
            await self._climb(record, call, lane, send, making)
        if making.size:
            self._loading.learn(granted(record).tenant, making.kept_as, size + making.size)

    async def _later(self, record: Record, making: ResponseRecorder, lane: RouteStack, body: bytes, send: Send) -> None:
        """Have the answer made in the background: the house asks again, on behalf of this key."""
        shown = await making.later(body)
        headers = [JSON, (b"x-request-id", record.request_id.encode("ascii"))]
        headers.append((b"x-tulou-model", lane.model.encode("latin-1", "replace")))
        await self._send(record, await self._settlement(record, Answer(OK, headers, shown)), send)

    async def _turn_away(self, send: Send, error: UnauthenticatedError, record: Record) -> None:
        if record.grant is not None:  # it is known who asks: another than its key was not
            await self._refuse(send, error, record)
            return
        turned = self._strangers.turn_away(
            error, address=record.address, endpoint=record.endpoint, request_id=record.request_id
        )
        record.entry, record.answered = turned.entry, True
        answer = refusal(record, turned.error)
        record.status = answer.status
        await self._send(record, answer, send)

    async def _refuse(self, send: Send, error: TulouError, record: Record) -> None:
        """Answer with an error, unless an answer has begun: then all that is left is to break the connection."""
        if record.answered:
            raise error
        await self._send(record, await self._settlement(record, refusal(record, error)), send)
