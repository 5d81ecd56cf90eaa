"""What people are told of prices: models that nothing prices, and prices that fit only a name."""

from tulou.contracts.metering.messages import Price, PriceList
from tulou.rules.metering.findings import Answerer, PricedPlace, findings, places_of

GPT = PricedPlace("gpt-4o", "openai", "large", ("assistant",))


def told(*prices: Price, place: PricedPlace = GPT) -> list[tuple[str, str]]:
    listed = PriceList(items=prices, version=1, built_in=(Price(model="listed", provider="openai", input=1.0),))
    return [(found.kind, found.text) for found in findings(listed, (place,), at=5.0)]


def test_a_vendors_model_that_nothing_prices_is_told_with_the_price_to_write() -> None:
    ((kind, text),) = told(Price(model="other", input=1.0))
    assert kind == "unpriced"
    assert "'gpt-4o' of openai" in text
    assert "`tulou prices set gpt-4o --provider openai --input" in text


def test_a_price_that_fits_only_a_deployment_or_a_route_is_told_with_the_price_to_write() -> None:
    ((kind, text),) = told(Price(model="large", input=2.5, output=10.0, cached=1.25))
    assert kind == "by_name"
    assert "the deployment 'large'" in text
    assert "`tulou prices set gpt-4o --provider openai --input 2.5 --output 10 --cached 1.25`" in text
    kinds = told(Price(model="assist*", input=2.5))
    assert [kind for kind, _ in kinds] == ["unpriced", "by_name"]
    assert "the route 'assistant'" in kinds[1][1]


def test_nothing_is_told_of_what_a_price_of_its_model_or_the_list_fits() -> None:
    assert not told(Price(model="gpt-*", input=1.0), Price(model="large", input=2.0))
    assert not told(place=PricedPlace("listed", "openai", "large"))


def test_own_models_without_a_price_are_as_they_should_be() -> None:
    own = PricedPlace("qwen3", "tulou", "qwen", own=True)
    assert not told(place=own)
    assert [kind for kind, _ in told(Price(model="qwen", input=1.0), place=own)] == ["by_name"]


def test_another_house_is_a_vendor_whose_models_want_a_price() -> None:
    ((kind, text),) = told(place=PricedPlace("qwen3", "tulou", "far"))
    assert kind == "unpriced"
    assert "`tulou prices set qwen3 --provider tulou --input" in text
    assert not told(Price(model="qwen3", provider="tulou", input=1.0), place=PricedPlace("qwen3", "tulou", "far"))


def test_places_are_all_models_of_a_deployment_with_the_routes_that_lead_there() -> None:
    answerers = {
        "large": [Answerer("gpt-5", "openai"), Answerer("gpt-5", "openai"), Answerer("", "azure")],
        "small": [Answerer("qwen3", "tulou", own=True)],
    }
    assert places_of(answerers, {"large": ["large"], "assistant": ["small", "large"]}) == [
        PricedPlace("gpt-5", "openai", "large", ("large", "assistant")),
        PricedPlace("large", "azure", "large", ("large", "assistant")),
        PricedPlace("qwen3", "tulou", "small", ("assistant",), own=True),
    ]
