"""How many units of each limit a request needs at most."""

from collections.abc import Sequence

from tulou.services.gateway.quota.account import PLACES, REQUESTS
from tulou.services.gateway.quota.asked import Asked
from tulou.services.gateway.quota.estimate import estimate
from tulou.services.gateway.quota.holdings import Bounds
from tulou.services.gateway.quota.price import Price
from tulou.services.gateway.quota.refusals import too_large

IMPLICIT_PART = 4
"""A request that does not say how much output it wants is not held to want more than this part of a limit."""
LEAST_COST = 1
"""A request may cost at least the smallest coin: what is used up lets nothing through."""


def weigh(bounds: Bounds, call: Asked, price: Price, output_tokens: int) -> tuple[Sequence[int], bool]:
    """Return the needs of a call, one for each account, and whether the client itself capped its output."""
    if not bounds.weighed:
        return bounds.ones, True
    read, written, allowed = estimate(call, output_tokens=output_tokens)
    cost = max(LEAST_COST, price(call.model, read, written, batch=call.batch)) if bounds.priced else 0
    table = (1, read, written, read + written, cost, 1)
    return [table[measure] for measure in bounds.measures], allowed


def fit(bounds: Bounds, needs: Sequence[int], *, allowed: bool) -> Sequence[int]:
    """Return needs that the limits can ever serve; raise `QuotaError` for a request that asks for more itself."""
    fitting: list[int] = []
    for account, need in zip(bounds.accounts, needs, strict=True):
        capacity = account.terms.capacity
        counted = account.measure in (REQUESTS, PLACES)
        if not account.hard or counted or (allowed and need <= capacity):
            fitting.append(need)
        elif allowed:
            raise too_large(account.limit, need=need)
        else:
            fitting.append(min(need, max(1, capacity // IMPLICIT_PART)))
    return fitting
