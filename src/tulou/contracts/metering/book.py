"""How the price book is applied: part of the contract, so that gateways and recomputation cannot disagree.

All arithmetic is in whole numbers. A rate is money a million units, hence also millionths of money a unit; it is kept
in picos of that, exactly as it was written (a float's shortest decimal form, up to 12 places; a batch rate is rounded
to them, half up). The parts of a cost are added up exactly; the sum is rounded once, half up, to whole millionths.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal
from fnmatch import fnmatchcase
from math import inf

from tulou.contracts.metering.messages import Amounts, Entry, Price, PriceList, Units

PICO = 10**12
CACHE_CAP = 4096
"""Pairs of model and provider whose prices are remembered; more than a house serves."""

PATTERN = frozenset("*?[")
ERRORS_FROM = 400


@dataclass(frozen=True, slots=True)
class Rates:
    """Picos of a millionth a unit, for plain requests or for those of a batch."""

    input: int
    output: int
    cached: int
    cache_written: int
    reasoning: int
    audio_input: int
    audio_output: int
    image: int
    search: int
    request: int
    character: int
    second: int

    def cost(self, units: Amounts) -> int:
        """Return the millionths that one request's units cost, its own fee with them."""
        if is_plain(units):
            return (units.input * self.input + units.output * self.output + self.request + PICO // 2) // PICO
        special_input = units.cached + units.cache_written + units.audio_input
        special_output = units.reasoning + units.audio_output
        picos = (
            max(0, units.input - special_input) * self.input
            + units.cached * self.cached
            + units.cache_written * self.cache_written
            + units.audio_input * self.audio_input
            + max(0, units.output - special_output) * self.output
            + units.reasoning * self.reasoning
            + units.audio_output * self.audio_output
            + units.images * self.image
            + units.searches * self.search
            + units.characters * self.character
            + units.seconds * self.second
            + self.request
        )
        return (picos + PICO // 2) // PICO


def is_plain(units: Amounts) -> bool:
    """Say whether nothing but plain input and output was used, as by most requests."""
    return not (
        units.cached
        or units.reasoning
        or units.cache_written
        or units.audio_input
        or units.audio_output
        or units.images
        or units.searches
        or units.characters
        or units.seconds
    )


@dataclass(frozen=True, slots=True)
class Tariff:
    """A price made ready."""

    since: float
    plain: Rates
    batch: Rates


Name = tuple[str, str]
"""Of a price: model and provider, each a name or a pattern."""

Timeline = Sequence[Tariff]
"""The tariffs of one model and provider, the latest first."""


class PriceBook:
    """One version of the price book; what no price matches costs nothing."""

    def __init__(self, prices: Sequence[Price], version: int) -> None:
        groups: dict[Name, list[Price]] = {}
        for price in prices:
            groups.setdefault((price.model, price.provider), []).append(price)
        self.version = version
        self._begins = frozenset(price.since for price in prices)
        self._timelines = {name: _timeline(group) for name, group in groups.items()}
        self._found: dict[Name, tuple[Timeline, ...]] = {}

    @classmethod
    def compile(cls, prices: PriceList) -> "PriceBook":
        """Make a price list ready to be asked."""
        return cls(prices.items, prices.version)

    def cost(
        self, units: Amounts, *, served_by: str, provider: str = "", at: float, batch: bool = False
    ) -> tuple[int, int]:
        """Return what units cost, in millionths, and the version of the book that says so."""
        rates = self.rates(served_by, provider, at=at, batch=batch)
        return rates.cost(units) if rates is not None else 0, self.version

    def rates(self, served_by: str, provider: str = "", *, at: float, batch: bool = False) -> Rates | None:
        """Return what holds for a model and provider at a time; None where no price matches."""
        for timeline in self._matching(served_by, provider):
            for tariff in timeline:
                if tariff.since <= at:
                    return tariff.batch if batch else tariff.plain
        return None

    def changes_after(self, at: float) -> float:
        """Return when a price begins to hold next, infinity if none is to come."""
        return min((since for since in self._begins if since > at), default=inf)

    def priced(self, entry: Entry) -> Entry:
        """Return an entry with what it costs: nothing if it was refused, or nothing was used or counted.

        What nobody counts is no work of a model: a count of tokens, or the word that an answer is being made.
        """
        in_vain = entry.status >= ERRORS_FROM or entry.counted == "none"
        if entry.refused_by or (in_vain and entry.units == Units()):
            return replace(entry, cost=0, price=self.version)
        served_by = entry.served_by or entry.model
        cost, version = self.cost(
            entry.units, served_by=served_by, provider=entry.provider, at=entry.at, batch=entry.batch
        )
        return replace(entry, cost=cost, price=version)

    def _matching(self, served_by: str, provider: str) -> tuple[Timeline, ...]:
        name = (served_by, provider)
        found = self._found.get(name)
        if found is None:
            if len(self._found) >= CACHE_CAP:
                self._found.clear()
            found = self._found[name] = tuple(self._timelines[match] for match in self._candidates(*name))
        return found

    def _candidates(self, served_by: str, provider: str) -> list[Name]:
        """Return whose prices may hold, the most exact first: by model, and between equals by provider.

        A name is more exact than a pattern, a pattern the more so the more it spells out; any provider comes last.
        """
        fitting = [
            name for name in self._timelines if _fits(name[0], served_by) and (not name[1] or _fits(name[1], provider))
        ]
        return sorted(fitting, key=lambda name: (_vagueness(name[0]), not name[1], _vagueness(name[1]), name))


def _fits(pattern: str, name: str) -> bool:
    return pattern == name or (not PATTERN.isdisjoint(pattern) and fnmatchcase(name, pattern))


def _vagueness(pattern: str) -> tuple[bool, int]:
    return not PATTERN.isdisjoint(pattern), -sum(letter not in PATTERN for letter in pattern)


def _timeline(prices: Iterable[Price]) -> Timeline:
    latest_first = sorted(prices, key=lambda price: price.since, reverse=True)
    return [Tariff(price.since, _rates(price, 1.0), _rates(price, price.batch_factor)) for price in latest_first]


def _rates(price: Price, factor: float) -> Rates:
    def picos(rate: float | None, plain: float = 0.0) -> int:
        exact = Decimal(repr(plain if rate is None else rate)) * Decimal(repr(factor)) * PICO
        return int(exact.to_integral_value(ROUND_HALF_UP))

    return Rates(
        input=picos(price.input),
        output=picos(price.output),
        cached=picos(price.cached, price.input),
        cache_written=picos(price.cache_written, price.input),
        reasoning=picos(price.reasoning, price.output),
        audio_input=picos(price.audio_input, price.input),
        audio_output=picos(price.audio_output, price.output),
        image=picos(price.image),
        search=picos(price.search),
        request=picos(price.request),
        character=picos(price.character),
        second=picos(price.second),
    )
