"""The price list that comes with the package: data, dated, for houses without prices of their own."""

import tomllib
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from importlib.resources import files
from math import isfinite
from typing import Any

from tulou.contracts.metering.messages import Price, Tier
from tulou.kernel.errors import InvalidError
from tulou.rules.metering.currency import converted
from tulou.rules.metering.rates import RATES
from tulou.services.metering.settings import MeteringSettings

FILE = "prices.toml"
RATE_CAP = 1e6
DAY_S = 86_400
EPOCH = date(1970, 1, 1)


@dataclass(frozen=True, slots=True)
class BuiltInPrices:
    """What the file says; `date` is when its prices were looked up, `currency` what they are in."""

    prices: tuple[Price, ...] = ()
    date: str = ""
    currency: str = ""


def built_in(settings: MeteringSettings) -> BuiltInPrices:
    """Return the list in the house's currency; none where it is switched off, or nobody says what a dollar is."""
    listed = read_list()
    if not (isfinite(settings.dollar_rate) and 0 <= settings.dollar_rate <= RATE_CAP):
        raise InvalidError(
            f"[metering] dollar_rate is {settings.dollar_rate}; say what a US dollar is in your currency"
        )
    if not settings.built_in_prices:
        return BuiltInPrices()
    if settings.currency == listed.currency:
        return listed
    if not settings.dollar_rate:
        return BuiltInPrices()
    prices = tuple(converted(price, settings.dollar_rate) for price in listed.prices)
    return replace(listed, prices=prices, currency=settings.currency)


@cache
def read_list() -> BuiltInPrices:
    """Return what stands in the file, in the currency that it has."""
    content = tomllib.loads(files("tulou.services.metering").joinpath(FILE).read_text("utf-8"))
    prices = tuple(_price(entry, provider) for entry in content["price"] for provider in entry["providers"])
    return BuiltInPrices(prices, content["date"].isoformat(), content["currency"])


def _price(entry: dict[str, Any], provider: str) -> Price:
    rates = {name: entry[name] for name in RATES if name in entry}
    tiers = tuple(Tier(**tier) for tier in entry.get("tiers", ()))
    since = float((entry["since"] - EPOCH).days * DAY_S)
    return Price(model=entry["model"], provider=provider, since=since, tiers=tiers, **rates)
