"""Responses as clients know them: the object that every state of an answer has, and the items of its output."""

import msgspec

from tulou.services.gateway.dialects.custom_input import unwrapped
from tulou.services.gateway.dialects.dialect import Echo
from tulou.services.gateway.dialects.events import Failed, Finished, Used
from tulou.services.gateway.dialects.folding import Piece
from tulou.services.gateway.dialects.openai_responses.request_writer import shape_of
from tulou.services.gateway.dialects.openai_responses.tool_writer import as_written, choice_of, tools_of
from tulou.services.gateway.dialects.openai_responses.words import FAMILY, encrypted
from tulou.services.gateway.dialects.plain import plain
from tulou.services.gateway.dialects.prompt import Prompt, Tool, ToolChoice
from tulou.services.gateway.dialects.toolbox import alone

Json = dict[str, object]
PREFIXES = {"text": "msg", "refusal": "msg", "thought": "rs", "call": "fc", "custom": "ctc", "opaque": "item"}

CODES = {429: "rate_limit_exceeded", 400: "invalid_prompt"}
"""The few codes that a response's error may have; every other failure is the server's."""


class _Logprobs(msgspec.Struct):
    content: list["_Token"] | None = None


class _Top(msgspec.Struct):
    token: str
    logprob: float
    bytes: list[int] | None = None


class _Token(msgspec.Struct):
    token: str
    logprob: float
    bytes: list[int] | None = None
    top_logprobs: list[_Top] | None = None


_LOGPROBS = msgspec.json.Decoder(_Logprobs)


class Frame:
    """What all states of one response have in common."""

    def __init__(self, echo: Echo) -> None:
        self._echo = echo
        self._suffix = echo.id.rpartition("_")[2]
        prompt = echo.prompt
        self._tools = {tool.name: tool for tool in prompt.tools}
        self._head: Json = {"id": echo.id, "object": "response", "created_at": echo.created}
        self._tail: Json = {
            "instructions": _instructions(prompt),
            "max_output_tokens": prompt.max_tokens,
            "metadata": prompt.metadata,
            "model": echo.model,
            "parallel_tool_calls": prompt.parallel_tools is not False,
            "previous_response_id": echo.previous or None,
            "reasoning": _reasoning(prompt),
            "store": prompt.extra.get("store", True),
            "background": prompt.extra.get("background", False),
            "temperature": prompt.temperature,
            "text": _text(prompt),
            "tool_choice": choice_of(prompt.tool_choice or ToolChoice(mode="auto"), prompt.tools),
            "tools": [*tools_of(prompt.tools, as_written), *prompt.hosted],
            "top_logprobs": prompt.logprobs or 0,
            "top_p": prompt.top_p,
            "truncation": prompt.extra.get("truncation", "disabled"),
            "user": prompt.user or None,
        }

    def item_id(self, piece: Piece, place: int) -> str:
        """Return the id of the item at a place."""
        kind = "custom" if self.is_custom(piece) else piece.kind
        return f"{PREFIXES[kind]}_{self._suffix}{place:02d}"

    def is_custom(self, piece: Piece) -> bool:
        """Say whether a part is the call of a tool that takes a text as it is."""
        tool = self._tools.get(piece.name) if piece.kind == "call" else None
        return tool is not None and tool.custom

    def name_of(self, piece: Piece) -> str:
        """Return the name that the client gave the tool of a call, in its group if it has one."""
        tool = self._tools.get(piece.name)
        return piece.name if tool is None or tool.namespace is None else alone(tool.namespace.name, piece.name)

    def item_of(self, piece: Piece, number: str, *, status: str = "completed") -> object:
        """Return a part of an answer as an item; None for one that only another dialect understands."""
        match piece.kind:
            case "text" | "refusal":
                content = [part_of(piece)]
                return {"id": number, "type": "message", "role": "assistant", "status": status, "content": content}
            case "thought":
                return _thought(piece, number, status)
            case "call":
                return _call(piece, self._tools.get(piece.name), number, status)
            case "opaque":
                return piece.raw if piece.family == FAMILY else None

    def begun(self) -> Json:
        """Return the response that has only just begun."""
        return self._state("in_progress", [])

    def ended(self, output: list[object], finished: Finished, used: Used | None) -> Json:
        """Return the response that is complete, or that ended early."""
        state = self._state(status_of(finished), output)
        if finished.reason == "length":
            state["incomplete_details"] = {"reason": "max_output_tokens"}
        elif finished.reason == "content_filter":
            state["incomplete_details"] = {"reason": "content_filter"}
        state["usage"] = usage_of(used) if used is not None else None
        return state

    def failed(self, output: list[object], failed: Failed, used: Used | None) -> Json:
        """Return the response that failed."""
        state = self._state("failed", output)
        state["error"] = {"code": CODES.get(failed.status, "server_error"), "message": failed.message}
        state["usage"] = usage_of(used) if used is not None else None
        return state

    def _state(self, status: str, output: list[object]) -> Json:
        middle: Json = {"status": status, "error": None, "incomplete_details": None}
        return self._head | middle | self._tail | {"output": output, "usage": None}


def status_of(finished: Finished) -> str:
    """Return the status of a response that ended."""
    return "incomplete" if finished.reason in {"length", "content_filter"} else "completed"


def usage_of(used: Used) -> Json:
    """Return the counts."""
    return {
        "input_tokens": used.input,
        "input_tokens_details": {"cached_tokens": used.cached, "cache_write_tokens": used.cache_written},
        "output_tokens": used.output,
        "output_tokens_details": {"reasoning_tokens": used.reasoning},
        "total_tokens": used.input + used.output,
    }


def _call(piece: Piece, tool: Tool | None, number: str, status: str) -> Json:
    """Return a call under the name that the client gave the tool, in its group."""
    group = tool.namespace.name if tool is not None and tool.namespace is not None else ""
    custom = tool is not None and tool.custom
    call: Json = {"id": number, "type": "custom_tool_call" if custom else "function_call", "status": status}
    call |= {"call_id": piece.id, "name": alone(group, piece.name)}
    call |= {"input": unwrapped(piece.text)} if custom else {"arguments": piece.text}
    return call | ({"namespace": group} if group else {})


def part_of(piece: Piece) -> Json:
    """Return the content of a message."""
    if piece.kind == "refusal":
        return {"type": "refusal", "refusal": piece.text}
    logprobs = [token for raw in piece.logprobs for token in tokens_of(raw)]
    return {"type": "output_text", "text": piece.text, "annotations": piece.annotations, "logprobs": logprobs}


def tokens_of(logprobs: msgspec.Raw) -> list[Json]:
    """Return log probabilities as this dialect writes them: every token has its bytes."""
    return [
        {
            "token": token.token,
            "logprob": token.logprob,
            "bytes": token.bytes or list(token.token.encode()),
            "top_logprobs": [
                {"token": top.token, "logprob": top.logprob, "bytes": top.bytes or list(top.token.encode())}
                for top in token.top_logprobs or ()
            ],
        }
        for token in _LOGPROBS.decode(logprobs).content or ()
    ]


def _thought(piece: Piece, number: str, status: str) -> Json:
    item: Json = {"id": number, "type": "reasoning", "status": status, "summary": []}
    if piece.text and piece.summary:
        item["summary"] = [{"type": "summary_text", "text": piece.text}]
    elif piece.text:
        item["content"] = [{"type": "reasoning_text", "text": piece.text}]
    if sealed := encrypted(piece.signature, piece.redacted):
        item["encrypted_content"] = sealed
    return item


def _instructions(prompt: Prompt) -> str | None:
    first = prompt.turns[0] if prompt.turns else None
    return plain(first.parts) if first is not None and first.role == "system" else None


def _reasoning(prompt: Prompt) -> Json:
    reasoning = prompt.reasoning
    if reasoning is None:
        return {"effort": None, "summary": None}
    return {"effort": reasoning.effort or None, "summary": reasoning.summary or None}


def _text(prompt: Prompt) -> Json:
    text: Json = {"format": {"type": "text"} if prompt.shape is None else shape_of(prompt.shape)}
    return text | {"verbosity": prompt.verbosity} if prompt.verbosity else text
