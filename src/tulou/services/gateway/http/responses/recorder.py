"""One answer of the responses API on its way: what it goes on from, and how it is kept."""

import asyncio
from contextlib import ExitStack
from functools import partial

import msgspec

from tulou.chassis.http.exchange import SMALL_BYTES
from tulou.contracts.routing.messages import Grant
from tulou.kernel.errors import InvalidError
from tulou.services.gateway.endpoints.responses import Responding
from tulou.services.gateway.http.responses.loading import ConversationLoads
from tulou.services.gateway.http.responses.references import references, resolved
from tulou.services.gateway.http.responses.store import ResponseStore, final_response, new_id, whole_request
from tulou.services.gateway.stack.call import Answer, Call
from tulou.services.gateway.stack.rewrite import fields_of
from tulou.services.gateway.stack.wrapper import AnswerWrapper

OK = 200


class ResponseRecorder:
    """Lives as long as its request; `size` are the bytes of the answer once it is kept, under `kept_as`."""

    def __init__(self, keeping: ResponseStore, grant: Grant, asked: Responding) -> None:
        self.id = new_id()
        self._keeping = keeping
        self._grant = grant
        self._asked = asked
        self._given = asked.input
        self._named = references(asked.input)
        self.size = 0
        self.kept_as = ""

    @property
    def previous(self) -> str:
        """Return the response that it goes on from, nothing where there is none, or where items are named beside it."""
        return "" if self.names else self._asked.previous_response_id or ""

    @property
    def goes_on(self) -> bool:
        """Whether something that was said before is to be put in."""
        return self._asked.previous_response_id is not None or self.names

    @property
    def names(self) -> bool:
        """Whether the request names items, which are kept with its answer: they are there until then."""
        return bool(self._named)

    async def request(self, body: bytes) -> bytes:
        """Return the request with all that was said before, however often it is asked for."""
        if self._asked.conversation is not None:
            raise InvalidError("conversations are not kept here; go on with previous_response_id", param="conversation")
        before = await self._keeping.before(self._grant, self._asked)
        if before:
            await asyncio.sleep(0)  # it may be large: one heavy thing at a turn
        await self._resolve()
        return whole_request(body, before, self._asked, at_most=self._keeping.body_bytes, changed=bool(self._named))

    async def load(self, body: bytes, loading: ConversationLoads) -> tuple[bytes, ExitStack]:
        """Return the request with all that was said before, and what that holds of the memory for bodies."""
        if not self.goes_on:
            return await self.request(body), ExitStack()
        made = partial(self.request, body)
        return await loading.load(self._grant.tenant, made, beside=len(body), name=self.previous)

    async def _resolve(self) -> None:
        """Put the items that the request names into its input, under their ids, to be asked and kept so."""
        if self._named and not isinstance(self._given, str):
            items = await self._keeping.items(self._grant, self._named.values())
            self._asked = msgspec.structs.replace(self._asked, input=resolved(self._given, self._named, items))

    async def later(self, body: bytes) -> bytes:
        """Have it made in the background; return it as it is now."""
        if not self._asked.kept:
            raise InvalidError("background needs store: the answer is fetched later", param="background")
        if self._asked.stream:
            raise InvalidError("what is made in the background is no stream; fetch it when it is done", param="stream")
        await self._resolve()
        return await self._keeping.enqueue(self._grant, self._asked, body)

    async def kept(self, shown: bytes) -> bytes:
        """Keep a whole answer as it goes out; return it."""
        if self._asked.kept and not await self._keep(shown):
            return msgspec.json.encode(fields_of(shown) | {"store": False})
        return shown

    async def last(self, data: bytes) -> None:
        """Keep the answer that the last event of a stream holds."""
        if self._asked.kept and (body := final_response(data)) is not None:
            await self._keep(self.shown(body))

    async def _keep(self, shown: bytes) -> bool:
        self.kept_as = await self._keeping.keep(self._grant, self._asked, shown)
        self.size = len(shown) if self.kept_as else 0
        return bool(self.kept_as)

    def shown(self, body: bytes) -> bytes:
        """Return an answer that says of itself what the client asked, not what the upstream was asked."""
        said = {"store": self._asked.kept, "previous_response_id": self._asked.previous_response_id}
        return msgspec.json.encode(fields_of(body) | said)


class KeptAnswer(AnswerWrapper):
    """Keeps an answer before its end goes out; one that cannot be kept goes out all the same."""

    def __init__(self, call: Call, making: ResponseRecorder) -> None:
        super().__init__(call)
        self._making = making
        self._good = False

    def head(self, answer: Answer) -> None:
        """Take note of whether there is something to keep."""
        self._good = answer.status == OK

    async def whole(self, body: bytes) -> bytes:
        """Keep it: it may be large, and has the room of its question until then."""
        if not self._good:
            return body
        self.call.answered()
        shown = self._making.shown(body)
        del body  # it may be large, and is there once more as it goes out
        if len(shown) > SMALL_BYTES:
            await asyncio.sleep(0)
        shown = await self._making.kept(shown)
        if self.call.question is not None:
            self.call.question.close()
        return shown

    async def last(self, data: bytes) -> bytes:
        """Keep what the last event tells, unless it is that the answer broke."""
        if not self.call.broken:
            await self._making.last(data)
        return data
