"""What a request's head says: who asks, under which id, in which trace."""

import re
import secrets
from collections.abc import Mapping
from hmac import compare_digest
from itertools import count
from typing import NamedTuple

from starlette.types import Scope

from tulou.contracts.routing.messages import Grant
from tulou.kernel.clock import Clock
from tulou.services.gateway.snapshot.plan import RequestPlan
from tulou.services.gateway.stack.admission import identify, stand_in

_SANE_ID = re.compile(rb"[\w.:/+=@-]{1,128}")
_BEARER = b"bearer "
_PREFIX = f"req_{secrets.token_hex(8)}"
_NUMBERS = count()
"""An id is this process's random name and a number: a random id each would cost 5 us, this costs 0.2."""

Headers = Mapping[bytes, bytes]

VERSION = b"anthropic-version"
"""What Anthropic's clients send along with everything."""

ON_BEHALF_OF, PRIORITY = b"x-tulou-on-behalf-of", b"x-tulou-priority"
"""What the house says when it asks its own gate: for which key, and how urgently."""


class Caller(NamedTuple):
    """Whose request it is; `house` when the house asks for itself."""

    grant: Grant
    house: bool = False


def caller_of(plan: RequestPlan, headers: Headers, *, clock: Clock, token: bytes) -> Caller:
    """Return who asks; raise what `identify` raises. The house proves itself by its token, in constant time."""
    secret = secret_of(headers)
    behalf = headers.get(ON_BEHALF_OF)
    if behalf is not None and token and compare_digest(secret, token):
        return Caller(stand_in(plan.keys, behalf.decode("latin-1"), clock=clock), house=True)
    return Caller(identify(plan.grants, secret, clock=clock))


def secret_of(headers: Headers) -> bytes:
    """Return the key that came along, wherever clients of this field put it."""
    authorization = headers.get(b"authorization")
    if authorization is not None and authorization[:7].lower() == _BEARER:
        return authorization[7:].strip()
    return headers.get(b"x-api-key") or headers.get(b"api-key") or b""


def address_of(scope: Scope) -> str:
    """Return where a request came from, as far as the server knows."""
    client: tuple[str, int] | None = scope.get("client")
    return client[0] if client else ""


def speaks_anthropic(scope: Scope) -> bool:
    """Say whether Anthropic's dialect is spoken where no endpoint tells: by the path's prefix, else by the version."""
    path: str = scope["path"]
    return path.startswith("/anthropic/") or (
        path.startswith("/v1/") and any(name == VERSION for name, _ in scope["headers"])
    )


def request_id_of(headers: Headers) -> str:
    """Return the client's id of the request if it is short and harmless, or a new one."""
    given = headers.get(b"x-request-id")
    if given is not None and _SANE_ID.fullmatch(given):
        return given.decode("ascii")
    return f"{_PREFIX}{next(_NUMBERS)}"
