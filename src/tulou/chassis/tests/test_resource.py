"""What a request is about is where its route takes it from, and nowhere else."""

import pytest
from starlette.requests import Request
from starlette.types import Message

from tulou.chassis.rest.declared import Declared, Names
from tulou.chassis.rest.resource import resource_of


def asked(query: bytes, body: bytes, path: dict[str, str] | None = None) -> Request:
    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    scope = {"type": "http", "method": "POST", "path": "/", "query_string": query, "path_params": path or {}}
    return Request(scope | {"headers": []}, receive)


@pytest.mark.parametrize(
    ("names", "query", "body", "tenant"),
    [
        ("body", b"", b'{"tenant":"south"}', "south"),
        ("body", b"tenant=north", b'{"tenant":"south"}', "south"),
        ("body", b"tenant=south", b"{}", "mine"),
        ("body", b"tenant=south", b"", "mine"),
        ("body", b"tenant=south", b"no JSON", "mine"),
        ("body", b"tenant=south", b'{"tenant":7}', "mine"),
        ("query", b"tenant=south", b'{"tenant":"north"}', "south"),
        ("query", b"", b'{"tenant":"north"}', "mine"),
        ("path", b"tenant=north", b'{"tenant":"north"}', "south"),
        ("", b"tenant=south", b'{"tenant":"south"}', "mine"),
    ],
)
async def test_a_tenant_counts_only_where_the_route_takes_it(
    names: Names, query: bytes, body: bytes, tenant: str
) -> None:
    declared = Declared(permission="keys:write", action="keys:write", kind="key", tenant=names)
    request = asked(query, body, {"tenant": "south"} if names == "path" else None)
    assert (await resource_of(request, declared, tenant="mine")).tenant == tenant
