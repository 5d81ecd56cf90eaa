"""The JSON that LiteLLM keeps of what vendors ask (`model_prices_and_context_window.json`): dollars a unit.

Names with a vendor before them lose it (`azure/gpt-4o` is `gpt-4o` of `azure-openai*`), rates are a million times as
large. Rates of service tiers that are not asked for here (`_priority`, `_flex`) are not read.
"""

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from tulou.cli.price_shapes.amounts import Name, PriceFile, Table, a_million, amount, table_of
from tulou.contracts.metering.messages import Price, Tier
from tulou.kernel.errors import InvalidError

RATES: Mapping[str, tuple[str, ...]] = {
    "input": ("input_cost_per_token",),
    "output": ("output_cost_per_token",),
    "cached": ("cache_read_input_token_cost", "input_cost_per_token_cache_hit"),
    "cache_written": ("cache_creation_input_token_cost",),
    "cache_written_hour": ("cache_creation_input_token_cost_above_1hr",),
    "reasoning": ("output_cost_per_reasoning_token",),
    "audio_input": ("input_cost_per_audio_token",),
    "audio_output": ("output_cost_per_audio_token",),
    "image": ("output_cost_per_image", "input_cost_per_image"),
    "request": ("input_cost_per_request", "input_cost_per_query"),
    "character": ("input_cost_per_character", "output_cost_per_character"),
    "second": ("input_cost_per_second", "output_cost_per_second", "cost_per_second"),
}
"""Our rates, by the names that LiteLLM has for them; the first one that is there holds."""

TIERED = ("input", "output", "cached", "cache_written", "cache_written_hour", "reasoning")
_TIER = re.compile(r"(?P<rate>.+)_above_(?P<thousands>\d+)k_tokens")

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
    "cohere_chat": "cohere",
    "fireworks_ai": "fireworks",
    "jina_ai": "jina",
    "text-completion-codestral": "mistral",
    "text-completion-openai": "openai",
    "together_ai": "together",
    "vertex_ai-language-models": "gemini",
}
"""LiteLLM's vendors that begin otherwise here. Each has several dialects or regions here, hence the pattern."""


def read(file: str, content: Mapping[str, Any], since: float) -> PriceFile:
    """Return the prices; raise `InvalidError` naming the model and the field of the first that cannot be."""
    prices: dict[Name, Price] = {}
    direct: set[Name] = set()
    without = 0
    for name, entry in content.items():
        if name == SAMPLE:
            continue
        table = table_of(entry)
        if not table and entry != {}:
            raise InvalidError(f"{file}: {name!r} is {entry!r}, which is no model's entry", param=name)
        rates = rates_of(f"{file}: {name!r}", table)
        if not rates:
            without += 1
            continue
        given = str(table.get("litellm_provider", ""))
        model = name.removeprefix(f"{given}/")
        price = Price(model=model, provider=_provider(given), since=since, **rates)
        key = (model, price.provider, since)
        # Of vendors that are one here, such as Vertex and Gemini, the one that is called so holds, else the first.
        is_direct = given not in PROVIDERS
        if key not in prices or (is_direct and key not in direct):
            prices[key] = price
        if is_direct:
            direct.add(key)
    return PriceFile(tuple(prices.values()), without)


def is_cost(name: str) -> bool:
    """Say whether a field tells what something costs, and is read here."""
    plain = {BATCHES, SEARCH}.union(*RATES.values())
    tier = _TIER.fullmatch(name)
    return name in plain or (tier is not None and tier["rate"] in plain)


def rates_of(where: str, entry: Table) -> dict[str, Any]:
    """Return the rates of an entry as a price has them, none if it has none."""
    rates: dict[str, Any] = {
        rate: a_million(where, name, entry[name])
        for rate, names in RATES.items()
        for name in reversed(names)
        if entry.get(name) is not None
    }
    search = table_of(entry.get(SEARCH)).get(SEARCH_SIZE)
    if search is not None:
        rates["search"] = a_million(where, SEARCH, search)
    if entry.get("mode") == "rerank" and "request" in rates and "search" not in rates and _counts_searches(entry):
        rates["search"] = rates.pop("request")
    if tiers := tuple(_tiers(where, entry)):
        rates["tiers"] = tiers
    plain, batch = entry.get("input_cost_per_token"), entry.get(BATCHES)
    if plain and batch is not None:
        share = amount(where, BATCHES, batch) / amount(where, "input_cost_per_token", plain)
        rates["batch_factor"] = float(round(min(share, Decimal(100)), 6))
    return rates


def _tiers(where: str, entry: Table) -> Iterator[Tier]:
    """Yield the tiers of long inputs, the lowest first."""
    found: dict[int, dict[str, float]] = {}
    rate_of = {name: rate for rate in TIERED for name in RATES[rate]}
    for name, value in entry.items():
        match = _TIER.fullmatch(name)
        if match is not None and match["rate"] in rate_of and value is not None:
            rates = found.setdefault(int(match["thousands"]) * 1000, {})
            rates[rate_of[match["rate"]]] = a_million(where, name, value)
    for above in sorted(found):
        yield Tier(above=above, **found[above])


def _counts_searches(entry: Table) -> bool:
    """Say whether a reranker tells how many searches a request was: one for each hundred documents."""
    return str(entry.get("litellm_provider", "")).startswith("cohere")


def _provider(given: str) -> str:
    return f"{PROVIDERS.get(given, given)}*" if given else ""
