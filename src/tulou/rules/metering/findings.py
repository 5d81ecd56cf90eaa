"""What of a house's prices people should know: models that nothing prices, and prices that fit a name alone."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Literal, NamedTuple

from tulou.contracts.metering.messages import Price, PriceList
from tulou.rules.metering.book import PriceBook, PricedHolding
from tulou.rules.metering.rates import RATES

OWN = "tulou"
"""The provider of models that the house serves itself, and of those of another house, which is a vendor like others."""


class Answerer(NamedTuple):
    """A model as its vendor or the registry calls it, and its provider.

    `own`: the house serves it itself, so that it costs nothing unless somebody says otherwise.
    """

    model: str
    provider: str
    own: bool = False


class PricedPlace(NamedTuple):
    """What answers, as an `Answerer`, its deployment, and the routes that lead there."""

    model: str
    provider: str
    deployment: str
    routes: tuple[str, ...] = ()
    own: bool = False


class PriceFinding(NamedTuple):
    """What is amiss about a place, and what to do about it."""

    kind: Literal["unpriced", "by_name"]
    place: PricedPlace
    text: str


def places_of(answerers: Mapping[str, Sequence[Answerer]], routes: Mapping[str, Iterable[str]]) -> list[PricedPlace]:
    """Return all places: of each deployment what answers for it, and the routes that name it.

    A `*` is no model: those that it stands for are priced each by its own name.
    """
    leading = {name: tuple(route for route, shares in routes.items() if name in shares) for name in answerers}
    return [
        PricedPlace(model or deployment, provider, deployment, leading[deployment], own)
        for deployment, answering in answerers.items()
        for model, provider, own in dict.fromkeys(answering)
        if "*" not in model
    ]


def findings(prices: PriceList, places: Iterable[PricedPlace], *, at: float) -> list[PriceFinding]:
    """Return what is amiss now, each place once for each kind."""
    book = PriceBook.compile(prices)
    return [finding for place in places for finding in _of_place(book, place, at)]


def _of_place(book: PriceBook, place: PricedPlace, at: float) -> Iterator[PriceFinding]:
    for route in dict.fromkeys((place.deployment, *place.routes)):
        holding = book.holding((place.model, place.provider, place.deployment, route), at)
        if holding.by == "none" and not place.own and route == place.deployment:
            yield PriceFinding("unpriced", place, _unpriced(place))
        elif holding.by in ("deployment", "route") and holding.price is not None:
            yield PriceFinding("by_name", place, _by_name(place, holding, holding.price, route))
            if holding.by == "deployment":
                return


def _unpriced(place: PricedPlace) -> str:
    begin = command(place.model, place.provider)
    return (
        f"nothing prices {place.model!r} of {place.provider}, by which {place.deployment!r} is answered: it costs "
        f"nothing, and no budget sees it; `{begin} --input ... --output ...`, with 0 if it is free"
    )


def _by_name(place: PricedPlace, holding: PricedHolding, price: Price, route: str) -> str:
    name = f"the deployment {place.deployment!r}" if holding.by == "deployment" else f"the route {route!r}"
    rates = "".join(f" --{rate.replace('_', '-')} {getattr(price, rate):g}" for rate in RATES if getattr(price, rate))
    return (
        f"{place.model!r} of {place.provider} is priced by {price.model!r}, which fits only the name of {name}; write "
        f"the price of what answers: `{command(place.model, place.provider)}{rates}`"
    )


def command(model: str, provider: str) -> str:
    """Return how the price of a model begins to be set."""
    return f"tulou prices set {model} --provider {provider}"
