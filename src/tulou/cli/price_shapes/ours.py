"""Our own file: `prices:`, a list of what `tulou prices list --json` prints, rates in money a million units."""

from dataclasses import fields
from datetime import UTC, date, datetime
from difflib import get_close_matches
from typing import Any, cast

from tulou.cli.price_shapes.amounts import Name, PriceFile, amount, once, table_of
from tulou.contracts.metering.messages import Price, Tier
from tulou.kernel.errors import InvalidError

FIELDS = tuple(field.name for field in fields(Price) if field.name != "version")
TIER_FIELDS = tuple(field.name for field in fields(Tier))
TEXTS = ("model", "provider")


def read(file: str, items: object, since: float) -> PriceFile:
    """Return the prices of a list; raise `InvalidError` with the place of what is wrong."""
    if not isinstance(items, list):
        raise InvalidError(f"{file} has no list `prices`; each needs a model, and rates in money a million units")
    found: dict[Name, str] = {}
    prices: list[Price] = []
    for number, item in enumerate(cast("list[object]", items)):
        place = f"{file}: prices[{number}]"
        price = _price(place, item, since)
        once(found, price, place)
        found[price.model, price.provider, price.since] = f"prices[{number}]"
        prices.append(price)
    return PriceFile(tuple(prices))


def _price(where: str, item: object, since: float) -> Price:
    given: dict[str, Any] = {"since": since, **table_of(item)}
    given.pop("version", None)
    _check_names(where, given, FIELDS)
    if not given.get("model"):
        raise InvalidError(f"{where} names no model", param="model")
    given["since"] = _moment(where, given["since"])
    return Price(**{name: _value(where, name, value) for name, value in given.items()})


def _check_names(where: str, given: dict[str, Any], known: tuple[str, ...]) -> None:
    for name in given:
        if name not in known:
            near = get_close_matches(name, known, n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(known)}"
            raise InvalidError(f"{where} has an unknown field {name!r}; {hint}", param=name)


def _value(where: str, name: str, value: object) -> Any:
    if name in TEXTS:
        if not isinstance(value, str):
            raise InvalidError(f"{where}: {name} is {value!r}, which is no text", param=name)
        return value
    if name == "tiers":
        return tuple(_tier(f"{where}: tiers[{at}]", tier) for at, tier in enumerate(_listed(where, value)))
    return None if value is None else float(amount(where, name, value))


def _tier(where: str, item: object) -> Tier:
    given = table_of(item)
    _check_names(where, given, TIER_FIELDS)
    above = amount(where, "above", given.pop("above", None))
    if above != int(above):
        raise InvalidError(f"{where}: above is {above}, which is no number of tokens", param="tiers")
    rates = {name: None if value is None else float(amount(where, name, value)) for name, value in given.items()}
    return Tier(above=int(above), **rates)


def _listed(where: str, value: object) -> list[object]:
    if not isinstance(value, list):
        raise InvalidError(f"{where}: tiers is {value!r}, which is no list", param="tiers")
    return cast("list[object]", value)


def _moment(where: str, value: object) -> float:
    """Return Unix seconds of a date, a time, or Unix seconds; days begin in UTC."""
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            raise InvalidError(f"{where}: since is {value!r}; write 2026-01-31", param="since") from None
    if isinstance(value, date) and not isinstance(value, datetime):
        value = datetime(value.year, value.month, value.day, tzinfo=UTC)
    if isinstance(value, datetime):
        return (value if value.tzinfo else value.replace(tzinfo=UTC)).timestamp()
    return float(amount(where, "since", value))
