"""What limits measure: each measure says by itself how it is reserved, taken and told."""

from dataclasses import replace
from typing import get_args

import pytest

from tulou.contracts.limits.measures import EVER, MEASURES, Estimate, LimitMeasure, Measure, Period
from tulou.contracts.limits.messages import Limit, PastRequest
from tulou.contracts.metering.messages import Units
from tulou.rules.limits.terms import in_amounts, terms_of
from tulou.services.limits.domain.checking import check
from tulou.services.limits.domain.replay import replay

GUESS = Estimate(input=30, output=40, answers=2, cost=700)
USED, COST = Units(input=3, output=4, images=5), 60
COLUMN = 16
"""Letters that the column of the database holds."""


def of(measure: LimitMeasure, amount: float = 4) -> Limit:
    return check(
        Limit(name="one", scope="house", measure=measure.name, amount=amount, period=measure.periods[-1], away="allow")
    )


def test_every_measure_has_a_value_whose_name_every_database_can_hold() -> None:
    assert tuple(MEASURES) == get_args(Measure)
    assert [name for name, measure in MEASURES.items() if measure.name != name or len(name) > COLUMN] == []
    assert all(set(measure.periods) <= set(get_args(Period)) for measure in MEASURES.values())
    assert tuple(set(get_args(Period)) - set(EVER)) == ("none",)


def test_only_what_is_held_while_a_request_runs_has_no_period() -> None:
    kinds = {
        name: {terms_of(of(replace(one, periods=(period,)))).kind for period in one.periods}
        for name, one in MEASURES.items()
    }
    assert {name for name, found in kinds.items() if "places" in found} == {"concurrency"}
    assert kinds["concurrency"] == {"places"}
    assert kinds["cost"] == {"rate", "window"}


@pytest.mark.parametrize(
    ("name", "need", "taken"),
    [
        ("requests", 1, 1),
        ("input_tokens", 30, 3),
        ("output_tokens", 40, 4),
        ("tokens", 70, 7),
        ("concurrency", 1, 1),
        ("cost", 700, 60),
    ],
)
def test_a_request_needs_what_is_guessed_and_takes_what_was_counted(name: Measure, need: int, taken: int) -> None:
    measure = MEASURES[name]
    assert (measure.need(GUESS), measure.taken(USED, COST)) == (need, taken)


@pytest.mark.parametrize("measure", MEASURES.values(), ids=lambda measure: measure.name)
def test_an_amount_has_a_unit_or_a_currency_and_comes_back_as_it_was_written(measure: LimitMeasure) -> None:
    limit = of(measure)
    assert bool(measure.words) != measure.money
    assert in_amounts(limit, terms_of(limit).capacity) == 4


def test_a_past_request_is_decided_again_by_all_that_was_counted_of_it() -> None:
    told = PastRequest(
        id="1",
        at=1.0,
        took_s=1.0,
        key="k",
        principal="p",
        project="default",
        tenant="t",
        model="m",
        input_tokens=1,
        output_tokens=1,
        cost=0,
    )
    tokens = of(MEASURES["tokens"], amount=10)
    assert replay([tokens], [told, told]) == ("", "")
    assert replay([tokens], [replace(told, units=Units(input=6)), replace(told, units=Units(input=6))]) == ("", "one")
