"""What proves who calls: a key in a header, or a browser's session in a cookie."""

from collections.abc import Awaitable, Callable

from starlette.requests import Request

from tulou.contracts.identity.messages import Authenticate, Identified
from tulou.kernel.errors import ForbiddenError, UnauthenticatedError

Authenticator = Callable[[Authenticate], Awaitable[Identified]]

COOKIE = "tulou_session"
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_OWN = frozenset({"same-origin", "none"})


def secret_of(request: Request) -> str:
    """Return the key or the session's secret that came with a request; raise `UnauthenticatedError` if neither did.

    Raise `ForbiddenError` for a change that another site makes a signed-in browser ask for.
    """
    if key := _key(request):
        return key
    session = request.cookies.get(COOKIE, "")
    if not session:
        raise UnauthenticatedError("no key came with the request; send `Authorization: Bearer sk-tulou-...`")
    if request.method not in SAFE and not _from_our_own_pages(request):
        raise ForbiddenError("this change was asked for by another site; make it in the console itself, or with a key")
    return session


def brings_a_key(request: Request) -> bool:
    """Say whether a request brings a key, right or wrong; a browser's session is none."""
    return bool(_key(request))


def address_of(request: Request) -> str:
    """Return where a request came from; gateways say it of those whom they pass on, and overwrite what others say."""
    forwarded = request.headers.get("x-forwarded-for", "").rpartition(",")[2].strip()
    return forwarded or (request.client.host if request.client else "")


def _key(request: Request) -> str:
    scheme, _, bearer = request.headers.get("authorization", "").partition(" ")
    return bearer.strip() if scheme.lower() == "bearer" else request.headers.get("x-api-key", "")


def _from_our_own_pages(request: Request) -> bool:
    """Say whether a browser's word shows that our own page asks; a request without any such word is refused."""
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site in _OWN
    origin = request.headers.get("origin", "").partition("://")[2]
    host = request.headers.get("x-forwarded-host") or request.headers.get("host", "")
    return bool(origin) and origin.lower() == host.lower()
