"""The way of embeddings to those that embed in a dialect of their own."""

from tulou.contracts.routing.messages import Deadlines
from tulou.services.gateway.dialects.catalogue import EMBEDDERS, UPSTREAMS
from tulou.services.gateway.dialects.embeddings.client import read_request, write_answer
from tulou.services.gateway.dialects.embeddings.vectors import check_vectors
from tulou.services.gateway.dialects.events import Used
from tulou.services.gateway.refusals import WrongEndpointError
from tulou.services.gateway.stack.backend import Backend
from tulou.services.gateway.stack.call import Answer, Call
from tulou.services.gateway.stack.failure import UNREADABLE, AttemptFailedError
from tulou.services.gateway.stack.guess import count
from tulou.services.gateway.stack.lease import BackendLease
from tulou.services.gateway.stack.resources import StageResources
from tulou.services.gateway.stack.ways.translated import ability, openai_error
from tulou.services.gateway.stack.ways.way import ERROR_BYTES, JSON, OK
from tulou.services.gateway.stack.wire import REDIRECTS, Outgoing, Wire
from tulou.services.gateway.usage import used

TIMES = 4
"""An answer is in memory in the pieces that came, as one, and as numbers, which take twice as much."""


class EmbeddingCall:
    """Answers in OpenAI's shape."""

    def __init__(self, site: StageResources, wire: Wire) -> None:
        self._wire = wire
        self._room = site.room

    async def __call__(self, call: Call, backend: Backend, lease: BackendLease, deadlines: Deadlines) -> Answer:
        """Return the vectors."""
        del lease
        embedder = EMBEDDERS.get(backend.replica.dialect)
        if embedder is None:
            raise WrongEndpointError(
                f"{call.model!r} is served by {backend.replica.provider}, which does not embed", param="model"
            )
        asked, able = read_request(call.body), ability(backend)
        written = embedder.write_request(asked, able)
        call.dropped = written.dropped
        outgoing = Outgoing(backend.head("embeddings", embedder.path(able), stream=False), written.body)
        exchange = await self._wire.send(call, backend, outgoing, deadlines)
        try:
            if exchange.status >= REDIRECTS.start:
                said = UPSTREAMS[backend.replica.dialect].read_error(
                    exchange.status, await exchange.read(at_most=ERROR_BYTES)
                )
                return Answer(exchange.status, [JSON], openai_error(exchange.status, *said), backend)
            embedded = embedder.read_answer(await self._room.read(call, exchange, times=TIMES))
            check_vectors(embedded.vectors, count=asked.count)
        except UNREADABLE as error:
            raise AttemptFailedError("bad_answer", f"the replica's answer cannot be read: {error}") from error
        finally:
            exchange.close()
        counts = embedded.counts
        usage = count(call, used(counts) if isinstance(counts, Used) else counts, lambda: 0)
        return Answer(OK, [JSON], write_answer(embedded, asked, tokens=usage.input), backend)
