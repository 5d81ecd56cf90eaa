"""What units cost by one price, in whole numbers.

A rate is money a million units, hence also millionths of money a unit; it is kept in picos of that, exactly as it was
written (a float's shortest decimal form, up to 12 places; a batch rate is rounded to them, half up). The parts of a
cost are added up exactly; the sum is rounded once, half up, to whole millionths.
"""

from dataclasses import dataclass, fields, replace
from decimal import ROUND_HALF_UP, Decimal

from tulou.contracts.metering.messages import Amounts, Price, Tier

PICO = 10**12
NO_RATES = frozenset({"model", "provider", "since", "batch_factor", "version", "tiers"})
RATES = tuple(field.name for field in fields(Price) if field.name not in NO_RATES)
"""The rates that a price may have."""

TIERED = tuple(field.name for field in fields(Tier) if field.name != "above")
"""The rates that a tier may have of its own."""


@dataclass(frozen=True, slots=True)
class UnitRates:
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
    cache_written_hour: int
    tiers: "tuple[tuple[int, UnitRates], ...]" = ()
    """Of inputs above so many tokens, the highest first: the whole request is priced by the first that it exceeds."""

    def cost(self, units: Amounts) -> int:
        """Return the millionths that one request's units cost, its own fee with them."""
        if self.tiers and (rates := self.within(units.input)) is not self:
            return rates.cost(units)
        if is_plain(units):
            return (units.input * self.input + units.output * self.output + self.request + PICO // 2) // PICO
        hour = min(units.cache_written_hour, units.cache_written)
        special_input = units.cached + units.cache_written + units.audio_input
        special_output = units.reasoning + units.audio_output
        picos = (
            max(0, units.input - special_input) * self.input
            + units.cached * self.cached
            + (units.cache_written - hour) * self.cache_written
            + hour * self.cache_written_hour
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

    def within(self, read: int) -> "UnitRates":
        """Return what holds for all of a request with so many tokens of input.

        A tier is for the whole request, not for what is above it: so Anthropic (docs, "Long context pricing"), Google
        (Gemini API, "Pricing", prompts > 200k tokens) and OpenAI charge, and so LiteLLM reckons.
        """
        return next((rates for above, rates in self.tiers if read > above), self)


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


def within(price: Price, tier: Tier) -> Price:
    """Return what a price comes to in one of its tiers, which has no tiers itself."""
    own = {name: rate for name in TIERED if (rate := getattr(tier, name)) is not None}
    return replace(price, tiers=(), **own)


def rates_of(price: Price, factor: float = 1.0) -> UnitRates:
    """Return a price made ready, each rate times a factor."""

    def picos(rate: float | None, plain: float = 0.0) -> int:
        exact = Decimal(repr(plain if rate is None else rate)) * Decimal(repr(factor)) * PICO
        return int(exact.to_integral_value(ROUND_HALF_UP))

    written = price.input if price.cache_written is None else price.cache_written
    highest_first = sorted(price.tiers, key=lambda tier: tier.above, reverse=True)
    return UnitRates(
        input=picos(price.input),
        output=picos(price.output),
        cached=picos(price.cached, price.input),
        cache_written=picos(written),
        reasoning=picos(price.reasoning, price.output),
        audio_input=picos(price.audio_input, price.input),
        audio_output=picos(price.audio_output, price.output),
        image=picos(price.image),
        search=picos(price.search),
        request=picos(price.request),
        character=picos(price.character),
        second=picos(price.second),
        cache_written_hour=picos(price.cache_written_hour, written),
        tiers=tuple((tier.above, rates_of(within(price, tier), factor)) for tier in highest_first),
    )
