"""What a request may cost at most: by the dearest of those that may answer it."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from tulou.contracts.metering.book import PriceBook
from tulou.contracts.metering.messages import Amounts
from tulou.kernel.clock import Clock

Served = Sequence[tuple[str, str]]
"""Pairs of `served_by` and provider."""


class Price(Protocol):
    """Says what units of a model cost."""

    def __call__(self, model: str, units: Amounts, *, batch: bool) -> int:
        """Return the most that it may be, in millionths."""
        ...


class UpperPrice:
    """The price book, asked for every replica of a model and of its fallbacks."""

    def __init__(self, book: PriceBook, served: Mapping[str, Served], *, clock: Clock) -> None:
        self._book = book
        self._served = served
        self._clock = clock

    def __call__(self, model: str, units: Amounts, *, batch: bool) -> int:
        """Return the cost by whoever is dearest; a model that nobody serves is priced by its own name."""
        now = self._clock.now()
        served = self._served.get(model) or ((model, ""),)
        if len(served) == 1:
            by, who = served[0]
            return self._book.cost(units, served_by=by, provider=who, at=now, batch=batch)[0]
        costs = (self._book.cost(units, served_by=by, provider=who, at=now, batch=batch)[0] for by, who in served)
        return max(costs)


def free(model: str, units: Amounts, *, batch: bool) -> int:
    """Return nothing: for a house without prices."""
    del model, units, batch
    return 0
