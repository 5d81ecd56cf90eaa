"""The way between dialects: what is asked is written anew for the replica, and its answer anew for the client."""

from functools import partial

from tulou.chassis.http.exchange import Exchange
from tulou.contracts.routing.messages import Deadlines
from tulou.services.gateway.dialects.catalogue import CLIENTS, UPSTREAMS
from tulou.services.gateway.dialects.dialect import Ability, ClientDialect, UpstreamDialect
from tulou.services.gateway.dialects.names import NONE, RULES, Renamed, fitted, restoring
from tulou.services.gateway.dialects.own import settle_own, without
from tulou.services.gateway.refusals import WrongEndpointError
from tulou.services.gateway.stack.backend import Backend
from tulou.services.gateway.stack.call import Answer, Call
from tulou.services.gateway.stack.defaults import with_defaults, within
from tulou.services.gateway.stack.failure import AttemptFailedError
from tulou.services.gateway.stack.lease import BackendLease
from tulou.services.gateway.stack.resources import StageResources
from tulou.services.gateway.stack.ways.count import lost
from tulou.services.gateway.stack.ways.held import EventGate
from tulou.services.gateway.stack.ways.judged import STREAMS, judged
from tulou.services.gateway.stack.ways.river import TranslatedStream
from tulou.services.gateway.stack.ways.way import ERROR_BYTES, JSON, OK, SSE
from tulou.services.gateway.stack.ways.whole import WholeAnswers
from tulou.services.gateway.stack.wire import REDIRECTS, Outgoing, Wire


class TranslatedCall:
    """Everything that generates text, from any client's dialect to any replica's."""

    def __init__(self, site: StageResources, wire: Wire) -> None:
        self._wire = wire
        self._whole = WholeAnswers(site)
        self._heavy = site.heavy

    async def __call__(self, call: Call, backend: Backend, lease: BackendLease, deadlines: Deadlines) -> Answer:
        """Return the answer in the client's dialect."""
        client, upstream = call.client, UPSTREAMS[backend.replica.dialect]
        if client is None:
            raise WrongEndpointError(
                f"{call.endpoint} cannot be said to a replica that speaks {backend.replica.dialect}"
            )
        outgoing, names = await self._heavy.do(call, partial(_asked, call, backend, upstream))
        exchange = await self._wire.send(call, backend, outgoing, deadlines)
        del outgoing  # it may be large
        upstream = restoring(upstream, names) if names else upstream
        answer: Answer | None = None
        try:
            if exchange.status >= REDIRECTS.start:
                answer = await refusal(call, client, upstream, exchange, backend)
            elif call.stream and any(kind in exchange.header(b"content-type") for kind in STREAMS):
                river = TranslatedStream(
                    call, exchange, lease, upstream.reader(), client.writer(self._whole.echo(call, client))
                )
                answer = await _streamed(call, client, river, exchange, backend)
            else:
                answer = await self._whole(call, client, upstream, exchange, backend, lease)
            return answer
        finally:
            if answer is None or answer.rest is None:
                exchange.close()


def _asked(call: Call, backend: Backend, upstream: UpstreamDialect) -> tuple[Outgoing, Renamed]:
    """Return what the replica is asked, and the names that its answer will have in place of the client's."""
    prompt = call.prompt if call.cap is None else within(call.prompt, backend.told_cap, call.cap)
    prompt = prompt if backend.defaults is None else with_defaults(prompt, backend.defaults)
    prompt, names = (prompt, NONE) if backend.own else fitted(prompt, RULES[backend.replica.dialect])
    written = upstream.write_request(prompt, ability(backend))
    passed = settle_own("chat", written.body) if backend.own else ()
    call.dropped = (*written.dropped, *passed)
    head = backend.head("chat", upstream.path(stream=call.stream), stream=call.stream)
    return Outgoing(head, without(written.body, passed)), names


async def refusal(
    call: Call, client: ClientDialect, upstream: UpstreamDialect, exchange: Exchange, backend: Backend
) -> Answer:
    """Return what the upstream says against the request itself, in the client's words."""
    status = exchange.status
    message, code, param = upstream.read_error(status, await exchange.read(at_most=ERROR_BYTES))
    body = client.write_error(status=status, message=message, code=code, param=param, request_id=call.request_id)
    return Answer(status, [JSON], body, backend)


def openai_error(status: int, message: str, code: str, param: str | None) -> bytes:
    """Return a refusal in OpenAI's words."""
    return CLIENTS["chat"].write_error(status=status, message=message, code=code, param=param, request_id="")


def ability(backend: Backend) -> Ability:
    """Return what is known of a replica's abilities."""
    replica = backend.replica
    return Ability(
        model=backend.model,
        capabilities=frozenset(replica.capabilities),
        max_tokens_field=replica.max_tokens_field or "max_tokens",
        named_tools=replica.named_tools,
        developer_role=replica.developer_role,
        custom_tools=backend.custom_tools,
    )


async def _streamed(
    call: Call, client: ClientDialect, river: TranslatedStream, exchange: Exchange, backend: Backend
) -> Answer:
    """Return the stream once the upstream has begun well."""
    held = EventGate()
    try:
        while True:
            data = await exchange.chunk()
            if held.good(river.read(data)):
                return Answer(OK, [*SSE], river.begin(held.events, complete=not data), backend, river)
            if held.failed is not None:
                return judged(call, client, held.failed, backend)
            if not data:
                held.end()
    except AttemptFailedError as failure:
        lost(call, backend, held.events, failure)
        raise
