"""How many units of each limit a request needs at most."""

from bisect import bisect_left
from collections.abc import Sequence

from tulou.contracts.limits.measures import Estimate
from tulou.services.gateway.quota.account import Account
from tulou.services.gateway.quota.asked import Asked
from tulou.services.gateway.quota.estimate import estimate
from tulou.services.gateway.quota.holdings import Bounds
from tulou.services.gateway.quota.price import Price
from tulou.services.gateway.quota.refusals import too_large

IMPLICIT_PART = 4
"""A request that does not say how much output it wants is not held to want more than this part of a limit."""
LEAST_OUTPUT = 16
"""But as many tokens as that, if it is to be of any use (OpenAI's least `max_output_tokens`)."""
LEAST_COST = 1
"""A request may cost at least the smallest coin: what is used up lets nothing through."""


def weigh(bounds: Bounds, call: Asked, price: Price, output_tokens: int) -> tuple[Sequence[int], bool]:
    """Return the needs of a call, one for each account, and whether the client itself capped its output."""
    if not bounds.weighed:
        return bounds.ones, True
    read, written, allowed = estimate(call, output_tokens=output_tokens)
    cost = max(LEAST_COST, price(call.model, read, written, batch=call.batch)) if bounds.priced else 0
    guess = Estimate(read, written, call.answers, cost)
    return [need(guess) for need in bounds.needs], allowed


def check_fits(bounds: Bounds, needs: Sequence[int]) -> None:
    """Raise `QuotaError` for a request that asks for more itself than a limit can ever serve."""
    for account, need in zip(bounds.accounts, needs, strict=True):
        if _weighs(account) and need > account.terms.capacity:
            raise too_large(account.limit, need=need)


def fit(bounds: Bounds, call: Asked, price: Price, output_tokens: int) -> tuple[Sequence[int], int]:
    """Return needs that the limits can serve for a call that says no cap, and the tokens for each of its answers."""

    def needs_of(tokens: int) -> Sequence[int]:
        return weigh(bounds, call, price, tokens)[0]

    def is_much(tokens: int) -> bool:
        return any(
            _weighs(account) and need > account.terms.capacity // IMPLICIT_PART
            for account, need in zip(bounds.accounts, needs_of(tokens), strict=True)
        )

    if is_much(output_tokens):
        fitting = bisect_left(range(1, output_tokens + 1), x=True, key=is_much)
        output_tokens = max(fitting, min(LEAST_OUTPUT, output_tokens))
    needs = zip(bounds.accounts, needs_of(output_tokens), strict=True)
    return [_served(account, need) if _weighs(account) else need for account, need in needs], output_tokens


def _served(account: Account, need: int) -> int:
    """Return a need, or what a request is let in with whose input may be more than a limit ever has: it may be less."""
    capacity = account.terms.capacity
    return need if need <= capacity else max(1, capacity // IMPLICIT_PART)


def _weighs(account: Account) -> bool:
    return account.hard and account.measure.charged == "end"
