"""What clients get, read by the official clients' own types."""

import json
from collections.abc import Callable
from typing import Any

from anthropic.types import Message, RawMessageStreamEvent
from openai.types import Completion
from openai.types.chat import ChatCompletion, ChatCompletionChunk
from openai.types.responses import Response, ResponseStreamEvent
from pydantic import TypeAdapter

from tulou.services.gateway.dialects.sse import Sse

Json = dict[str, Any]

_WHOLE: dict[str, TypeAdapter[Any]] = {
    "chat": TypeAdapter(ChatCompletion),
    "completions": TypeAdapter(Completion),
    "responses": TypeAdapter(Response),
    "messages": TypeAdapter(Message),
}
_PIECE: dict[str, TypeAdapter[Any]] = {
    "chat": TypeAdapter(ChatCompletionChunk),
    "completions": TypeAdapter(Completion),
    "responses": TypeAdapter(ResponseStreamEvent),
    "messages": TypeAdapter(RawMessageStreamEvent),
}


def whole(client: str, body: bytes) -> Json:
    """Return an answer that the official client understands."""
    _WHOLE[client].validate_json(body)
    return json.loads(body)


def pieces(client: str, stream: bytes) -> list[Json]:
    """Return the events of a stream, each of which the official client understands; errors are left as they are."""
    told: list[Json] = []
    for payload in Sse().feed(stream):
        if payload == b"[DONE]":
            continue
        piece: Json = json.loads(payload)
        if "error" not in piece or piece["error"] is None:
            if client != "completions":
                _PIECE[client].validate_json(payload)
            told.append(piece)
        else:
            told.append(piece)
    return told


def text(client: str, answer: Json) -> str:
    if client == "chat":
        return answer["choices"][0]["message"]["content"]
    if client == "completions":
        return answer["choices"][0]["text"]
    if client == "messages":
        return "".join(block["text"] for block in answer["content"] if block["type"] == "text")
    items = [item for item in answer["output"] if item["type"] == "message"]
    return "".join(part["text"] for item in items for part in item["content"])


def streamed_text(client: str, told: list[Json]) -> str:
    def chat(piece: Json) -> str:
        return "".join(choice["delta"].get("content") or "" for choice in piece["choices"])

    def completions(piece: Json) -> str:
        return "".join(choice["text"] for choice in piece["choices"])

    def responses(piece: Json) -> str:
        return piece["delta"] if piece["type"] == "response.output_text.delta" else ""

    def messages(piece: Json) -> str:
        return piece["delta"].get("text", "") if piece["type"] == "content_block_delta" else ""

    read: dict[str, Callable[[Json], str]] = {
        "chat": chat,
        "completions": completions,
        "responses": responses,
        "messages": messages,
    }
    return "".join(read[client](piece) for piece in told)


def calls(client: str, answer: Json) -> list[tuple[str, Json]]:
    """Return the tools that were called, by name and arguments."""
    if client == "chat":
        functions = [call["function"] for call in answer["choices"][0]["message"]["tool_calls"]]
        return [(function["name"], json.loads(function["arguments"])) for function in functions]
    if client == "responses":
        items = [item for item in answer["output"] if item["type"] == "function_call"]
        return [(item["name"], json.loads(item["arguments"])) for item in items]
    return [(block["name"], block["input"]) for block in answer["content"] if block["type"] == "tool_use"]


def thoughts(client: str, answer: Json) -> str:
    if client == "chat":
        return answer["choices"][0]["message"]["reasoning_content"]
    if client == "responses":
        items = [item for item in answer["output"] if item["type"] == "reasoning"]
        return "".join(part["text"] for item in items for part in [*item["summary"], *item.get("content", ())])
    return "".join(block["thinking"] for block in answer["content"] if block["type"] == "thinking")


def counts(client: str, answer: Json) -> tuple[int, int, int]:
    """Return the tokens read, of them those from the cache, and the tokens written."""
    usage = answer["usage"]
    if client == "messages":
        cached = usage["cache_read_input_tokens"]
        return usage["input_tokens"] + usage["cache_creation_input_tokens"] + cached, cached, usage["output_tokens"]
    if client == "responses":
        return usage["input_tokens"], usage["input_tokens_details"]["cached_tokens"], usage["output_tokens"]
    return usage["prompt_tokens"], usage["prompt_tokens_details"]["cached_tokens"], usage["completion_tokens"]


def probabilities(client: str, answer: Json) -> list[float]:
    if client == "completions":
        return answer["choices"][0]["logprobs"]["token_logprobs"]
    if client == "chat":
        return [token["logprob"] for token in answer["choices"][0]["logprobs"]["content"]]
    parts = [part for item in answer["output"] for part in item.get("content", ())]
    return [token["logprob"] for part in parts for token in part["logprobs"]]


def continued(client: str, answer: Json) -> Json:
    """Return the request with which a client goes on from an answer, as it sends its words back."""
    if client == "responses":
        return {"model": "house", "input": [*answer["output"], {"role": "user", "content": "Go on."}]}
    said = answer["choices"][0]["message"] if client == "chat" else {"role": "assistant", "content": answer["content"]}
    turns = [{"role": "user", "content": "What is a tulou?"}, said, {"role": "user", "content": "Go on."}]
    return {"model": "house", "max_tokens": 3000, "messages": turns}
