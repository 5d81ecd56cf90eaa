"""Amounts as files write them, checked where they are read: all that can be wrong is named with its place."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, cast

from tulou.contracts.metering.messages import MILLION, Price
from tulou.kernel.errors import InvalidError

RATE_CAP = Decimal(10) ** 12
"""Money a million units; more is a mistake."""

Table = dict[str, Any]
Name = tuple[str, str, float]


@dataclass(frozen=True, slots=True)
class PriceFile:
    """The prices of a file, how many of its entries had none, and what people must know of it.

    `currency` is what it is in; empty: in the house's own.
    """

    prices: tuple[Price, ...]
    without: int = 0
    notes: tuple[str, ...] = ()
    currency: str = ""


def table_of(value: object) -> Table:
    """Return a mapping, empty for all else."""
    return cast("Table", value) if isinstance(value, dict) else {}


def amount(where: str, name: str, value: object) -> Decimal:
    """Return an amount as it was written; raise `InvalidError` unless it is a number from 0 to what can be."""
    try:
        exact = Decimal(str(value)) if isinstance(value, int | float | str | Decimal) else None
    except InvalidOperation:
        exact = None
    if exact is None or isinstance(value, bool) or not exact.is_finite() or not 0 <= exact <= RATE_CAP:
        raise InvalidError(f"{where}: {name} is {value!r}, which is no amount from 0 to {RATE_CAP:g}", param=name)
    return exact


def a_million(where: str, name: str, value: object) -> float:
    """Return the rate of a million units of which one costs so much."""
    return float(amount(where, name, amount(where, name, value) * MILLION))


def once(where: Mapping[Name, str], price: Price, place: str) -> None:
    """Raise `InvalidError` for a price that stands in the file already, with both places."""
    name = (price.model, price.provider, price.since)
    if name in where:
        raise InvalidError(
            f"{place}: {price.model!r} by {price.provider or 'any provider'} is priced at {where[name]} already; "
            "leave one out",
            param="model",
        )
