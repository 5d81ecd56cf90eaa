"""GET /v1/responses/{id}, its input_items, POST cancel and DELETE: answered from what the responses service keeps."""

from urllib.parse import parse_qs

import msgspec
from starlette.types import Scope, Send

from tulou.contracts.responses.api import Responses
from tulou.contracts.responses.messages import NameResponse
from tulou.contracts.routing.messages import Grant
from tulou.kernel.errors import InvalidError
from tulou.services.gateway.http.arrival import caller_of
from tulou.services.gateway.http.reply import reply, reply_json
from tulou.services.gateway.http.responses.items import Item, read
from tulou.services.gateway.http.responses.replay import retold
from tulou.services.gateway.http.responses.store import in_name_of, owner_of
from tulou.services.gateway.refusals import PathNotFoundError, WrongMethodError
from tulou.services.gateway.service import GatewayService
from tulou.services.gateway.stack.ways.way import JSON, SSE

PAGE, LONGEST_PAGE = 20, 100
METHODS = {"": ("GET", "DELETE"), "input_items": ("GET",), "cancel": ("POST",)}


class StoredResponses:
    """Only the project that an answer was made for sees that it exists."""

    def __init__(self, service: GatewayService) -> None:
        self._service = service
        self._responses: Responses = service.responses
        self._store_breaker = service.store_breaker
        self._token = service.house.token.encode()

    async def __call__(self, path: str, scope: Scope, send: Send) -> None:
        """Answer for a path below `/v1/responses/`."""
        name, _, what = path.partition("/")
        methods, method = METHODS.get(what), scope["method"]
        if methods is None:
            raise PathNotFoundError(f"nothing answers at {scope['path']}; /docs lists what does")
        if method not in methods:
            right = ", ".join(methods)
            raise WrongMethodError(f"{scope['path']} takes {right}, not {method}", right=right)
        grant = self._grant(scope)
        named = NameResponse(owner=owner_of(grant), id=name)
        with in_name_of(grant):
            await self._answer(method, what, named, scope, send)

    async def _answer(self, method: str, what: str, named: NameResponse, scope: Scope, send: Send) -> None:
        async with self._store_breaker.asking():
            if method == "DELETE":
                await self._responses.delete(named)
                await reply_json(send, {"id": named.id, "object": "response", "deleted": True})
            elif what == "cancel":
                await reply(send, 200, [JSON], (await self._responses.cancel(named)).body.encode())
            else:
                await self._show(named, what, parse_qs(scope["query_string"].decode("latin-1")), send)

    async def _show(self, named: NameResponse, what: str, query: dict[str, list[str]], send: Send) -> None:
        stored = await self._responses.response(named)
        if what == "input_items":
            await reply_json(send, _page(read(stored.input), query))
        elif query.get("stream") == ["true"]:
            if stored.state in {"queued", "in_progress"}:
                raise InvalidError(
                    f"the response {named.id!r} is {stored.state}; a stream of it can be read once it is done",
                    param="stream",
                )
            after = _number(query, "starting_after", -1)
            await reply(send, 200, [*SSE], retold(stored.body.encode(), after=after))
        else:
            await reply(send, 200, [JSON], stored.body.encode())

    def _grant(self, scope: Scope) -> Grant:
        plan = self._service.plan()
        return caller_of(plan, dict(scope["headers"]), clock=self._service.clock, token=self._token).grant


def _page(items: list[Item], query: dict[str, list[str]]) -> dict[str, object]:
    """Return a page of items as OpenAI's clients read it: newest first unless `order` says `asc`."""
    ordered = items if query.get("order") == ["asc"] else items[::-1]
    ids = [msgspec.json.decode(item["id"]) for item in ordered]
    after = query.get("after", [""])[0]
    if after and after not in ids:
        raise InvalidError(f"after names {after!r}, which is not among the items", param="after")
    start = ids.index(after) + 1 if after else 0
    limit = min(max(1, _number(query, "limit", PAGE)), LONGEST_PAGE)
    shown, names = ordered[start : start + limit], ids[start : start + limit]
    return {
        "object": "list",
        "data": shown,
        "first_id": names[0] if names else None,
        "last_id": names[-1] if names else None,
        "has_more": start + limit < len(ordered),
    }


def _number(query: dict[str, list[str]], name: str, otherwise: int) -> int:
    given = query.get(name, [""])[0]
    if not given:
        return otherwise
    try:
        return int(given)
    except ValueError as error:
        raise InvalidError(f"{name} is {given!r}; it must be a whole number", param=name) from error
