"""What a route asks for: `<noun>:<verb>` by its path and method, and whose the thing is that it names."""

from collections.abc import Mapping
from types import MappingProxyType

import msgspec
from starlette.requests import Request

from tulou.chassis.rest.callers import SAFE
from tulou.contracts.governance.messages import Resource

ADMINISTRATION = "/api/v1/"
INFERENCE = "/v1/"
OPEN = frozenset({"me", "sign-out"})
"""Everybody who is known may look at themselves and leave."""

USED: Mapping[str, str] = MappingProxyType({"responses": "models:use", "organization": "usage:read"})
"""What inference's paths ask for where that is not `<noun>:use`."""

_IRREGULAR: Mapping[str, str] = MappingProxyType({"policies": "policy", "batches": "batch"})


class _Named(msgspec.Struct):
    tenant: str = ""


_BODY = msgspec.json.Decoder(_Named)


def permission_of(method: str, path: str) -> str:
    """Return what a request to the administration asks for, such as `keys:write`; empty where nothing is needed."""
    noun = noun_of(path)
    if noun in OPEN:
        return ""
    return f"{noun}:{'read' if method in SAFE else 'write'}"


def use_of(path: str) -> str:
    """Return what a request beside inference asks for, such as `files:use`."""
    noun = path.removeprefix(INFERENCE).partition("/")[0]
    return USED.get(noun, f"{noun}:use")


def noun_of(path: str) -> str:
    """Return the first segment below `/api/v1`."""
    return path.removeprefix(ADMINISTRATION).partition("/")[0]


def kind_of(noun: str) -> str:
    """Return what one of these is called: `keys` are many of a `key`."""
    return _IRREGULAR.get(noun) or noun.removesuffix("s")


async def resource_of(request: Request, *, tenant: str) -> Resource:
    """Return what a request is about; it is the caller's `tenant`'s unless path, query or body name another."""
    rest = request.scope["path"].removeprefix(ADMINISTRATION).removeprefix(INFERENCE)
    noun, _, name = rest.partition("/")
    return Resource(kind=kind_of(noun), name=name, tenant=await _tenant_named(request, noun, name) or tenant)


async def _tenant_named(request: Request, noun: str, name: str) -> str:
    if noun == "tenants":
        return name.partition("/")[0]
    given: str = request.path_params.get("tenant") or request.query_params.get("tenant") or ""
    return given or await _body_names(request)


async def _body_names(request: Request) -> str:
    if request.method in SAFE or not request.scope["path"].startswith(ADMINISTRATION):
        return ""
    try:
        return _BODY.decode(await request.body()).tenant
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return ""  # whoever reads it as what it should be says what is wrong with it
