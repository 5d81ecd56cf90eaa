"""What limits measure, as values: each says how it is reserved, what is taken at the end, and in which words.

All who count go by these: the gate that holds shares, the authority that lends them, and who tells people of both.
"""

from collections.abc import Callable
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal, NamedTuple

from tulou.contracts.metering.messages import MILLION, Amounts

Measure = Literal["requests", "input_tokens", "output_tokens", "tokens", "concurrency", "cost"]
"""How a measure is called on the wire and in the database, in at most 16 letters; never renamed."""

Period = Literal["second", "minute", "hour", "day", "month", "none"]

EVER: tuple[Period, ...] = ("second", "minute", "hour", "day", "month")


class Estimate(NamedTuple):
    """What a request may take at most, guessed before it runs: tokens, answers, and millionths of the currency."""

    input: int
    output: int
    answers: int
    cost: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitMeasure:
    """A measure. Its units are whole: `scale` of them are one of a limit's amount as people write it.

    * `charged`: when a request uses of it. At its `beginning` it is one, whatever it takes; at its `end` it is what was
      counted, and `need` is reserved until then; `never`: it only holds a place while it runs.
    * `need`: the units to reserve for a request; `taken`: those that it took, of what was counted and its cost.
    * `words`: what an amount is of, after its number; none for `money`, which has a currency.
    * `header`: in which of OpenAI's headers `x-ratelimit-*` it is told.
    """

    name: Measure
    periods: tuple[Period, ...] = EVER
    charged: Literal["beginning", "end", "never"] = "end"
    need: Callable[[Estimate], int]
    taken: Callable[[Amounts, int], int]
    words: str
    header: Literal["requests", "tokens"] | None = None
    money: bool = False

    @property
    def scale(self) -> int:
        """How many units one of the amount has."""
        return MILLION if self.money else 1


_ALL = (
    LimitMeasure(
        name="requests",
        charged="beginning",
        need=lambda _: 1,
        taken=lambda _used, _cost: 1,
        words="requests",
        header="requests",
    ),
    LimitMeasure(
        name="input_tokens",
        need=lambda guess: guess.input,
        taken=lambda used, _cost: used.input,
        words="input tokens",
        header="tokens",
    ),
    LimitMeasure(
        name="output_tokens",
        need=lambda guess: guess.output,
        taken=lambda used, _cost: used.output,
        words="output tokens",
        header="tokens",
    ),
    LimitMeasure(
        name="tokens",
        need=lambda guess: guess.input + guess.output,
        taken=lambda used, _cost: used.input + used.output,
        words="tokens",
        header="tokens",
    ),
    LimitMeasure(
        name="concurrency",
        periods=("none",),
        charged="never",
        need=lambda _: 1,
        taken=lambda _used, _cost: 1,
        words="requests",
    ),
    LimitMeasure(
        name="cost",
        periods=("hour", "day", "month"),
        need=lambda guess: guess.cost,
        taken=lambda _used, cost: cost,
        words="",
        money=True,
    ),
)

MEASURES = MappingProxyType[Measure, LimitMeasure]({measure.name: measure for measure in _ALL})
"""By name."""
