"""The price list that comes with the package: sound, dated, and never before a price of the house."""

from dataclasses import replace
from datetime import date

import pytest

from tulou.contracts.metering.messages import Price, Units
from tulou.kernel.errors import InvalidError
from tulou.rules.metering.book import PriceBook
from tulou.services.metering.domain.prices import check_price
from tulou.services.metering.listed import built_in, read_list
from tulou.services.metering.settings import MeteringSettings

NOW = 1_800_000_000.0
MILLION_IN = Units(input=100_000)
CLAUDE = ("claude-sonnet-4-5", "anthropic", "claude", "assistant")


def test_every_price_of_the_list_can_be_and_stands_there_once() -> None:
    listed = read_list()
    for price in listed.prices:
        check_price(price)
        assert price.batch_factor == 1.0
        assert price.since > 0
    names = [(price.model, price.provider, price.since) for price in listed.prices]
    assert len(set(names)) == len(names) > 60
    assert (date.fromisoformat(listed.date).year, listed.currency) == (2026, "USD")


def test_the_vendors_of_the_list_are_those_that_people_use() -> None:
    providers = {price.provider for price in read_list().prices}
    assert providers >= {"openai", "anthropic", "gemini", "mistral", "deepseek", "bedrock", "groq", "cohere", "jina"}


def test_a_well_known_model_costs_what_its_vendor_asks_where_the_house_says_nothing() -> None:
    book = PriceBook((), 1, built_in(MeteringSettings()).prices)
    assert book.charge(MILLION_IN, CLAUDE, at=NOW) == (300_000, 1, "list")
    long = Units(input=100_000, cache_written=50_000, cache_written_hour=50_000)
    assert book.charge(long, CLAUDE, at=NOW).cost == 150_000 + 300_000


@pytest.mark.parametrize(("own", "by"), [("claude-sonnet*", "model"), ("claude", "deployment"), ("assistant", "route")])
def test_every_price_of_the_house_comes_before_the_list(own: str, by: str) -> None:
    book = PriceBook((Price(model=own, input=1.0),), 1, built_in(MeteringSettings()).prices)
    assert book.charge(MILLION_IN, CLAUDE, at=NOW) == (100_000, 1, by)


def test_the_list_is_for_vendors_by_their_models_alone() -> None:
    book = PriceBook((), 1, built_in(MeteringSettings()).prices)
    for stranger in (("claude-sonnet-4-5", "vllm", "a", "b"), ("mine", "anthropic", "claude-sonnet-4-5", "b")):
        assert book.charge(MILLION_IN, stranger, at=NOW) == (0, 1, "none")


def test_the_list_can_be_switched_off_and_holds_in_another_currency_only_by_its_rate() -> None:
    assert not built_in(MeteringSettings(built_in_prices=False)).prices
    assert not built_in(MeteringSettings(currency="CNY")).prices
    listed = built_in(MeteringSettings(currency="CNY", dollar_rate=7.1))
    book = PriceBook((), 1, listed.prices)
    assert book.charge(MILLION_IN, CLAUDE, at=NOW).cost == 2_130_000
    assert (len(listed.prices), listed.currency) == (len(read_list().prices), "CNY")


@pytest.mark.parametrize("rate", [-1.0, float("nan"), float("inf")])
def test_a_rate_of_the_dollar_that_cannot_be_stops_the_start(rate: float) -> None:
    with pytest.raises(InvalidError, match="dollar_rate"):
        built_in(replace(MeteringSettings(), dollar_rate=rate))
