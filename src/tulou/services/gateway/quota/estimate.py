"""What a request may take at most, guessed before it runs; the real figures come when it is settled.

Input: a token for each four bytes of the body, which is generous for English and short for some other scripts. Output:
what the client allows by `max_tokens` (or its other names), times the answers it wants; else a setting.
"""

from typing import NamedTuple

import msgspec

from tulou.contracts.routing.messages import Endpoint
from tulou.services.gateway.usage import tokens_in

WRITING: frozenset[Endpoint] = frozenset({"chat", "completions", "responses", "messages"})
"""The endpoints that write text."""


class Estimate(NamedTuple):
    """Tokens; `allowed` is whether the client itself has said how much output there may be."""

    input: int
    output: int
    allowed: bool


class _Allowed(msgspec.Struct):
    max_tokens: int | None = None
    max_completion_tokens: int | None = None
    max_output_tokens: int | None = None
    n: int | None = None


_DECODER = msgspec.json.Decoder(_Allowed)


def estimate(endpoint: Endpoint, body: bytes, *, output_tokens: int) -> Estimate:
    """Return the estimate of a request; nobody here judges whether its figures make sense."""
    size = tokens_in(len(body))
    if endpoint not in WRITING:
        return Estimate(size, 0, allowed=True)
    try:
        said = _DECODER.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return Estimate(size, output_tokens, allowed=False)
    answers = max(1, said.n or 1)
    most = said.max_completion_tokens or said.max_tokens or said.max_output_tokens
    if most is None or most < 0:
        return Estimate(size, output_tokens * answers, allowed=False)
    return Estimate(size, most * answers, allowed=True)
