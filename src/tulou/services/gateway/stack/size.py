"""Conversations that cannot fit into a model's context: refused before an engine makes them a text.

What the engine does first is to render a chat template, which takes time by the square of the messages and goes on when
the client has left; only then does it count tokens. No token is longer than the tokenizer's longest, and each message
takes some tokens for its role alone.
"""

from collections.abc import Iterator

from tulou.contracts.endpoints import Endpoint, endpoints_where
from tulou.kernel.errors import TulouError
from tulou.services.gateway.dialects.demands import parts_of
from tulou.services.gateway.dialects.prompt import Prompt, TextPart, ThoughtPart, ToolCall
from tulou.services.gateway.refusals import ContextError
from tulou.services.gateway.stack.backend import Backend
from tulou.services.gateway.stack.call import Call

PROMPTED: frozenset[Endpoint] = frozenset(endpoints_where(lambda facts: facts.prompted))
"""Endpoints whose prompts are read by the model; one that is counted alone may be longer."""

ESCAPED = 6
"""The most bytes of JSON for a byte of text: `\\u0041`."""


def check_size(call: Call, backend: Backend) -> None:
    """Raise `ContextError` for what can be seen not to fit; all else the engine counts."""
    turns = call.turns
    if call.endpoint == "responses" and len(call.body) > backend.most_turns:
        turns = _turns(call)  # those of earlier responses too
    if turns > backend.most_turns:
        raise ContextError(
            f"{turns} messages are more than {call.model!r} takes, which is {backend.most_turns}: "
            "leave out the oldest, or join some",
            param="messages",
        )
    if call.endpoint == "tokenize" and not turns:
        return  # texts are cut into tokens in time by their length, whether the model could read them or not
    if len(call.body) > backend.most_bytes and _text_bytes(call) > backend.most_bytes:
        raise ContextError(
            f"the prompt is longer than {backend.most_bytes} bytes, which is more than the context of {call.model!r} "
            "can hold whatever it says: shorten it",
            param="messages",
        )


def _turns(call: Call) -> int:
    try:
        return len(call.prompt.turns)
    except TulouError:
        return call.turns


def _text_bytes(call: Call) -> int:
    """Return the bytes of a prompt's words, at least; where it cannot be read, those that its JSON must hold."""
    if call.client is None or call.endpoint == "count_tokens":
        return len(call.body) // ESCAPED
    try:
        return sum(_sizes(call.prompt))
    except TulouError:
        return len(call.body) // ESCAPED


def _sizes(prompt: Prompt) -> Iterator[int]:
    for part in parts_of(prompt):
        match part:
            case TextPart(text=text) | ThoughtPart(text=text):
                yield len(text.encode("utf-8", "replace"))
            case ToolCall(arguments=text):
                yield len(text.encode("utf-8", "replace"))
            case _:
                yield 0
