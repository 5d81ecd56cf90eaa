"""What a request may take at most, guessed before it runs; the real figures come when it is settled.

Input: a token for each four bytes of the body, which is generous for English and short for some other scripts. Output:
what the client allows by `max_tokens` (or its other names), times the answers it wants; else the cap that those who
may answer are told, or a setting.
"""

from tulou.contracts.endpoints import Endpoint, endpoints_where
from tulou.services.gateway.quota.estimate_input import EstimateInput
from tulou.services.gateway.usage import tokens_in

WRITING: frozenset[Endpoint] = frozenset(endpoints_where(lambda facts: facts.writes))
"""The endpoints that write text."""


def estimate(call: EstimateInput, *, output_tokens: int) -> tuple[int, int, bool]:
    """Return tokens of input and output, and whether the client itself has said how much output there may be.

    Nobody here judges whether its figures make sense.
    """
    size = tokens_in(len(call.body))
    if call.endpoint not in WRITING:
        return size, 0, True
    if call.allowed is None:
        return size, output_tokens * call.answers, False
    return size, call.allowed * call.answers, True
