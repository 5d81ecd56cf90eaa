"""What something costs, reckoned from `docs/howto/costs.md` alone, in fractions: no line of the product's pricing."""

import re
import tomllib
from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from functools import cache
from math import floor
from pathlib import Path

from tests.integration.money.vendors import Sale, Units
from tests.integration.money.world import World
from tulou.contracts.metering.messages import Price, Tier

LIST = Path(__file__).parents[3] / "src" / "tulou" / "services" / "metering" / "prices.toml"
KINDS_OF_INPUT = ("cached", "cache_written", "audio_input")
KINDS_OF_OUTPUT = ("reasoning", "audio_output")
OTHERS = {"images": "image", "searches": "search", "characters": "character", "seconds": "second"}


class Oracle:
    """Says what a sale costs in a house by its own prices, else by the list that comes with the package."""

    def __init__(self, world: World, prices: Sequence[Price]) -> None:
        self._world = world
        self._own = prices
        self._listed = listed_prices()

    def group(self, sale: Sale) -> tuple[str, str, str]:
        """Return under which route, vendor and model a sale stands on the bill."""
        replica = self._world.named[sale.replica]
        return sale.route, replica.provider, self._model(sale)

    def cost(self, sale: Sale) -> int:
        """Return the millionths that a sale costs."""
        price = self._price(sale)
        if price is None or not (sale.answered or any(sale.units.values())):
            return 0
        factor = exact(price.batch_factor) if sale.batch else Fraction(1)
        return floor(factor * _cost(price, sale.units) + Fraction(1, 2))

    def own(self, sale: Sale) -> bool:
        """Say whether the house itself served it: it has loaded what it serves, and calls the rest at an address."""
        return bool(self._world.named[sale.replica].model)

    def by(self, sale: Sale) -> str:
        """Return what the price of a sale is found by."""
        return self._found(sale)[0]

    def _price(self, sale: Sale) -> Price | None:
        return self._found(sale)[1]

    def _found(self, sale: Sale) -> tuple[str, Price | None]:
        replica = self._world.named[sale.replica]
        model = self._model(sale)
        tries = (
            ("model", model, self._own),
            ("deployment", replica.deployment, self._own),
            ("route", sale.route, self._own),
            ("list", model, self._listed),
        )
        for by, name, prices in tries:
            price = most_exact(prices, name, replica.provider, sale.at)
            if price is not None:
                return by, price
        return "none", None

    def _model(self, sale: Sale) -> str:
        """Return what answered, as its vendor or the registry calls it; a vendor's that is not named is as deployed."""
        replica = self._world.named[sale.replica]
        return replica.upstream_model or replica.model or replica.deployment


def most_exact(prices: Sequence[Price], name: str, provider: str, at: float) -> Price | None:
    """Return the price that holds for a name at a time, the most exact of those that fit."""
    fitting = [
        price
        for price in prices
        if price.since <= at and fits(price.model, name) and (not price.provider or fits(price.provider, provider))
    ]
    if not fitting:
        return None
    best = min(fitting, key=_exactness)
    same = [price for price in fitting if (price.model, price.provider) == (best.model, best.provider)]
    return max(same, key=lambda price: price.since)


@cache
def fits(pattern: str, name: str) -> bool:
    """Say whether a name is what a pattern means, in which a star stands for anything."""
    return re.fullmatch(".*".join(map(re.escape, pattern.split("*"))), name) is not None


@cache
def exact(rate: float | None) -> Fraction:
    """Return a rate as it was written."""
    return Fraction(Decimal(str(rate or 0)))


@cache
def listed_prices() -> list[Price]:
    """Return the prices of the list, read as the data that it is."""
    content = tomllib.loads(LIST.read_text("utf-8"))
    found: list[Price] = []
    for entry in content["price"]:
        rates = {name: value for name, value in entry.items() if name not in ("model", "providers", "since", "tiers")}
        tiers = tuple(Tier(**tier) for tier in entry.get("tiers", ()))
        since = datetime(*entry["since"].timetuple()[:3], tzinfo=UTC).timestamp()
        found += [
            Price(model=entry["model"], provider=one, since=since, tiers=tiers, **rates) for one in entry["providers"]
        ]
    return found


def _exactness(price: Price) -> tuple[object, ...]:
    """Order by model, then provider: names before patterns, patterns by how much they spell out, any provider last."""

    def vague(text: str) -> tuple[bool, int]:
        return "*" in text, -len(text.replace("*", ""))

    return (vague(price.model), not price.provider, vague(price.provider), price.model, price.provider)


def _cost(price: Price, units: Units) -> Fraction:
    """Return the millionths for a plain request, not rounded: a rate is money a million units."""

    def used(name: str) -> int:
        return units.get(name, 0)

    tier = max(
        (one for one in price.tiers if used("input") > one.above), key=lambda one: one.above, default=Tier(above=0)
    )

    def rate(name: str, otherwise: Fraction) -> Fraction:
        for own in (getattr(tier, name, None), getattr(price, name)):
            if own is not None:
                return exact(own)
        return otherwise

    read, wrote = rate("input", Fraction(0)), rate("output", Fraction(0))
    written = rate("cache_written", read)
    hour = used("cache_written_hour")
    total = (used("input") - sum(map(used, KINDS_OF_INPUT))) * read
    total += used("cached") * rate("cached", read) + used("audio_input") * rate("audio_input", read)
    total += (used("cache_written") - hour) * written + hour * rate("cache_written_hour", written)
    total += (used("output") - sum(map(used, KINDS_OF_OUTPUT))) * wrote
    total += sum(used(kind) * rate(kind, wrote) for kind in KINDS_OF_OUTPUT)
    total += sum(used(unit) * exact(getattr(price, name)) for unit, name in OTHERS.items())
    return total + exact(price.request)
