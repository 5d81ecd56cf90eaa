"""What a request may cost at most: by the dearest of those that may answer it."""

from collections.abc import Sequence
from math import ceil, inf
from typing import Protocol

from tulou.kernel.clock import Clock
from tulou.rules.metering.book import Answerer, PriceBook
from tulou.rules.metering.rates import PICO, UnitRates

Served = Sequence[Answerer]
"""Who may answer a model."""

Plain = tuple[float, float, float]
"""Millionths for a token of input, one of output, and a request: near enough for an estimate."""
Steps = Sequence[tuple[int, frozenset[Plain]]]
"""What holds for inputs above so many tokens, the highest first."""

FOUND_CAP = 4_096
"""Models whose dearest prices are remembered; names that fit a pattern may be made up."""

ALL = -1
NEAR = 1e-6
"""So much less than a millionth more is none more: what floats add."""


class CostEstimate(Protocol):
    """Says what tokens of a model cost."""

    def __call__(self, model: str, read: int, written: int, *, batch: bool) -> int:
        """Return the most that input and output may cost, in millionths, rounded up."""
        ...


class ServedModels(Protocol):
    """Says who may answer a model."""

    def get(self, model: str, /) -> Served | None:
        """Return who may answer a model, None where nobody is known to."""
        ...


class UpperPrice:
    """The price book, asked for every replica of a model and of its fallbacks; again only when a price changes."""

    def __init__(self, book: PriceBook, served: ServedModels, *, clock: Clock) -> None:
        self._book = book
        self._served = served
        self._clock = clock
        self._found: dict[tuple[str, bool], Steps] = {}
        self._until = -inf

    def __call__(self, model: str, read: int, written: int, *, batch: bool) -> int:
        """Return the cost by whoever is dearest; a model that nobody serves is priced by its own name."""
        now = self._clock.now()
        if now >= self._until:
            self._found.clear()
            self._until = self._book.changes_after(now)
        steps = self._found.get((model, batch))
        if steps is None:
            if len(self._found) >= FOUND_CAP:
                self._found.clear()
            steps = self._found[model, batch] = self._steps(model, now, batch=batch)
        rates = steps[0][1] if len(steps) == 1 else next(rates for above, rates in steps if read > above)
        most = 0.0
        for each_read, each_written, fee in rates:
            most = max(most, read * each_read + written * each_written + fee)
        return ceil(most - NEAR)

    def _steps(self, model: str, now: float, *, batch: bool) -> Steps:
        served = self._served.get(model) or (("", "", "", model),)
        holdings = [self._book.holding(who, now) for who in served]
        found = [rates for one in holdings if (rates := one.batch if batch else one.plain) is not None]
        steps = sorted({ALL, *(above for rates in found for above, _ in rates.tiers)}, reverse=True)
        return tuple((above, frozenset(_plain(rates.within(above + 1)) for rates in found)) for above in steps)


def _plain(rates: UnitRates) -> Plain:
    """Return the most that each token may cost: also one that is written to a cache, or thought."""
    read = max(rates.input, rates.cache_written, rates.cache_written_hour)
    return read / PICO, max(rates.output, rates.reasoning) / PICO, rates.request / PICO


def free(model: str, read: int, written: int, *, batch: bool) -> int:
    """Return nothing: for a house without prices."""
    del model, read, written, batch
    return 0
