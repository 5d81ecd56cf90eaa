"""What an entry asks for where a client says nothing, what it adds to bodies, and how long its calls may take."""

from collections.abc import Mapping
from typing import Any, cast

import msgspec

from tulou.cli.litellm.nested import taken
from tulou.cli.litellm.section import Section, Written

NUMBERS = ("temperature", "top_p", "presence_penalty", "frequency_penalty")
COUNTS = ("top_k", "seed", "max_tokens")
WORDS = ("reasoning_effort", "verbosity")
IDLE_S = 60.0
"""How long a stream may pause here, unless the timeout of LiteLLM's is longer."""


def deadlines_of(timeout: float) -> Written:
    """Return deadlines of LiteLLM's timeout: an answer that is no stream has its first byte at its end."""
    return {"total_s": timeout, "first_byte_s": timeout, **({"idle_s": timeout} if timeout > IDLE_S else {})}


def request_settings(params: Section) -> Written:
    """Return what an entry of a deployment has of `defaults`, `extra_body` and `deadlines`; empty for nothing."""
    found: Written = {"defaults": _defaults(params), "extra_body": _extra_body(params), "deadlines": _deadlines(params)}
    return {name: value for name, value in found.items() if value}


def _defaults(params: Section) -> Written:
    longest = params.number("max_completion_tokens")
    found: Written = {name: params.number(name, least=-1e18) for name in (*NUMBERS, *COUNTS)}
    found["max_tokens"] = found["max_tokens"] if longest is None else longest
    made: Written = {
        name: int(value) if name in COUNTS else value for name, value in found.items() if value is not None
    }
    made |= {name: word for name in WORDS if (word := params.text(name))}
    stop = taken(params, "stop")
    if stop:
        made["stop"] = [str(one) for one in (cast("list[object]", stop) if isinstance(stop, list) else [stop])]
    thinking = params.section("thinking")
    if (budget := thinking.number("budget_tokens")) is not None and thinking.text("type") != "disabled":
        made.pop("reasoning_effort", None)
        made["reasoning_tokens"] = int(budget)
    return made


def _extra_body(params: Section) -> Mapping[str, Any]:
    try:
        extra = taken(params, "extra_body")
        if extra is None:
            return {}
        return msgspec.json.decode(msgspec.json.encode(extra), type=dict[str, Any])
    except (msgspec.MsgspecError, TypeError, ValueError, RecursionError):
        params.note("extra_body", "is no mapping that JSON can write, and was left out", kind="left_out")
        return {}


def _deadlines(params: Section) -> Written:
    timeout, streaming = params.number("timeout"), params.number("stream_timeout")
    made = deadlines_of(timeout) if timeout else {}
    if streaming:
        made["idle_s"] = streaming
        words = "is how long a stream may pause here; its first byte is waited for as the first of any answer"
        params.note("stream_timeout", words, kind="differs")
    return made
