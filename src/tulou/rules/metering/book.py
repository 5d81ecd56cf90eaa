"""How the price book is applied: one rule, so that gateways and recomputation cannot disagree."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import replace
from math import inf
from typing import NamedTuple

from tulou.contracts.metering.messages import Amounts, Entry, Price, PricedBy, PriceList, Units
from tulou.rules.metering.matching import Name, most_exact
from tulou.rules.metering.rates import UnitRates, rates_of

CACHE_CAP = 4096
"""Answerers whose prices are remembered; more than a house serves."""

ERRORS_FROM = 400

Answerer = tuple[str, str, str, str]
"""The model as its vendor or the registry calls it, the provider, the deployment and the route: who answered."""


class PricedHolding(NamedTuple):
    """What an answerer is priced by from `since` until before `until`; without rates where no price fits."""

    since: float
    until: float
    plain: UnitRates | None
    batch: UnitRates | None
    by: PricedBy
    price: Price | None = None


class Charge(NamedTuple):
    """What something costs, in millionths, by which version of the book, and what the price was found by."""

    cost: int
    version: int
    by: PricedBy


class PriceBook:
    """One version of the price book; what no price matches costs nothing.

    A price of the model that answered holds. Where none does, one that fits the deployment's name, then the route's;
    where none of these does, the price of the model in the list `built_in`.
    """

    def __init__(self, prices: Sequence[Price], version: int, built_in: Sequence[Price] = ()) -> None:
        self.version = version
        self._begins = sorted({price.since for price in (*prices, *built_in)})
        self._own = _by_name(prices)
        self._listed = _by_name(built_in)
        self._holdings: dict[Answerer, PricedHolding] = {}

    @classmethod
    def compile(cls, prices: PriceList) -> "PriceBook":
        """Make a price list ready to be asked."""
        return cls(prices.items, prices.version, prices.built_in)

    def charge(self, units: Amounts, answerer: Answerer, *, at: float, batch: bool = False) -> Charge:
        """Return what units cost that somebody has answered with."""
        holding = self._holdings.get(answerer)  # asked for every request: what `holding` does, without its call
        if holding is None or not holding.since <= at < holding.until:
            holding = self.holding(answerer, at)
        rates = holding.batch if batch else holding.plain
        cost = rates.cost(units) if rates is not None else 0
        return Charge(cost, self.version, holding.by)

    def cost(
        self,
        units: Amounts,
        *,
        served_by: str,
        provider: str = "",
        at: float,
        batch: bool = False,
        upstream_model: str = "",
        deployment: str = "",
    ) -> tuple[int, int]:
        """Return what units cost, in millionths, and the version of the book that says so."""
        charge = self.charge(units, (upstream_model, provider, deployment, served_by), at=at, batch=batch)
        return charge.cost, charge.version

    def holding(self, answerer: Answerer, at: float) -> PricedHolding:
        """Return what holds for an answerer at a time; found anew only when another price has begun."""
        holding = self._holdings.get(answerer)
        if holding is None or not holding.since <= at < holding.until:
            if len(self._holdings) >= CACHE_CAP:
                self._holdings.clear()
            holding = self._holdings[answerer] = self._find(answerer, at)
        return holding

    def changes_after(self, at: float) -> float:
        """Return when a price begins to hold next, infinity if none is to come."""
        place = bisect_right(self._begins, at)
        return self._begins[place] if place < len(self._begins) else inf

    def priced(self, entry: Entry) -> Entry:
        """Return an entry with what it costs: nothing if it was refused, or nothing was used or counted.

        What nobody counts is no work of a model: a count of tokens, or the word that an answer is being made.
        """
        in_vain = entry.status >= ERRORS_FROM or entry.counted == "none"
        if entry.refused_by or (in_vain and entry.units == Units()):
            return replace(entry, cost=0, price=self.version, priced_by="")
        answerer = (entry.upstream_model, entry.provider, entry.deployment, entry.served_by or entry.model)
        cost, version, by = self.charge(entry.units, answerer, at=entry.at, batch=entry.batch)
        return replace(entry, cost=cost, price=version, priced_by=by)

    def _find(self, answerer: Answerer, at: float) -> PricedHolding:
        place = bisect_right(self._begins, at)
        since = self._begins[place - 1] if place else -inf
        until = self._begins[place] if place < len(self._begins) else inf
        for by, prices in self._candidates(answerer):
            for price in prices:
                if price.since <= at:
                    return PricedHolding(since, until, rates_of(price), rates_of(price, price.batch_factor), by, price)
        return PricedHolding(since, until, None, None, "none")

    def _candidates(self, answerer: Answerer) -> Iterator[tuple[PricedBy, Sequence[Price]]]:
        model, provider, deployment, route = answerer
        names: tuple[tuple[PricedBy, str], ...] = (("model", model), ("deployment", deployment), ("route", route))
        for by, name in names:
            if name:
                for match in most_exact(self._own, name, provider):
                    yield by, self._own[match]
        for match in most_exact(self._listed, model, provider):
            yield "list", self._listed[match]


def _by_name(prices: Sequence[Price]) -> dict[Name, list[Price]]:
    """Return the prices of each model and provider, the latest first."""
    groups: dict[Name, list[Price]] = {}
    for price in sorted(prices, key=lambda price: price.since, reverse=True):
        groups.setdefault((price.model, price.provider), []).append(price)
    return groups
