"""What an answer took: as the upstream counted it where that can be, else an estimate, marked as one in the ledger."""

from collections.abc import Callable

import structlog

from tulou.contracts.endpoints import endpoints_where
from tulou.kernel.errors import TulouError
from tulou.services.gateway.dialects.events import Miscounted
from tulou.services.gateway.stack.call import Call
from tulou.services.gateway.usage import Usage, estimated_input, tokens_in

VECTORS = frozenset(endpoints_where(lambda facts: facts.vectors))
"""Endpoints whose answers have no tokens: none is the right count of them."""

MANY_TURNS = 2048
"""To read so many messages takes some 5 ms."""
TURN_BYTES = len(b'{"role": "user", "content": ""}, ')
LONG_TURN = 4096
"""Bytes of a message in a conversation that may hold pictures, which are no words."""

log: structlog.typing.FilteringBoundLogger = structlog.get_logger(__name__)


def count(call: Call, said: Usage | Miscounted | None, written: Callable[[], int]) -> Usage:
    """Note what an answer took, and return it; `written` estimates the tokens of its text.

    A prompt has at least one token, and a text too: a count of none is as good as no count.
    """
    if isinstance(said, Miscounted):
        miscounted(call, said)
        said = None
    if said is not None and _one_of_several(call):
        said = _of_all(call, said, written())
        call.usage, call.counted = said, "estimate"
        return said
    if said is not None and said.input and (said.output or call.endpoint in VECTORS):
        call.usage, call.counted = said, "reported"
        return said
    silent = call.endpoint in VECTORS
    known = said or Usage()
    usage = known._replace(
        input=known.input or guessed_input(call), output=known.output or (0 if silent else written())
    )
    call.usage, call.counted = usage, "reported" if usage == said else "estimate"
    return usage


def _one_of_several(call: Call) -> bool:
    """Say whether counts are those of one answer of several: llama.cpp counts no more."""
    return call.answers > 1 and call.tried is not None and call.tried.own


def _of_all(call: Call, said: Usage, written: int) -> Usage:
    read = max(said.input, guessed_input(call)) if call.endpoint == "completions" else said.input
    return said._replace(input=read or guessed_input(call), output=max(said.output, written))


def guessed(call: Call, tokens: int) -> None:
    """Note an estimate for an answer of so many tokens."""
    count(call, None, lambda: tokens)


def unread(call: Call, stated: int | None, come: int) -> int:
    """Estimate the tokens of a large answer before it is read: `stated` bytes, of which at least `come` have come.

    A vendor writes no more than its client allows. Where no size is stated, all is written of what may be.
    """
    if call.endpoint in VECTORS:
        return 0
    if stated is not None:
        by_size = tokens_in(stated)
        return by_size if call.allowed is None else min(by_size, call.allowed * call.answers)
    allowed = call.allowed if call.allowed is not None else call.cap
    return tokens_in(come) if allowed is None else allowed * call.answers


def miscounted(call: Call, said: Miscounted) -> None:
    """Tell the log that an upstream's counts are not taken."""
    provider = call.tried.replica.provider if call.tried is not None else ""
    log.warning("usage_not_plausible", model=call.served_by, provider=provider, why=said.why)


def let_go(call: Call) -> None:
    """Let go of what was asked, and of its room; what is not counted yet can still be guessed."""
    if call.usage is None:
        call.guessed_input = guessed_input(call)
    call.answered()
    if call.question is not None:
        call.question.close()


def guessed_input(call: Call) -> int:
    """Return how many tokens the prompt has: by its words where it can be read, else by its bytes.

    By its bytes, too, where nobody has read its thousands of messages yet: to read them now would hold up all others.
    """
    if call.guessed_input is not None:
        return call.guessed_input
    if call.turns > MANY_TURNS and not call.is_read and len(call.body) < call.turns * LONG_TURN:
        return max(call.turns, tokens_in(len(call.body) - call.turns * TURN_BYTES))
    try:
        return max(1, estimated_input(call.prompt))
    except TulouError:
        return tokens_in(len(call.body))
