"""Thoughts go back to who made them as they came: words and proofs, from answers and streams, turn by turn."""

import json
from typing import Any, cast

import pytest

from tulou.services.gateway.dialects.catalogue import CLIENTS, UPSTREAMS
from tulou.services.gateway.dialects.dialect import Ability, Echo
from tulou.services.gateway.dialects.tests import canned, told
from tulou.services.gateway.dialects.tests.asked import body
from tulou.services.gateway.dialects.tests.test_matrix import MODELS, SIGNATURES, THOUGHT

Json = dict[str, Any]
CLIENT_NAMES = ("chat", "responses", "messages")
WORDED = {"anthropic", "bedrock"}
"""Vendors whose proofs are of the very words."""


def kept_of_chat(pieces: list[Json]) -> Json:
    """Put a message together as clients do: texts joined, lists one after another."""
    message: Json = {"role": "assistant", "content": ""}
    for piece in pieces:
        for choice in piece["choices"]:
            for name, value in choice["delta"].items():
                if name in {"content", "reasoning_content"} and value:
                    message[name] = message.get(name, "") + value
                elif name == "reasoning_details":
                    message[name] = [*message.get(name, []), *value]
    return {"choices": [{"message": message}]}


def kept_of_messages(pieces: list[Json]) -> Json:
    blocks: list[Json] = []
    for piece in pieces:
        if piece["type"] == "content_block_start":
            blocks.append(dict(piece["content_block"]))
        elif piece["type"] == "content_block_delta":
            delta: Json = piece["delta"]
            for name in ("text", "thinking", "signature"):
                if name in delta:
                    blocks[-1][name] = blocks[-1].get(name, "") + delta[name]
    return {"content": blocks}


def answer(client: str, upstream: str, *, stream: bool) -> Json:
    """Return an answer with a thought, as a client has it at its end."""
    dialect, vendor = {**CLIENTS}[client], {**UPSTREAMS}[upstream]  # pyright: ignore[reportArgumentType] - names
    prompt = dialect.read_request(body(client, "stream"))
    echo = Echo(id=f"{dialect.id_prefix}01", model="house", created=1, prompt=prompt)
    if not stream:
        return told.whole(client, dialect.write_answer(vendor.read_answer(canned.whole(upstream, "thinking")), echo))
    reader, writer = vendor.reader(), dialect.writer(echo)
    events = [*reader.feed(canned.stream(upstream, "thinking")), *reader.end()]
    pieces = told.pieces(client, writer.write(events) + writer.end())
    if client == "responses":
        return pieces[-1]["response"]
    return kept_of_chat(pieces) if client == "chat" else kept_of_messages(pieces)


def sent(client: str, upstream: str, request: Json) -> bytes:
    prompt = {**CLIENTS}[client].read_request(json.dumps(request).encode())  # pyright: ignore[reportArgumentType] - a name
    vendor = {**UPSTREAMS}[upstream]  # pyright: ignore[reportArgumentType] - a name of the table
    return vendor.write_request(prompt, Ability(model=MODELS[upstream])).body


def proofs(written: bytes, upstream: str) -> list[str]:
    """Return the words that stand beside each proof."""
    found: list[str] = []

    def walk(value: Any) -> None:
        if isinstance(value, dict):
            block = cast("Json", value)
            if str(block.get("signature")).startswith(SIGNATURES[upstream]):
                found.append(block.get("thinking") or block.get("text") or "")
            for inner in block.values():
                walk(inner)
        elif isinstance(value, list):
            for inner in cast("list[object]", value):
                walk(inner)

    walk(json.loads(written))
    return found


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("upstream", UPSTREAMS)
@pytest.mark.parametrize("client", CLIENT_NAMES)
def test_a_thought_goes_back_turn_by_turn(client: str, upstream: str, *, stream: bool) -> None:
    once = told.continued(client, answer(client, upstream, stream=stream))
    turns = "input" if client == "responses" else "messages"
    again = once | {turns: [*once[turns], *told.continued(client, answer(client, upstream, stream=stream))[turns]]}

    for request, times in ((once, 1), (again, 2)):
        written = sent(client, upstream, request)
        assert written.count(SIGNATURES[upstream].encode()) >= times
        if upstream in WORDED:
            assert proofs(written, upstream) == [THOUGHT] * times


@pytest.mark.parametrize("maker", ["anthropic", "gemini"])
@pytest.mark.parametrize("client", CLIENT_NAMES)
def test_no_other_vendor_is_sent_what_proves_a_thought(client: str, maker: str) -> None:
    request = told.continued(client, answer(client, maker, stream=True))

    for upstream in set(UPSTREAMS) - {maker, "bedrock" if maker == "anthropic" else maker}:
        if (client, upstream) != ("chat", "openai"):  # passed on as it was written
            assert SIGNATURES[maker].encode() not in sent(client, upstream, request), upstream
