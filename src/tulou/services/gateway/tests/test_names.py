"""Names of tools that a vendor does not take: what it is asked by, and what the client reads."""

import re
from pathlib import Path
from typing import Any

import pytest
from starlette.types import Message, Send

from tulou.contracts.discovery.messages import UpstreamDialect
from tulou.contracts.routing.messages import Endpoint
from tulou.services.gateway.stack.backend import PATHS
from tulou.services.gateway.tests.gate import AUTH, gate
from tulou.services.gateway.tests.test_dialects import BOTH, CLIENT, told_of
from tulou.services.gateway.tests.upstream import Seen
from tulou.services.gateway.tests.vendors import SPEECHES
from tulou.services.gateway.tests.vendors.speech import vendor

LONG = "mcp__github-enterprise__" + "create_or_update_file_contents_in_repository_" * 2
NATIVE = {("chat", "openai"), ("responses", "responses"), ("messages", "anthropic")}
ASKED: dict[str, dict[str, Any]] = {
    "chat": {
        "messages": [{"role": "user", "content": "hi"}],
        "tools": [{"type": "function", "function": {"name": LONG}}],
    },
    "responses": {"input": "hi", "tools": [{"type": "function", "name": LONG, "parameters": {}, "strict": False}]},
    "messages": {
        "messages": [{"role": "user", "content": "hi"}],
        "tools": [{"name": LONG, "input_schema": {}}],
        "max_tokens": 9,
    },
}


@CLIENT
@BOTH
@pytest.mark.parametrize("dialect", ["openai", "responses", "anthropic", "gemini"])
async def test_a_tool_is_called_by_the_name_that_its_client_gave_it(
    tmp_path: Path, client: Endpoint, dialect: UpstreamDialect, *, stream: bool
) -> None:
    speech = SPEECHES[dialect]
    kept = (client, dialect) in NATIVE or dialect == "anthropic"
    names: set[str] = set()

    async def act(seen: Seen, send: Send) -> None:
        names.update(found.decode() for found in re.findall(rb"mcp__github[\w-]*", seen.body))
        (name,) = names

        async def renamed(message: Message) -> None:
            if body := message.get("body", b""):
                message["body"] = body.replace(b"get_weather", name.encode())
            message["headers"] = [pair for pair in message.get("headers", ()) if pair[0] != b"content-length"]
            await send(message)

        await speech.says(speech.tools)(seen, renamed)

    asked = {"model": "tiny", "stream": stream, **ASKED[client]}
    async with vendor(speech, "v1", act) as one, gate(tmp_path, told_of(one, speech)) as running:
        got = await running.http.post(PATHS[client], json=asked, headers=AUTH)

    (name,) = names
    assert (name == LONG) is kept
    assert LONG in got.text
    assert kept or name not in got.text
