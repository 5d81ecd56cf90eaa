"""Google's Gemini."""

import msgspec

from tulou.services.gateway.tests.upstream import Seen
from tulou.services.gateway.tests.vendors.speech import Json, Saying, Speech

USAGE: Json = {
    "promptTokenCount": 7,
    "candidatesTokenCount": 2,
    "thoughtsTokenCount": 1,
    "cachedContentTokenCount": 2,
    "totalTokenCount": 10,
}
CALL: Json = {"functionCall": {"name": "get_weather", "args": {"city": "Fuzhou"}}}


def _piece(parts: list[Json], reason: str = "", *, usage: Json = USAGE) -> Json:
    candidate: Json = {"content": {"role": "model", "parts": parts}, "index": 0}
    if reason:
        candidate["finishReason"] = reason
    return {"candidates": [candidate], "usageMetadata": usage, "modelVersion": "gemini-v", "responseId": "g1"}


def _frame(value: Json) -> bytes:
    return b"data: " + msgspec.json.encode(value) + b"\r\n\r\n"


EARLY: Json = {"promptTokenCount": 7, "totalTokenCount": 7}

GEMINI = Speech(
    dialect="gemini",
    text=Saying(
        whole=_piece([{"text": "hello"}], "STOP"),
        frames=(_frame(_piece([{"text": "hel"}], usage=EARLY)), _frame(_piece([{"text": "lo"}], "STOP"))),
    ),
    tools=Saying(whole=_piece([CALL], "STOP"), frames=(_frame(_piece([CALL], "STOP")),)),
    opening=(),
    piece=_frame(_piece([{"text": "on and on "}], usage=EARLY)),
    fault=_frame({"error": {"code": 500, "message": "cuda", "status": "INTERNAL"}}),
    refusal=lambda status, words: {"error": {"code": status, "message": words, "status": "INVALID_ARGUMENT"}},
    streams=lambda seen: seen.path.endswith(":streamGenerateContent"),
)


def asked_for(seen: Seen) -> str:
    """Return the last words of the prompt, as this vendor got them."""
    return seen.json["contents"][-1]["parts"][0]["text"]
