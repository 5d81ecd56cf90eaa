"""What an answer repeats of a large request does not hold the request."""

from sys import getrefcount
from typing import Any

import msgspec

from tulou.services.gateway.dialects.catalogue import CLIENTS
from tulou.services.gateway.dialects.echoed import echoed

ASKED: dict[str, Any] = {
    "model": "tiny",
    "instructions": "be brief",
    "input": [{"role": "user", "content": "long " * 1000}],
    "tools": [{"type": "function", "name": "f", "parameters": {"type": "object", "properties": {}}, "strict": False}],
    "metadata": {"a": "b"},
    "truncation": "auto",
}


def test_the_instructions_stay_and_the_turns_do_not() -> None:
    client = CLIENTS["responses"]
    prompt = client.read_request(msgspec.json.encode(ASKED))
    repeated = echoed(prompt)
    assert [turn.role for turn in repeated.turns] == ["system"]
    assert repeated == msgspec.structs.replace(prompt, turns=prompt.turns[:1])


def test_no_piece_of_it_holds_the_json_that_it_was_cut_from() -> None:
    body = msgspec.json.encode(ASKED)
    nobody = getrefcount(body)
    prompt = CLIENTS["responses"].read_request(body)
    assert getrefcount(body) > nobody
    repeated = echoed(prompt)
    del prompt
    assert getrefcount(body) == nobody
    assert repeated.tools[0].parameters == msgspec.Raw(b'{"type":"object","properties":{}}')
