"""What a request costs: exact, the same everywhere, whatever prices a book has."""

from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal

from hypothesis import given
from hypothesis import strategies as st

from tulou.contracts.metering.messages import Entry, Price, PriceList, Tier, Units
from tulou.rules.metering.book import PriceBook

MILLION_IN = Units(input=1_000_000)


def book(*prices: Price) -> PriceBook:
    return PriceBook.compile(PriceList(items=prices, version=7))


def price_of(a_book: PriceBook, served_by: str, provider: str = "", at: float = 100.0) -> int:
    cost, version = a_book.cost(MILLION_IN, served_by=served_by, provider=provider, at=at)
    assert version == 7
    return cost


def test_what_has_no_price_costs_nothing() -> None:
    assert price_of(book(), "anything") == 0


def test_a_rate_is_money_a_million_units() -> None:
    assert price_of(book(Price(model="m", input=0.15)), "m") == 150_000


def test_the_most_exact_price_holds() -> None:
    prices = book(
        Price(model="*", input=1.0),
        Price(model="gpt-*", input=2.0),
        Price(model="gpt-4*", input=3.0),
        Price(model="gpt-4*", provider="azure", input=4.0),
        Price(model="gpt-4o", input=5.0),
        Price(model="gpt-4o", provider="azure", input=6.0),
    )
    asked = [
        ("x", ""),
        ("gpt-3", "azure"),
        ("gpt-4", "openai"),
        ("gpt-4", "azure"),
        ("gpt-4o", ""),
        ("gpt-4o", "azure"),
    ]
    assert [price_of(prices, *name) for name in asked] == [1_000_000 * number for number in range(1, 7)]


def test_a_provider_may_be_a_pattern_and_is_less_exact_then() -> None:
    prices = book(
        Price(model="m", input=1.0),
        Price(model="m", provider="azure*", input=2.0),
        Price(model="m", provider="azure-eu", input=3.0),
    )
    assert [price_of(prices, "m", name) for name in ("", "azure-us", "azure-eu")] == [1_000_000, 2_000_000, 3_000_000]


def test_a_price_holds_from_its_date_until_the_next_one() -> None:
    prices = book(Price(model="m", since=10.0, input=1.0), Price(model="m", since=20.0, input=2.0))
    assert [price_of(prices, "m", at=at) for at in (9.9, 10.0, 19.9, 20.0)] == [0, 1_000_000, 1_000_000, 2_000_000]


def test_a_price_that_does_not_hold_yet_leaves_the_next_exact_one_in_force() -> None:
    prices = book(Price(model="m", since=1_000.0, input=9.0), Price(model="*", input=1.0))
    assert price_of(prices, "m") == 1_000_000


def test_what_answered_comes_before_its_deployment_and_that_before_its_route() -> None:
    prices = book(Price(model="r", input=1.0), Price(model="d", input=2.0), Price(model="v*", input=3.0))
    asked = [("v1", "d", "r"), ("x", "d", "r"), ("x", "y", "r"), ("", "", "r"), ("x", "y", "z")]
    charges = [prices.charge(MILLION_IN, (model, "", by, route), at=1.0) for model, by, route in asked]
    assert [charge.cost // 1_000_000 for charge in charges] == [3, 2, 1, 1, 0]
    assert [charge.by for charge in charges] == ["model", "deployment", "route", "route", "none"]


def test_a_price_of_a_name_holds_until_that_of_the_model_begins() -> None:
    prices = book(Price(model="d", input=2.0), Price(model="v", since=10.0, input=3.0))
    charges = [prices.charge(MILLION_IN, ("v", "", "d", "r"), at=at) for at in (9.9, 10.0, 9.9)]
    assert [charge.cost // 1_000_000 for charge in charges] == [2, 3, 2]


def test_an_entry_from_before_models_were_noted_is_priced_by_its_names() -> None:
    entry = Entry(
        id="e",
        at=1.0,
        request_id="r",
        tenant="t",
        project="p",
        principal="u",
        key="k",
        endpoint="chat",
        model="asked",
        status=200,
        counted="reported",
        units=MILLION_IN,
    )
    prices = book(Price(model="served", input=1.0), Price(model="asked", input=2.0))
    assert prices.priced(replace(entry, served_by="served")).cost == 1_000_000
    assert prices.priced(entry).cost == 2_000_000


def test_tokens_of_a_kind_are_not_counted_twice() -> None:
    prices = book(
        Price(model="m", input=10.0, output=100.0, cached=1.0, cache_written=12.5, reasoning=50.0, request=1_000_000.0)
    )
    units = Units(input=100, cached=60, cache_written=10, output=40, reasoning=30)
    cost, _ = prices.cost(units, served_by="m", at=1.0)
    assert cost == 30 * 10 + 60 * 1 + 125 + 10 * 100 + 30 * 50 + 1_000_000


def test_rates_that_are_not_given_are_those_of_plain_tokens() -> None:
    units = Units(input=10, cached=10, audio_input=0, output=10, reasoning=10)
    assert book(Price(model="m", input=1.0, output=2.0)).cost(units, served_by="m", at=1.0)[0] == 30


def test_what_stays_in_a_cache_for_an_hour_has_a_rate_of_its_own() -> None:
    prices = book(Price(model="m", input=3.0, cached=0.3, cache_written=3.75, cache_written_hour=6.0))
    units = Units(input=1_000, cached=200, cache_written=500, cache_written_hour=400)
    cost, _ = prices.cost(units, served_by="m", at=1.0)
    assert cost == 300 * 3 + 60 + 375 + 400 * 6
    without = book(Price(model="m", input=3.0, cache_written=3.75))
    assert without.cost(Units(input=400, cache_written=400, cache_written_hour=400), served_by="m", at=1.0)[0] == 1_500


def test_a_long_input_prices_the_whole_request_by_the_highest_tier_that_it_exceeds() -> None:
    tiers = (Tier(above=200_000, input=6.0, output=22.5), Tier(above=500_000, input=9.0))
    prices = book(Price(model="m", input=3.0, output=15.0, cached=0.5, batch_factor=0.5, tiers=tiers))
    sent = [200_000, 200_001, 500_001]
    costs = [prices.cost(Units(input=read, output=100), served_by="m", at=1.0)[0] for read in sent]
    assert costs == [601_500, 1_200_006 + 2_250, 4_500_009 + 1_500]
    cached = Units(input=200_001, cached=200_001)
    assert prices.cost(cached, served_by="m", at=1.0)[0] == 100_001  # half up
    assert prices.cost(Units(input=200_002), served_by="m", at=1.0, batch=True)[0] == 600_006


def test_batches_cost_their_factor() -> None:
    prices = book(Price(model="m", input=0.15, batch_factor=0.5))
    assert prices.cost(Units(input=1_000), served_by="m", at=1.0, batch=True)[0] == 75


def test_the_sum_is_rounded_once_and_half_up() -> None:
    prices = book(Price(model="m", input=0.3, output=0.2))
    assert prices.cost(Units(input=1, output=1), served_by="m", at=1.0)[0] == 1  # 0.5
    assert prices.cost(Units(input=1), served_by="m", at=1.0)[0] == 0  # 0.3


def test_an_entry_that_was_refused_or_that_failed_before_it_used_anything_costs_nothing() -> None:
    prices = book(Price(model="m", input=1.0, request=1_000_000.0))
    entry = Entry(
        id="e",
        at=1.0,
        request_id="r",
        tenant="t",
        project="p",
        principal="u",
        key="k",
        endpoint="chat",
        model="m",
        status=200,
        counted="reported",
    )
    assert prices.priced(entry).cost == 1_000_000
    assert prices.priced(replace(entry, counted="none")).cost == 0  # as gateways do it
    assert prices.priced(replace(entry, status=502)).cost == 0
    assert prices.priced(replace(entry, status=429, refused_by="limit")).cost == 0
    assert prices.priced(replace(entry, status=499, units=Units(input=5))).cost == 1_000_005


@given(
    st.decimals(0, 10_000, places=6),
    st.decimals(0, 10_000, places=6),
    st.integers(0, 10**9),
    st.integers(0, 10**9),
)
def test_no_cost_drifts_from_what_decimals_say(input_rate: Decimal, output_rate: Decimal, sent: int, said: int) -> None:
    prices = book(Price(model="m", input=float(input_rate), output=float(output_rate)))
    exact = (input_rate * sent + output_rate * said).to_integral_value(ROUND_HALF_UP)
    assert prices.cost(Units(input=sent, output=said), served_by="m", at=1.0)[0] == int(exact)


def test_what_a_book_remembers_is_bounded() -> None:
    prices = book(Price(model="*", input=1.0))
    assert all(price_of(prices, f"model-{number}") == 1_000_000 for number in range(5_000))
