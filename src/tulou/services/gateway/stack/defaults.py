"""What is asked of a replica where the client said nothing of it, in the words of each endpoint."""

from collections.abc import Mapping
from dataclasses import fields, replace
from types import MappingProxyType
from typing import Any

import msgspec

from tulou.contracts.discovery.entry import NO_DEFAULTS, RequestDefaults
from tulou.contracts.routing.messages import Endpoint
from tulou.services.gateway.dialects.openai_chat.request_writer import EFFORTS
from tulou.services.gateway.dialects.prompt import Prompt, Reasoning
from tulou.services.gateway.stack.rewrite import fields_of

Values = Mapping[str, Any]
Fields = dict[str, msgspec.Raw]

SAMPLING = ("temperature", "top_p")
"""A client that says one of them has chosen how to sample: the other is not put beside it."""

_PLAIN = ("temperature", "top_p", "top_k", "seed", "presence_penalty", "frequency_penalty")
_CAPS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "chat": ("max_tokens", "max_completion_tokens"),
        "completions": ("max_tokens",),
        "responses": ("max_output_tokens",),
        "messages": ("max_tokens",),
    }
)
_THINKING = ("reasoning_effort", "reasoning", "thinking", "enable_thinking", "chat_template_kwargs")
"""Where the clients of any vendor say how much is to be thought."""

LEAST_BUDGET = 1024


def merged(first: RequestDefaults, second: RequestDefaults) -> RequestDefaults:
    """Return the defaults of both; those of the first hold where both say something."""
    if NO_DEFAULTS in (first, second):
        return second if first == NO_DEFAULTS else first
    said = {one.name: value for one in fields(first) if (value := getattr(first, one.name)) not in (None, "", ())}
    if "reasoning_effort" in said or "reasoning_tokens" in said:
        second = replace(second, reasoning_effort="", reasoning_tokens=None)
    return replace(second, **said)


def with_defaults(prompt: Prompt, defaults: RequestDefaults) -> Prompt:
    """Return what is asked, with the defaults of a replica where the client said nothing."""
    given: dict[str, Any] = {
        name: value
        for name in (*_PLAIN, "max_tokens")
        if (value := getattr(defaults, name)) is not None and getattr(prompt, name) is None
    }
    if "max_tokens" in given:
        given["capped_by"] = "deployment"
    if any(getattr(prompt, name) is not None for name in SAMPLING):
        given = {name: value for name, value in given.items() if name not in SAMPLING}
    if defaults.stop and not prompt.stop:
        given["stop"] = defaults.stop
    if defaults.verbosity and not prompt.verbosity:
        given["verbosity"] = defaults.verbosity
    if prompt.reasoning is None and (defaults.reasoning_effort or defaults.reasoning_tokens is not None):
        effort = defaults.reasoning_effort
        given["reasoning"] = Reasoning(effort=effort, budget=defaults.reasoning_tokens, off=effort == "none")
    return msgspec.structs.replace(prompt, **given) if given else prompt


def within(prompt: Prompt, told: int, cap: int) -> Prompt:
    """Return what is asked, at most *cap* tokens of output where the client says none but a replica is *told*."""
    if not told or prompt.max_tokens is not None:
        return prompt
    capped_by = "limit" if cap < told else "deployment"
    return msgspec.structs.replace(prompt, max_tokens=min(told, cap), capped_by=capped_by)


def body_with_defaults(body: bytes, endpoint: Endpoint, defaults: RequestDefaults, *, cap: int | None = None) -> bytes:
    """Return a body that passes through, with the defaults of a replica where the client said nothing.

    A default cap on output is at most *cap*.
    """
    caps = _CAPS.get(endpoint)
    if caps is None:
        return body
    if cap is not None and defaults.max_tokens is not None and defaults.max_tokens > cap:
        defaults = replace(defaults, max_tokens=cap)
    there = {name: raw for name, raw in fields_of(body).items() if bytes(raw) != b"null"}
    given = _given(there, endpoint, defaults)
    if defaults.max_tokens is not None and not any(name in there for name in caps):
        given[caps[0]] = defaults.max_tokens
    if not given:
        return body
    return msgspec.json.encode(there | {name: msgspec.Raw(msgspec.json.encode(one)) for name, one in given.items()})


def _given(there: Fields, endpoint: Endpoint, defaults: RequestDefaults) -> dict[str, Any]:
    """Return what is put into a body, but for the cap on its output."""
    given: dict[str, Any] = {}
    sampled = any(name in there for name in SAMPLING)
    for name in SAMPLING if endpoint in ("responses", "messages") else _PLAIN:
        value = getattr(defaults, name)
        if value is not None and name not in there and not (sampled and name in SAMPLING):
            given[name] = value
    thinks = not any(name in there for name in _THINKING)
    match endpoint:
        case "responses":
            _respond(there, given, defaults, thinks=thinks)
        case "messages":
            _message(there, given, defaults, thinks=thinks)
        case _:
            _complete(there, given, defaults)
            if endpoint == "chat":
                _chat(there, given, defaults, thinks=thinks)
    return given


def _complete(there: Fields, given: dict[str, Any], defaults: RequestDefaults) -> None:
    if defaults.stop and "stop" not in there:
        given["stop"] = defaults.stop


def _chat(there: Fields, given: dict[str, Any], defaults: RequestDefaults, *, thinks: bool) -> None:
    if thinks and (effort := _effort(defaults)):
        given["reasoning_effort"] = effort
    if defaults.verbosity and "verbosity" not in there:
        given["verbosity"] = defaults.verbosity


def _respond(there: Fields, given: dict[str, Any], defaults: RequestDefaults, *, thinks: bool) -> None:
    if thinks and (effort := _effort(defaults)):
        given["reasoning"] = {"effort": effort}
    text = fields_of(there["text"]) if "text" in there else {}
    if defaults.verbosity and "verbosity" not in text:
        given["text"] = {**text, "verbosity": defaults.verbosity}


def _message(there: Fields, given: dict[str, Any], defaults: RequestDefaults, *, thinks: bool) -> None:
    """Put in what Anthropic takes beside what is there: where a model thinks it is not sampled otherwise."""
    if defaults.top_k is not None and "top_k" not in there:
        given["top_k"] = defaults.top_k
    if defaults.stop and "stop_sequences" not in there:
        given["stop_sequences"] = defaults.stop
    budget = defaults.reasoning_tokens
    cap = msgspec.json.decode(there["max_tokens"]) if "max_tokens" in there else defaults.max_tokens
    room = isinstance(cap, int) and budget is not None and LEAST_BUDGET <= budget < cap
    chosen = "tool_choice" in there or any(name in there for name in (*SAMPLING, "top_k"))
    if thinks and room and not chosen:
        given["thinking"] = {"type": "enabled", "budget_tokens": budget}
    if "thinking" in given or ("thinking" in there and b"disabled" not in bytes(there["thinking"])):
        for name in (*SAMPLING, "top_k"):
            given.pop(name, None)


def _effort(defaults: RequestDefaults) -> str:
    budget = defaults.reasoning_tokens
    if budget is None:
        return defaults.reasoning_effort
    return next((effort for most, effort in EFFORTS if budget <= most), "high")
