"""Amazon's Bedrock: the Converse API, whose streams are binary."""

from binascii import crc32
from struct import pack

import msgspec

from tulou.services.gateway.tests.upstream import Seen
from tulou.services.gateway.tests.vendors.speech import Json, Saying, Speech

USAGE: Json = {"inputTokens": 5, "outputTokens": 3, "totalTokens": 10, "cacheReadInputTokens": 2}
TOOL: Json = {"toolUseId": "call_1", "name": "get_weather"}


def _whole(block: Json, reason: str) -> Json:
    return {
        "output": {"message": {"role": "assistant", "content": [block]}},
        "stopReason": reason,
        "usage": USAGE,
        "metrics": {"latencyMs": 1},
    }


def _message(headers: dict[str, str], value: Json) -> bytes:
    """Return one message of AWS's event stream encoding."""
    payload = msgspec.json.encode(value)
    head = b"".join(
        pack("!B", len(name)) + name.encode() + b"\x07" + pack("!H", len(text)) + text.encode()
        for name, text in headers.items()
    )
    prelude = pack("!II", 16 + len(head) + len(payload), len(head))
    prelude += pack("!I", crc32(prelude))
    whole = prelude + head + payload
    return whole + pack("!I", crc32(whole))


def _event(kind: str, value: Json) -> bytes:
    return _message({":event-type": kind, ":content-type": "application/json", ":message-type": "event"}, value)


def _text(text: str) -> bytes:
    return _event("contentBlockDelta", {"contentBlockIndex": 0, "delta": {"text": text}})


def _json(text: str) -> bytes:
    return _event("contentBlockDelta", {"contentBlockIndex": 0, "delta": {"toolUse": {"input": text}}})


def _end(reason: str) -> tuple[bytes, ...]:
    return (
        _event("contentBlockStop", {"contentBlockIndex": 0}),
        _event("messageStop", {"stopReason": reason}),
        _event("metadata", {"usage": USAGE, "metrics": {"latencyMs": 1}}),
    )


BROKEN = {
    ":exception-type": "internalServerException",
    ":content-type": "application/json",
    ":message-type": "exception",
}
START = _event("messageStart", {"role": "assistant"})

BEDROCK = Speech(
    dialect="bedrock",
    content_type=b"application/vnd.amazon.eventstream",
    text=Saying(
        whole=_whole({"text": "hello"}, "end_turn"),
        frames=(START, _text("hel"), _text("lo"), *_end("end_turn")),
    ),
    tools=Saying(
        whole=_whole({"toolUse": {**TOOL, "input": {"city": "Fuzhou"}}}, "tool_use"),
        frames=(
            START,
            _event("contentBlockStart", {"contentBlockIndex": 0, "start": {"toolUse": TOOL}}),
            _json('{"city":'),
            _json('"Fuzhou"}'),
            *_end("tool_use"),
        ),
    ),
    opening=(START,),
    piece=_text("on and on "),
    fault=_message(BROKEN, {"message": "cuda"}),
    refusal=lambda _, words: {"message": words},
    streams=lambda seen: seen.path.endswith("/converse-stream"),
)


def asked_for(seen: Seen) -> str:
    """Return the last words of the prompt, as this vendor got them."""
    return seen.json["messages"][-1]["content"][0]["text"]
