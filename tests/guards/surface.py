"""What others have built on, as facts: routes and their messages, `house.yaml`, settings, and what processes ask.

`python -m tests.guards.surface` writes what has come into the golden files; what went or changed only `--breaking`
writes.
"""

import asyncio
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import httpx2
import msgspec
from fastapi import FastAPI
from structlog.testing import capture_logs

from tests.contracts.test_rights import app_of
from tests.guards import golden
from tests.guards.golden import Difference, Facts
from tests.guards.schemas import PLACE, fields, kind, value
from tulou.assembly.catalogue import CATALOGUE
from tulou.assembly.reference import tables
from tulou.chassis.operations import AnyOperation, operations_of
from tulou.chassis.reference import settings
from tulou.kernel.operation import StreamOperation
from tulou.services.configuration.domain.document import HouseDocument
from tulou.services.governance.component import COMPONENT
from tulou.services.governance.settings import GovernanceSettings
from tulou.testing.house import open_house
from tulou.testing.http import http_client

Json = Mapping[str, Any]
MUST = "required "
PUBLIC: Json = {"security": []}
METHODS = ("get", "post", "put", "patch", "delete")
ASKED = re.compile(r" needs the permission ([a-z_-]+:[a-z]+)")


def rest() -> Facts:
    """Return the facts of every route behind the gate, and of each message."""
    document, permissions = asyncio.run(_documented())
    found: dict[str, str] = {}
    for path, item in document["paths"].items():
        for method in METHODS:
            if method in item:
                at = f"{method.upper()} {path}"
                found |= _route(at, item, item[method], permissions.get(at, "none"))
    schemas: Json = document["components"]["schemas"]
    for way in ("sent", "answered"):
        for name in _inside(_bodies(document, way), schemas):
            found |= {f"{way} {key}": told for key, told in fields(_bare(name), _bared(schemas[name]))}
    return found


def house_yaml() -> Facts:
    """Return the facts of every key of `house.yaml`."""
    template = PLACE + "{name}"
    _, schemas = msgspec.json.schema_components((HouseDocument,), schema_hook=_anything, ref_template=template)
    return {key: told for name, schema in schemas.items() for key, told in fields(name, schema)}


def configured() -> Facts:
    """Return the facts of every key of `tulou.toml`."""
    found: dict[str, str] = {}
    for table, kind_of in tables().items():
        for one in settings(table, kind_of):
            words = one.kind.split(" or ") if one.kind.startswith("`") else []
            found[f"[{table}] {one.key}"] = f"{'word' if words else one.kind} = {one.default}"
            found |= {f"[{table}] {one.key} may be {word}": "a word" for word in words}
    return found


def operations() -> Facts:
    """Return what processes of a house ask of one another: while it restarts by turns, old ones ask new ones."""
    found = [one for part in CATALOGUE.values() for one in operations_of(part.contract).values()]
    return {one.name: f"{one.request.__name__} -> {_several(one)}{one.reply.__name__}" for one in found}


def _several(operation: AnyOperation) -> str:
    return "stream of " if isinstance(operation, StreamOperation) else ""


SURFACES: Mapping[str, Callable[[], Facts]] = {
    "rest.txt": rest,
    "house-yaml.txt": house_yaml,
    "settings.txt": configured,
    "operations.txt": operations,
}


def changes(name: str, now: Facts) -> Difference:
    """Return what differs from the golden file.

    What must be sent from now on breaks who sends the message already; what need not be sent any more, or is always in
    an answer from now on, breaks nobody.
    """
    before = golden.read(name)
    demands = {
        key: _owner(key) for key, told in now.items() if told.startswith(MUST) and not key.startswith("answered ")
    }
    eased = {key: before[key] for key in sorted(before.keys() & now.keys()) if _eases(key, before[key], now[key])}
    found = golden.difference(before, {**now, **eased}, demands=demands)
    return Difference((*found.came, *(f"+ {key}: {told} -> {now[key]}" for key, told in eased.items())), found.broken)


def _eases(key: str, before: str, now: str) -> bool:
    if before == now:
        return False
    return now == MUST + before if key.startswith("answered ") else before == MUST + now


def _owner(key: str) -> str:
    """Return what a fact is a part of: the route of a parameter, the message of a field."""
    return key.partition(" ?")[0] if " ?" in key else key.partition(".")[0]


def _bodies(document: Json, way: str) -> set[str]:
    """Return the messages that clients send, or those that they are answered with."""
    found: set[str] = set()
    for item in document["paths"].values():
        for method in METHODS:
            operation = item.get(method, {})
            found |= _named(operation.get("requestBody") if way == "sent" else operation.get("responses"))
    return found | (_named(document["components"].get("responses")) if way == "answered" else set())


def _inside(names: set[str], schemas: Json) -> set[str]:
    """Return messages and all those inside of them."""
    found, new = set[str](), names
    while new:
        found |= new
        new = {inner for name in new for inner in _named(schemas[name])} - found
    return found


def _named(part: object) -> set[str]:
    """Return the messages that a part of the document names."""
    return set(re.findall(f'"{PLACE}([^"]+)"', msgspec.json.encode(part).decode()))


def _bare(name: str) -> str:
    """Return a message's name; FastAPI marks those that are sent otherwise than they are answered."""
    return name.removesuffix("-Input").removesuffix("-Output")


def _bared(schema: Json) -> Json:
    text = msgspec.json.encode(schema).decode()
    return msgspec.json.decode(re.sub(f'"({PLACE}[^"]+?)-(?:Input|Output)"', r'"\1"', text))


def _route(at: str, item: Json, operation: Json, permission: str) -> Iterator[tuple[str, str]]:
    key = "no key" if operation.get("security") == [] else "a key"
    yield at, f"{operation['operationId']}, {key}, permission {permission}"
    for parameter in (*item.get("parameters", ()), *operation.get("parameters", ())):
        name = f"{at} ?{parameter['in']}.{parameter['name']}"
        yield from value(name, parameter["schema"], required=parameter["required"])
    body = operation.get("requestBody")
    if body is not None:
        must = "required " if body.get("required") else ""
        for media, content in body["content"].items():
            yield f"{at} takes {media}", must + kind(_bared(content["schema"]))
    for status, response in operation["responses"].items():
        yield f"{at} answers {status}", _answer(response)


def _answer(response: Json) -> str:
    if "$ref" in response:
        return response["$ref"].rpartition("/")[2]
    told = [
        f"{media} {kind(_bared(content.get('x-itemSchema') or content.get('schema', {})))}"
        for media, content in sorted(response.get("content", {}).items())
    ]
    return ", ".join(told) + "".join(f" +{name}" for name in sorted(response.get("headers", ()))) or "nothing"


def _anything(_: type) -> dict[str, Any]:
    """Return the schema of a field that holds what another service understands."""
    return {"type": "any"}


async def _documented() -> tuple[Json, Mapping[str, str]]:
    """Return the document, and what each route of control says that it asks for."""
    async with (
        open_house("tulou.services.governance.migrations") as house,
        COMPONENT.build(house.provided({GovernanceSettings: GovernanceSettings()})) as governance,
    ):
        app = app_of(governance)
        document: Json = app.openapi()
        return document, await _permissions(app, document)


async def _permissions(app: FastAPI, document: Json) -> Mapping[str, str]:
    """Return what each route says that somebody without a role lacks; some are open to whoever is known."""
    asked: dict[str, str] = {}
    transport = httpx2.ASGITransport(app)
    with capture_logs():
        async with http_client("http://house", transport=transport, headers={"x-api-key": "none"}) as http:
            for path, item in document["paths"].items():
                for method in METHODS:
                    if item.get(method, PUBLIC).get("security") != []:
                        reply = await http.request(method.upper(), re.sub(r"[{}]", "", path))
                        told = ASKED.search(reply.text)
                        asked[f"{method.upper()} {path}"] = told[1] if told else "none"
    return asked


def main() -> None:
    """Write what came; refuse to write what breaks, unless told to."""
    broken: list[str] = []
    for name, facts_of in SURFACES.items():
        now, there = facts_of(), golden.read(name)
        found = changes(name, now)
        if found.broken and "--breaking" not in sys.argv:
            broken += [f"{name}: {line}" for line in found.broken]
            continue
        golden.write(name, now)
        print(f"{name}: {len(found.came)} new, {len(found.broken)} changed of {len(there)}")  # noqa: T201
    if broken:
        sys.exit("\n".join(["this breaks who relies on it; `--breaking` writes it all the same:", *broken]))


if __name__ == "__main__":
    main()
