"""How many units of each limit a request needs at most."""

from bisect import bisect_left
from collections.abc import Mapping, Sequence

from tulou.contracts.limits.measures import Estimate
from tulou.rules.limits.soundness import UNITS_CAP
from tulou.services.gateway.quota.account import ShareAccount
from tulou.services.gateway.quota.estimate import estimate
from tulou.services.gateway.quota.estimate_input import EstimateInput
from tulou.services.gateway.quota.holdings import BindingAccounts, is_capped
from tulou.services.gateway.quota.price import CostEstimate
from tulou.services.gateway.quota.refusals import too_large

IMPLICIT_PART = 4
"""A request that does not say how much output it wants is not held to want more than this part of a limit's room."""
LEAST_OUTPUT = 16
"""But as many tokens as that, if it is to be of any use (OpenAI's least `max_output_tokens`)."""
UNCOUNTED = UNITS_CAP
"""As much output as anybody likes."""
LEAST_COST = 1
"""A request may cost at least the smallest coin: what is used up lets nothing through."""


def weigh(
    bounds: BindingAccounts, call: EstimateInput, price: CostEstimate, output_tokens: int
) -> tuple[Sequence[int], bool]:
    """Return the needs of a call, one for each account, and whether the client itself capped its output."""
    if not bounds.weighed:
        return bounds.ones, True
    read, written, allowed = estimate(call, output_tokens=output_tokens)
    cost = max(LEAST_COST, price(call.model, read, written, batch=call.batch)) if bounds.priced else 0
    guess = Estimate(read, written, call.answers, cost)
    return [need(guess) for need in bounds.needs], allowed


def check_fits(bounds: BindingAccounts, needs: Sequence[int]) -> None:
    """Raise `QuotaError` for a request that asks for more itself than a limit can ever serve."""
    for account, need in zip(bounds.accounts, needs, strict=True):
        if is_capped(account) and need > account.terms.capacity:
            raise too_large(account.limit, need=need)


def small(bounds: BindingAccounts, needs: Sequence[int], tokens: int) -> int | None:
    """Return what `fit` would allow a call that is small beside all of its limits; None for one to be looked at.

    A need of no more than a part of a limit leaves output its part of what the input leaves of it.
    """
    for place in bounds.capped:
        if needs[place] * IMPLICIT_PART > bounds.accounts[place].terms.capacity:
            return None
    return tokens if bounds.written else UNCOUNTED


def fit(
    bounds: BindingAccounts, call: EstimateInput, price: CostEstimate, output_tokens: int
) -> tuple[Sequence[int], int]:
    """Return needs that the limits can serve for a call that says no cap, and the tokens for each of its answers.

    Only what output adds is judged: of the room that the input leaves in a limit, it gets `IMPLICIT_PART` at most.
    They are `UNCOUNTED` where no hard limit counts output.
    """
    scale = _Scale(bounds, call, price)
    base = scale(0)
    rooms = {
        place: base[place] + max(account.terms.capacity - base[place], 0) // IMPLICIT_PART
        for place, account in scale.written(output_tokens)
    }
    if not rooms:
        return _served_by(bounds, scale(output_tokens)), UNCOUNTED
    tokens = scale.most(rooms, output_tokens)
    if tokens < min(LEAST_OUTPUT, output_tokens):
        capacities = ((place, bounds.accounts[place].terms.capacity) for place in rooms)
        served = {place: capacity for place, capacity in capacities if base[place] < capacity}
        tokens = max(1, scale.most(served, min(LEAST_OUTPUT, output_tokens)))
    return _served_by(bounds, scale(tokens)), tokens


def left_for(bounds: BindingAccounts, call: EstimateInput, price: CostEstimate, *, least: int, most: int) -> int:
    """Return the tokens, `least` to `most`, for each answer of a call that says no cap, for which there is enough left.

    What is left is what the accounts know since they were refused.
    """
    scale = _Scale(bounds, call, price)
    rooms = {
        place: max(0, account.free) + account.left for place, account in scale.written(most) if not account.unknown
    }
    return max(least, scale.most(rooms, most))


class _Scale:
    """Weighs one call with different lengths of its answers."""

    def __init__(self, bounds: BindingAccounts, call: EstimateInput, price: CostEstimate) -> None:
        self._bounds = bounds
        self._call = call
        self._price = price
        self._known: dict[int, Sequence[int]] = {}

    def __call__(self, tokens: int) -> Sequence[int]:
        """Return the needs with so many tokens of output for an answer."""
        needs = self._known.get(tokens)
        if needs is None:
            needs = self._known[tokens] = weigh(self._bounds, self._call, self._price, tokens)[0]
        return needs

    def written(self, tokens: int) -> Sequence[tuple[int, ShareAccount]]:
        """Return the hard limits, with their places, of which so many tokens of output take more than none would."""
        base, full, accounts = self(0), self(tokens), self._bounds.accounts
        growing = [place for place, need in enumerate(full) if need > base[place]]
        return [(place, accounts[place]) for place in growing if is_capped(accounts[place])]

    def most(self, rooms: Mapping[int, int], tokens: int) -> int:
        """Return the most tokens, up to so many, whose needs pass no room, by place; 0 where even one does."""

        def passes(tokens: int) -> bool:
            needs = self(tokens)
            return any(needs[place] > room for place, room in rooms.items())

        return bisect_left(range(1, tokens + 1), x=True, key=passes) if passes(tokens) else tokens


def _served_by(bounds: BindingAccounts, needs: Sequence[int]) -> Sequence[int]:
    each = zip(bounds.accounts, needs, strict=True)
    return [
        _served(account) if need > account.terms.capacity and is_capped(account) else need for account, need in each
    ]


def _served(account: ShareAccount) -> int:
    """Return what a request is let in with whose input may be more than a limit ever has: it may be less."""
    return max(1, account.terms.capacity // IMPLICIT_PART)
