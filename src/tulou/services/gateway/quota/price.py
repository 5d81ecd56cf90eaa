"""What a request may cost at most: by the dearest of those that may answer it."""

from collections.abc import Mapping, Sequence
from math import ceil, inf
from typing import Protocol

from tulou.contracts.metering.book import Answerer, PriceBook
from tulou.contracts.metering.rates import PICO, Rates
from tulou.kernel.clock import Clock

Served = Sequence[Answerer]
"""Who may answer a model."""

Plain = tuple[float, float, float]
"""Millionths for a token of input, one of output, and a request: near enough for an estimate."""
NEAR = 1e-6
"""So much less than a millionth more is none more: what floats add."""


class Price(Protocol):
    """Says what tokens of a model cost."""

    def __call__(self, model: str, read: int, written: int, *, batch: bool) -> int:
        """Return the most that input and output may cost, in millionths, rounded up."""
        ...


class UpperPrice:
    """The price book, asked for every replica of a model and of its fallbacks; again only when a price changes."""

    def __init__(self, book: PriceBook, served: Mapping[str, Served], *, clock: Clock) -> None:
        self._book = book
        self._served = served
        self._clock = clock
        self._found: dict[tuple[str, bool], frozenset[Plain]] = {}
        self._until = -inf

    def __call__(self, model: str, read: int, written: int, *, batch: bool) -> int:
        """Return the cost by whoever is dearest; a model that nobody serves is priced by its own name."""
        now = self._clock.now()
        if now >= self._until:
            self._found.clear()
            self._until = self._book.changes_after(now)
        rates = self._found.get((model, batch))
        if rates is None:
            rates = self._found[model, batch] = self._rates(model, now, batch=batch)
        most = 0.0
        for each_read, each_written, fee in rates:
            most = max(most, read * each_read + written * each_written + fee)
        return ceil(most - NEAR)

    def _rates(self, model: str, now: float, *, batch: bool) -> frozenset[Plain]:
        served = self._served.get(model) or (("", "", "", model),)
        found = (self._rates_of(who, now, batch=batch) for who in served)
        return frozenset(
            (rates.input / PICO, rates.output / PICO, rates.request / PICO) for rates in found if rates is not None
        )

    def _rates_of(self, answerer: Answerer, now: float, *, batch: bool) -> Rates | None:
        holding = self._book.holding(answerer, now)
        return holding.batch if batch else holding.plain


def free(model: str, read: int, written: int, *, batch: bool) -> int:
    """Return nothing: for a house without prices."""
    del model, read, written, batch
    return 0
