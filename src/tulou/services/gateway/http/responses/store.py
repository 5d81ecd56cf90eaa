"""The making of answers that are kept: what came before is put in front, and what comes is kept before its end."""

import asyncio
import secrets
from collections.abc import AsyncGenerator, Iterable
from contextlib import AbstractContextManager, asynccontextmanager, closing, nullcontext

import msgspec
import structlog

from tulou.contracts.files.messages import Owner
from tulou.contracts.responses.api import Responses
from tulou.contracts.responses.messages import NameItems, NameResponse, ResponseState, StoredResponse
from tulou.contracts.routing.messages import Grant
from tulou.kernel.clock import Clock
from tulou.kernel.context import Context, KeyActor, acting
from tulou.kernel.errors import NotFoundError, TulouError
from tulou.services.gateway.allotment import HeldAllotment, NoRoomError, TenantAllotment
from tulou.services.gateway.dialects.sse import payload, split_events
from tulou.services.gateway.endpoints.responses import Responding
from tulou.services.gateway.http.responses.items import Item, history, items_of, nameless, written
from tulou.services.gateway.http.responses.loading import LARGE_BYTES
from tulou.services.gateway.refusals import BodyTooLargeError
from tulou.services.gateway.settings import GatewaySettings
from tulou.services.gateway.stack.rewrite import fields_of
from tulou.services.gateway.store_breaker import StoreBreaker

log = structlog.get_logger()

DAY_S = 86_400.0
FINAL: dict[str, ResponseState] = {"completed": "completed", "incomplete": "incomplete", "failed": "failed"}


class _Whole(msgspec.Struct):
    id: str
    status: str = "completed"


class _Last(msgspec.Struct):
    type: str
    response: msgspec.Raw = msgspec.Raw(b"")


_WHOLE = msgspec.json.Decoder(_Whole)
_LAST = msgspec.json.Decoder(_Last)
_ITEM = msgspec.json.Decoder(Item)


class ResponseStore:
    """Asks the responses service, never longer than its deadline, and not at all while it is away."""

    def __init__(
        self, responses: Responses, store_breaker: StoreBreaker, settings: GatewaySettings, clock: Clock
    ) -> None:
        self._responses = responses
        self._store_breaker = store_breaker
        self.body_bytes = settings.body_bytes
        self._keep_s = settings.responses_keep_days * DAY_S
        self._clock = clock
        self._turns, self._turn_s = TenantAllotment(1), settings.responses_s

    async def before(self, grant: Grant, asked: Responding) -> list[Item]:
        """Return what was said before the request; raise `NotFoundError`, `TooLargeError` or `ResponsesAwayError`."""
        if asked.previous_response_id is None:
            return []
        named = NameResponse(owner=owner_of(grant), id=asked.previous_response_id, at_most=self.body_bytes)
        try:
            async with self._asking(grant):
                conversation = await self._responses.conversation(named)
        except NotFoundError as error:
            raise NotFoundError(
                f"no response {named.id!r} is kept for this project; it has expired, or was made with store: false",
                param="previous_response_id",
            ) from error
        return history(conversation.items)

    async def items(self, grant: Grant, ids: Iterable[str]) -> dict[str, Item]:
        """Return items of answers that are kept, by id; raise what `Responses.items` does, or `ResponsesAwayError`."""
        wanted = tuple(dict.fromkeys(ids))
        named = NameItems(owner=owner_of(grant), ids=wanted, at_most=self.body_bytes)
        async with self._asking(grant):
            found = await self._responses.items(named)
        return {name: _ITEM.decode(item) for name, item in zip(wanted, found.items, strict=True)}

    async def enqueue(self, grant: Grant, asked: Responding, body: bytes) -> bytes:
        """Have an answer made in the background; return it as it is now."""
        now = self._clock.now()
        id_ = new_id()
        shown: dict[str, object] = {
            "id": id_,
            "object": "response",
            "created_at": int(now),
            "status": "queued",
            "background": True,
            "error": None,
            "incomplete_details": None,
            "instructions": asked.instructions,
            "model": asked.model,
            "output": [],
            "previous_response_id": asked.previous_response_id,
            "store": True,
            "usage": None,
        }
        stored = self._stored(grant, asked, id_, "queued", msgspec.json.encode(shown), request=body)
        async with self._asking(grant):
            return (await self._responses.enqueue(stored)).body.encode()

    async def keep(self, grant: Grant, asked: Responding, body: bytes) -> str:
        """Keep a whole answer; return its id, perhaps a vendor's own. One that cannot be kept has none, and goes out.

        Of a tenant's large ones one is kept at a time: who waits for that as long as for the store keeps nothing.
        """
        try:
            whole = _WHOLE.decode(body)
            state = FINAL.get(whole.status, "completed")
            turn = await self._turn(grant.tenant) if len(body) > LARGE_BYTES else nullcontext()
            with turn:
                stored = self._stored(grant, asked, whole.id, state, body)
                async with self._asking(grant):
                    await self._responses.keep(stored)
        except (TulouError, NoRoomError, ValueError) as error:  # no JSON, or no UTF-8
            log.warning("response_not_kept", model=asked.model, error=str(error))
            return ""
        return whole.id

    async def _turn(self, tenant: str) -> AbstractContextManager[HeldAllotment]:
        """Return a tenant's turn to keep a large answer; raise `NoRoomError` where it does not come in time."""
        return closing(await self._turns.enter(tenant, until=asyncio.get_running_loop().time() + self._turn_s))

    @asynccontextmanager
    async def _asking(self, grant: Grant) -> AsyncGenerator[None]:
        """Ask in the name of the key: the responses service enqueues what it makes in the background for it."""
        with in_name_of(grant):
            async with self._store_breaker.asking():
                yield

    def _stored(
        self, grant: Grant, asked: Responding, id_: str, state: ResponseState, body: bytes, *, request: bytes = b""
    ) -> StoredResponse:
        now = self._clock.now()
        return StoredResponse(
            id=id_,
            owner=owner_of(grant),
            state=state,
            body=body.decode(),
            input=written(items_of(asked.input)),
            created_at=now,
            expires_at=now + self._keep_s,
            previous=asked.previous_response_id or "",
            request=request.decode(),
        )


def whole_request(body: bytes, before: list[Item], asked: Responding, *, at_most: int, changed: bool = False) -> bytes:
    """Return the request with all that was said before in its input, and without what only we understand.

    `changed`: the input is another than in the body, with items that were named there. Raise `BodyTooLargeError` when
    the request is larger than one may be.
    """
    fields: dict[str, object] = {**fields_of(body)}
    for name in ("previous_response_id", "background"):
        fields.pop(name, None)
    if before or changed:
        own = asked.input if not isinstance(asked.input, str) else items_of(asked.input)
        fields["input"] = [*before, *(map(nameless, own) if changed else own)]
    whole = msgspec.json.encode(fields)  # all at once: what was said before may be large
    if (before or changed) and len(whole) > at_most:
        raise BodyTooLargeError(
            f"the request with the conversation before it has {len(whole)} bytes, more than {at_most} ([gateway] "
            "body_bytes); begin a new one without previous_response_id, or send a shorter input",
            param="previous_response_id",
        )
    return whole


def final_response(data: bytes) -> bytes | None:
    """Return the response in the last event of a stream, if these bytes hold that."""
    for event in reversed(split_events(data)):
        try:
            last = _LAST.decode(payload(event) or b"null")
        except msgspec.MsgspecError:
            continue
        if bytes(last.response) and last.type.removeprefix("response.") in FINAL:
            return bytes(last.response)
    return None


def in_name_of(grant: Grant) -> AbstractContextManager[Context]:
    """Act as the key that a request came with, for as long as the block runs."""
    key = KeyActor(tenant=grant.tenant, principal=grant.principal, id=grant.key)
    return acting(Context(actor=key, project=grant.project))


def owner_of(grant: Grant) -> Owner:
    """Return whose an answer is: the project's."""
    return Owner(tenant=grant.tenant, project=grant.project, key=grant.key, principal=grant.principal)


def new_id() -> str:
    """Return the id of a new response: nobody guesses it."""
    return f"resp_{secrets.token_hex(24)}"
