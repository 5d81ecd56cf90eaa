"""Which thing a request is about, as its route says, and whose that is."""

import msgspec
from starlette.requests import Request

from tulou.chassis.rest.declared import Declared
from tulou.contracts.governance.messages import Resource


class _Named(msgspec.Struct):
    tenant: str = ""


_BODY = msgspec.json.Decoder(_Named)


async def resource_of(request: Request, declared: Declared, *, tenant: str) -> Resource:
    """Return what a request is about; it is the caller's `tenant`'s where the request names no other."""
    named = await _tenant_named(request, declared)
    return Resource(kind=declared.kind, name=declared.named(request.path_params), tenant=named or tenant)


async def _tenant_named(request: Request, declared: Declared) -> str:
    match declared.tenant:
        case "path":
            return request.path_params[declared.tenant_in]
        case "query":
            return request.query_params.get("tenant", "")
        case "body":
            # The route acts on what is in the body alone: a query must not say what is decided about.
            return await _body_names(request)
        case "":
            return ""


async def _body_names(request: Request) -> str:
    try:
        return _BODY.decode(await request.body()).tenant
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return ""  # whoever reads it as what it should be says what is wrong with it
