"""Prices in another currency than that in which they were written, and amounts as people read them."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

from tulou.contracts.metering.messages import MILLION, Price, Tier
from tulou.rules.metering.rates import RATES, TIERED


def converted(price: Price, rate: float) -> Price:
    """Return a price in another currency, of which one unit of its own is worth `rate`."""
    tiers = tuple(replace(tier, **_times(tier, TIERED, rate)) for tier in price.tiers)
    return replace(price, tiers=tiers, **_times(price, RATES, rate))


def money(millionths: int, currency: str) -> str:
    """Return an amount with its currency, two places or as many as it needs: `0.0002 EUR`, `12.50 USD`."""
    exact = f"{Decimal(millionths) / MILLION:.6f}"
    whole, _, part = exact.partition(".")
    return f"{whole}.{part.rstrip('0').ljust(2, '0')} {currency}"


def _times(thing: Price | Tier, names: tuple[str, ...], rate: float) -> dict[str, Any]:
    worth = Decimal(repr(rate))
    given = {name: getattr(thing, name) for name in names}
    return {name: float(Decimal(repr(amount)) * worth) for name, amount in given.items() if amount}
