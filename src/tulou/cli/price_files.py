"""Read prices from a file: our own YAML, or the JSON that LiteLLM keeps of what vendors ask (`model_prices...json`).

Ours: `prices:`, a list of what `tulou prices list --json` prints, rates in money a million units. LiteLLM's: names with
a vendor before them lose it (`azure/gpt-4o` is `gpt-4o` of `azure-openai*`), rates are a million times as large. All
numbers are read as decimals, so that 2.5e-06 a token is 2.5 a million, and not nearly so.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime
from decimal import Decimal
from difflib import get_close_matches
from pathlib import Path
from typing import Any, cast

import yaml

from tulou.contracts.metering.messages import MILLION, Price
from tulou.kernel.errors import InvalidError

FIELDS = tuple(field.name for field in fields(Price) if field.name != "version")

RATES: Mapping[str, tuple[str, ...]] = {
    "input": ("input_cost_per_token",),
    "output": ("output_cost_per_token",),
    "cached": ("cache_read_input_token_cost",),
    "cache_written": ("cache_creation_input_token_cost",),
    "cache_written_hour": ("cache_creation_input_token_cost_above_1hr",),
    "reasoning": ("output_cost_per_reasoning_token",),
    "audio_input": ("input_cost_per_audio_token",),
    "audio_output": ("output_cost_per_audio_token",),
    "image": ("output_cost_per_image", "input_cost_per_image"),
    "request": ("input_cost_per_request", "input_cost_per_query"),
    "character": ("input_cost_per_character",),
    "second": ("input_cost_per_second", "output_cost_per_second"),
}
"""Our rates, by the names that LiteLLM has for them; the first one that is there holds."""

BATCHES = "input_cost_per_token_batches"
SEARCH = "search_context_cost_per_query"
SEARCH_SIZE = "search_context_size_medium"
SAMPLE = "sample_spec"

PROVIDERS: Mapping[str, str] = {
    "azure": "azure-openai",
    "azure_text": "azure-openai",
    "azure_ai": "azure",
    "bedrock_converse": "bedrock",
    "codestral": "mistral",
    "text-completion-codestral": "mistral",
    "text-completion-openai": "openai",
    "together_ai": "together",
    "vertex_ai-language-models": "gemini",
}
"""LiteLLM's vendors that begin otherwise here. Each has several dialects or regions here, hence the pattern."""


@dataclass(frozen=True, slots=True)
class PriceFile:
    """The prices of a file, and how many of its entries had none."""

    prices: tuple[Price, ...]
    without: int = 0


def read_prices(file: Path, *, since: float = 0.0) -> PriceFile:
    """Read a file of either kind; raise `InvalidError` saying what is wrong in it, and where."""
    try:
        text = file.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidError(f"{file} cannot be read: {error}") from error
    content = _parsed(file, text)
    table = _table(content)
    if table and "prices" not in table:
        return _of_litellm(table, since)
    return _of_ours(file, table.get("prices", content), since)


def _parsed(file: Path, text: str) -> object:
    try:
        if file.suffix == ".json":
            return json.loads(text, parse_float=Decimal)
        return yaml.safe_load(text)
    except (json.JSONDecodeError, yaml.YAMLError) as error:
        raise InvalidError(f"{file} is neither JSON nor YAML: {error}") from error


def _of_litellm(content: Mapping[str, Any], since: float) -> PriceFile:
    prices: dict[tuple[str, str], Price] = {}
    without = 0
    for name, entry in content.items():
        table = _table(entry)
        rates = _rates(table)
        if not rates or name == SAMPLE:
            without += name != SAMPLE
            continue
        given = str(table.get("litellm_provider", ""))
        model = name.removeprefix(f"{given}/")
        provider = f"{PROVIDERS.get(given, given)}*" if given else ""
        prices.setdefault((model, provider), Price(model=model, provider=provider, since=since, **rates))
    return PriceFile(tuple(prices.values()), without)


def _rates(entry: Mapping[str, Any]) -> dict[str, Any]:
    rates: dict[str, Any] = {
        rate: float(Decimal(str(entry[name])) * MILLION)
        for rate, names in RATES.items()
        for name in reversed(names)
        if _is_number(entry.get(name))
    }
    search = _table(entry.get(SEARCH)).get(SEARCH_SIZE)
    if _is_number(search):
        rates["search"] = float(Decimal(str(search)) * MILLION)
    plain, batch = entry.get("input_cost_per_token"), entry.get(BATCHES)
    if _is_number(plain) and _is_number(batch) and plain:
        rates["batch_factor"] = float(round(Decimal(str(batch)) / Decimal(str(plain)), 6))
    return rates


def _table(value: object) -> dict[str, Any]:
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}


def _is_number(value: object) -> bool:
    return isinstance(value, int | float | Decimal) and not isinstance(value, bool) and value >= 0


def _of_ours(file: Path, items: object, since: float) -> PriceFile:
    if not isinstance(items, list):
        raise InvalidError(f"{file} has no list `prices`; each needs a model, and rates in money a million units")
    return PriceFile(tuple(_price(file, place, item, since) for place, item in enumerate(cast("list[object]", items))))


def _price(file: Path, place: int, item: object, since: float) -> Price:
    where = f"{file}: prices[{place}]"
    given: dict[str, Any] = {"since": since, **_table(item)}
    given.pop("version", None)
    for name in given:
        if name not in FIELDS:
            near = get_close_matches(name, FIELDS, n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(FIELDS)}"
            raise InvalidError(f"{where} has an unknown field {name!r}; {hint}", param=name)
    if not given.get("model"):
        raise InvalidError(f"{where} names no model", param="model")
    given["since"] = _moment(where, given["since"])
    return Price(**{name: _value(where, name, value) for name, value in given.items()})


def _value(where: str, name: str, value: object) -> Any:
    if name in ("model", "provider"):
        return str(value)
    if value is None or _is_number(value):
        return None if value is None else float(cast("float", value))
    raise InvalidError(f"{where}: {name} is {value!r}, which is no amount", param=name)


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
    return float(cast("float", value)) if _is_number(value) else 0.0
