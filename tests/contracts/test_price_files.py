"""Prices come from files as people have them."""

from pathlib import Path

import pytest

from tulou.cli.price_files import read_prices
from tulou.contracts.metering.book import PriceBook
from tulou.contracts.metering.messages import Price, PriceList, Units
from tulou.kernel.errors import InvalidError

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
        ("prices: 3\n", "no list"),
        ("- {", "neither JSON nor YAML"),
    ],
)
def test_a_file_that_is_wrong_says_where(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(InvalidError, match=says):
        read_prices(write(tmp_path, "prices.yaml", text))
