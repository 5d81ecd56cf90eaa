"""Print what LiteLLM's own OpenAPI document says of the answers that an import reads.

With a proxy up: `python -m tests.peers.litellm.take_openapi http://127.0.0.1:4000`, into the file
tests/contracts/litellm/openapi.json. The whole document has two megabytes; this is what the answers below need of it,
without words for people.
"""

import json
import sys
from collections.abc import Iterator, Sequence
from typing import Any, cast

import httpx2

ROOTS = ("KeyListResponseObject", "TeamListResponse", "LiteLLM_BudgetTable")
WORDS = ("title", "description", "examples", "example")
TIMEOUT_S = 60


def needed(schemas: dict[str, Any], names: Sequence[str]) -> dict[str, Any]:
    """Return the schemas of some names, and all that these refer to."""
    found: dict[str, Any] = {}
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        if name not in found:
            found[name] = plain(schemas[name])
            waiting += references(found[name])
    return found


def references(value: Any) -> Iterator[str]:
    """Yield the names of the schemas that a value refers to."""
    if isinstance(value, list):
        for item in cast("list[Any]", value):
            yield from references(item)
    if isinstance(value, dict):
        for name, item in cast("dict[str, Any]", value).items():
            if name == "$ref":
                yield str(item).rpartition("/")[2]
            yield from references(item)


def plain(value: Any, *, names: bool = False) -> Any:
    """Return a schema without words for people; `names` says that the keys of a mapping are names of fields."""
    if isinstance(value, list):
        return [plain(item) for item in cast("list[Any]", value)]
    if not isinstance(value, dict):
        return value
    items = cast("dict[str, Any]", value).items()
    kept = {name: item for name, item in items if names or name not in WORDS}
    return {name: plain(item, names=name == "properties" and not names) for name, item in kept.items()}


def main(url: str) -> None:
    """Print the schemas by name, one a line."""
    document = httpx2.get(f"{url}/openapi.json", timeout=TIMEOUT_S, trust_env=False).json()
    schemas = needed(document["components"]["schemas"], ROOTS)
    lines = ",\n".join(f"  {json.dumps(name)}: {json.dumps(schemas[name], sort_keys=True)}" for name in sorted(schemas))
    version = json.dumps(document["info"]["version"])
    sys.stdout.write(f'{{"info": {{"version": {version}}}, "components": {{"schemas": {{\n{lines}\n}}}}}}\n')


if __name__ == "__main__":
    main(sys.argv[1].rstrip("/"))
