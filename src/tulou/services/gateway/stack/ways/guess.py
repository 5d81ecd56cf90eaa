"""Estimates for answers that nobody has counted: what the ledger then holds is marked as such."""

from tulou.kernel.errors import TulouError
from tulou.services.gateway.stack.call import Call
from tulou.services.gateway.stack.usage import Usage, estimated_input, tokens_in


def guessed(call: Call, size: int) -> None:
    """Note an estimate for an answer of so many bytes of text."""
    output = 0 if call.endpoint == "embeddings" else tokens_in(size)
    call.usage = Usage(guessed_input(call), output)
    call.counted = "estimate"


def guessed_input(call: Call) -> int:
    """Return how many tokens the prompt has: by its words where it can be read, else by its bytes."""
    try:
        return estimated_input(call.prompt)
    except TulouError:
        return tokens_in(len(call.body))
