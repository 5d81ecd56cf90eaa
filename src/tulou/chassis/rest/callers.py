"""Who may call the administration API: whoever brings a key with the scope `admin`."""

from collections.abc import Awaitable, Callable
from dataclasses import replace

from starlette.requests import Request

from tulou.contracts.identity.messages import Authenticate, Identified, Scope
from tulou.kernel.context import CONTEXT
from tulou.kernel.errors import ForbiddenError, UnauthenticatedError

Authenticator = Callable[[Authenticate], Awaitable[Identified]]


def requires(scope: Scope, authenticate: Authenticator) -> Callable[[Request], Awaitable[None]]:
    """Return a dependency that lets only keys with this scope pass, and puts their owner into the context."""

    async def check(request: Request) -> None:
        identified = await authenticate(Authenticate(secret=secret_of(request)))
        if scope not in identified.scopes:
            has = ", ".join(identified.scopes)
            raise ForbiddenError(f"this key has the scope {has}; {request.url.path} asks for {scope}")
        known = replace(CONTEXT.get(), tenant=identified.tenant, principal=identified.principal, key=identified.key)
        CONTEXT.set(known)

    return check


def secret_of(request: Request) -> str:
    """Return the key that came with a request; raise `UnauthenticatedError` if none did."""
    scheme, _, bearer = request.headers.get("authorization", "").partition(" ")
    secret = bearer.strip() if scheme.lower() == "bearer" else request.headers.get("x-api-key", "")
    if not secret:
        raise UnauthenticatedError("no key came with the request; send `Authorization: Bearer sk-tulou-...`")
    return secret
