"""What OpenRouter's `GET /api/v1/models` answers: dollars a unit, as texts.

https://openrouter.ai/docs/overview/models: `pricing` has `prompt`, `completion`, `request`, `image`, `web_search`,
`internal_reasoning`, `input_cache_read` and `input_cache_write`; `-1` stands for a price that varies, such as that of a
router, which nobody can know beforehand.
"""

from collections.abc import Mapping
from typing import Any, cast

from tulou.cli.price_shapes.amounts import Name, PriceFile, Table, a_million, amount, once, table_of
from tulou.contracts.metering.messages import Price
from tulou.kernel.errors import InvalidError

PROVIDER = "openrouter"
VARIABLE = -1
RATES: Mapping[str, tuple[str, ...]] = {
    "input": ("prompt",),
    "output": ("completion",),
    "cached": ("input_cache_read",),
    "cache_written": ("input_cache_write",),
    "reasoning": ("internal_reasoning",),
    "audio_input": ("audio", "input_audio"),
    "audio_output": ("audio_output", "output_audio"),
    "image": ("image_output", "image"),
    "search": ("web_search",),
    "request": ("request",),
}
FREE_IS_PLAIN = ("reasoning", "cached", "cache_written", "audio_input", "audio_output")
"""OpenRouter writes 0 for kinds of tokens that it does not charge apart, which then cost as plain ones do."""


def is_listing(content: object) -> bool:
    """Say whether a file is OpenRouter's list of models."""
    data = table_of(content).get("data")
    return isinstance(data, list) and any("pricing" in table_of(item) for item in cast("list[object]", data))


def read(file: str, content: Mapping[str, Any], since: float) -> PriceFile:
    """Return the prices of a list; raise `InvalidError` with the place of what is wrong."""
    found: dict[Name, str] = {}
    prices: list[Price] = []
    notes: list[str] = []
    without = 0
    for number, item in enumerate(cast("list[object]", content["data"])):
        table = table_of(item)
        model, pricing = table.get("id"), table_of(table.get("pricing"))
        where = f"{file}: data[{number}]"
        if not isinstance(model, str) or not model:
            raise InvalidError(f"{where}: id is {model!r}, which is no model", param="id")
        where = f"{where} ({model})"
        if any(_varies(value) for value in pricing.values()):
            notes.append(f"{model} has a price that varies, and was left out: nobody can know it beforehand")
            continue
        rates = _rates(where, pricing)
        if not rates:
            without += 1
            continue
        price = Price(model=model, provider=PROVIDER, since=since, **rates)
        once(found, price, where)
        found[model, PROVIDER, since] = f"data[{number}]"
        prices.append(price)
    return PriceFile(tuple(prices), without, tuple(notes))


def _rates(where: str, pricing: Table) -> dict[str, Any]:
    rates: dict[str, Any] = {}
    for rate, names in RATES.items():
        for name in names:
            value = pricing.get(name)
            if value is None or (rate in FREE_IS_PLAIN and amount(where, name, value) == 0):
                continue
            rates.setdefault(rate, a_million(where, name, value))
    return rates


def _varies(value: object) -> bool:
    try:
        return isinstance(value, int | float | str) and float(value) == VARIABLE
    except ValueError:
        return False
