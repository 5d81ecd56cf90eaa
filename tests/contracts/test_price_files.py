"""Prices come from files as people have them."""

from pathlib import Path

import pytest

from tulou.cli.price_files import read_prices
from tulou.contracts.metering.messages import Price, PriceList, Tier, Units
from tulou.kernel.errors import InvalidError
from tulou.rules.metering.book import PriceBook

LITELLM = """{
  "sample_spec": {"input_cost_per_token": 0.0, "litellm_provider": "one of ..."},
  "gpt-4o": {
    "input_cost_per_token": 2.5e-06, "output_cost_per_token": 1e-05, "cache_read_input_token_cost": 1.25e-06,
    "input_cost_per_token_batches": 1.25e-06, "litellm_provider": "openai", "mode": "chat", "supports_vision": true,
    "search_context_cost_per_query": {"search_context_size_low": 0.03, "search_context_size_medium": 0.035}
  },
  "azure/gpt-4o": {"input_cost_per_token": 2.75e-06, "output_cost_per_token": 1.1e-05, "litellm_provider": "azure"},
  "dall-e-3": {"output_cost_per_image": 0.04, "litellm_provider": "openai", "mode": "image_generation"},
  "some-free-model": {"max_tokens": 8192, "litellm_provider": "ollama"}
}"""

LONG = """{
  "claude": {
    "input_cost_per_token": 3e-06, "output_cost_per_token": 1.5e-05, "litellm_provider": "anthropic",
    "cache_read_input_token_cost": 3e-07, "cache_creation_input_token_cost": 3.75e-06,
    "cache_creation_input_token_cost_above_1hr": 6e-06,
    "input_cost_per_token_above_200k_tokens": 6e-06, "output_cost_per_token_above_200k_tokens": 2.25e-05,
    "cache_creation_input_token_cost_above_1hr_above_200k_tokens": 1.2e-05,
    "input_cost_per_token_above_128k_tokens": 4e-06,
    "input_cost_per_token_above_200k_tokens_priority": 9e-06
  },
  "thinker": {"input_cost_per_token": 1e-06, "output_cost_per_token": 2e-06, "litellm_provider": "dashscope",
    "output_cost_per_reasoning_token": 4e-06, "input_cost_per_audio_token": 5e-06, "input_cost_per_second": 0.0001},
  "rerank-x": {"input_cost_per_query": 0.002, "litellm_provider": "cohere", "mode": "rerank"},
  "gemini-x": {"input_cost_per_token": 9e-06, "litellm_provider": "vertex_ai-language-models"},
  "gemini/gemini-x": {"input_cost_per_token": 1e-06, "litellm_provider": "gemini"}
}"""

OPENROUTER = """{"data": [
  {"id": "openai/gpt-4o", "pricing": {"prompt": "0.0000025", "completion": "0.00001", "request": "0",
    "image": "0.003613", "web_search": "0.01", "internal_reasoning": "0", "input_cache_read": "0.00000125",
    "input_cache_write": "0"}},
  {"id": "openrouter/auto", "pricing": {"prompt": "-1", "completion": "-1"}},
  {"id": "x/free", "pricing": {"prompt": "0", "completion": "0"}}
]}"""

OURS = """
prices:
  - model: gpt-4*
    provider: openai
    since: 2026-01-31
    input: 2.5
    output: 10
    batch_factor: 0.5
"""


def write(folder: Path, name: str, text: str) -> Path:
    file = folder / name
    file.write_text(text)
    return file


def test_what_litellm_keeps_is_read_exactly(tmp_path: Path) -> None:
    found = read_prices(write(tmp_path, "model_prices_and_context_window.json", LITELLM), since=5.0)
    assert found.without == 1
    assert found.prices == (
        Price(
            model="gpt-4o",
            provider="openai*",
            since=5.0,
            input=2.5,
            output=10.0,
            cached=1.25,
            search=35_000.0,
            batch_factor=0.5,
        ),
        Price(model="gpt-4o", provider="azure-openai*", since=5.0, input=2.75, output=11.0),
        Price(model="dall-e-3", provider="openai*", since=5.0, image=40_000.0),
    )
    book = PriceBook.compile(PriceList(items=found.prices, version=1))
    assert book.cost(Units(images=1), served_by="dall-e-3", provider="openai", at=6.0)[0] == 40_000


def test_long_inputs_and_caches_of_an_hour_are_read_from_litellms_file(tmp_path: Path) -> None:
    claude, thinker, rerank, gemini = read_prices(write(tmp_path, "prices.json", LONG)).prices
    assert (claude.cached, claude.cache_written, claude.cache_written_hour) == (0.3, 3.75, 6.0)
    assert claude.tiers == (
        Tier(above=128_000, input=4.0),
        Tier(above=200_000, input=6.0, output=22.5, cache_written_hour=12.0),
    )
    assert (thinker.reasoning, thinker.audio_input, thinker.second) == (4.0, 5.0, 100.0)
    assert (rerank.search, rerank.request) == (2_000.0, 0.0)
    assert (gemini.model, gemini.provider, gemini.input) == ("gemini-x", "gemini*", 1.0)


def test_openrouters_list_is_read_and_what_varies_is_told(tmp_path: Path) -> None:
    found = read_prices(write(tmp_path, "models.json", OPENROUTER), since=5.0)
    gpt, free = found.prices
    assert gpt == Price(
        model="openai/gpt-4o",
        provider="openrouter",
        since=5.0,
        input=2.5,
        output=10.0,
        cached=1.25,
        image=3613.0,
        search=10_000.0,
    )
    assert (free.model, free.input, found.currency) == ("x/free", 0.0, "USD")
    assert [note.split()[0] for note in found.notes] == ["openrouter/auto"]


@pytest.mark.parametrize("value", ["-1e-6", "NaN", "Infinity", "1e30", '"cheap"', "true", "[1]"])
def test_a_rate_that_cannot_be_is_named_with_its_model_and_nothing_is_read(tmp_path: Path, value: str) -> None:
    litellm = '{"good": {"input_cost_per_token": 1e-06}, "bad": {"output_cost_per_token": RATE}}'
    with pytest.raises(InvalidError, match=r"'bad': output_cost_per_token is .* no amount from 0"):
        read_prices(write(tmp_path, "prices.json", litellm.replace("RATE", value)))
    openrouter = '{"data": [{"id": "m", "pricing": {"completion": RATE}}]}'
    rate = value if value.startswith(('"', "t", "[")) else f'"{value}"'
    with pytest.raises(InvalidError, match=r"data\[0\] \(m\): completion is .* no amount from 0"):
        read_prices(write(tmp_path, "models.json", openrouter.replace("RATE", rate)))


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("prices.json", '{"m": {"input_cost_per_token": 1e-6}, "m": {"input_cost_per_token": 2e-6}}'),
        ("models.json", '{"data": [{"id": "m", "pricing": {"prompt": "1"}}, {"id": "m", "pricing": {"prompt": "2"}}]}'),
        ("prices.yaml", "prices:\n  - {model: m, input: 1}\n  - {model: m, input: 2}\n"),
    ],
)
def test_a_price_that_stands_twice_is_named(tmp_path: Path, name: str, text: str) -> None:
    with pytest.raises(InvalidError, match=r"'m'.*(twice|already)"):
        read_prices(write(tmp_path, name, text))


def test_tiers_are_written_in_our_own_file(tmp_path: Path) -> None:
    text = "prices:\n  - {model: m, input: 3, tiers: [{above: 200000, input: 6}]}\n"
    (price,) = read_prices(write(tmp_path, "prices.yaml", text)).prices
    assert price.tiers == (Tier(above=200_000, input=6.0),)


def test_our_own_file_has_rates_a_million(tmp_path: Path) -> None:
    (price,) = read_prices(write(tmp_path, "prices.yaml", OURS)).prices
    assert price == Price(
        model="gpt-4*", provider="openai", since=1_769_817_600.0, input=2.5, output=10.0, batch_factor=0.5
    )


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("prices:\n  - model: m\n    inptu: 1\n", "did you mean 'input'"),
        ("prices:\n  - input: 1\n", "names no model"),
        ("prices:\n  - model: m\n    input: cheap\n", "no amount"),
        ("prices:\n  - model: m\n    since: soon\n", "write 2026-01-31"),
        ("prices:\n  - model: m\n    input: .nan\n", "no amount"),
        ("prices:\n  - model: m\n    input: -1\n", "no amount"),
        ("prices:\n  - model: m\n    input: 1.0e+30\n", "no amount"),
        ("prices:\n  - {model: m, tiers: [{above: 0.5, input: 1}]}\n", "no number of tokens"),
        ("prices:\n  - {model: m, tiers: [{abov: 5}]}\n", "did you mean 'above'"),
        ("prices: 3\n", "no list"),
        ("- {", "is not YAML"),
    ],
)
def test_a_file_that_is_wrong_says_where(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(InvalidError, match=says):
        read_prices(write(tmp_path, "prices.yaml", text))
