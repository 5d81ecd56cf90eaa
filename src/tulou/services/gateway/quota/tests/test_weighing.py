"""What is set aside for a call that says no cap, by the short way and by the long one."""

from dataclasses import dataclass

from hypothesis import assume, example, given
from hypothesis import strategies as st

from tulou.contracts.limits.messages import Edge, Limit, Measure
from tulou.contracts.routing.messages import Endpoint, Grant
from tulou.services.gateway.quota.holdings import BindingAccounts, HeldShares
from tulou.services.gateway.quota.rules import LimitRules
from tulou.services.gateway.quota.weighing import UNCOUNTED, fit, small, weigh

KEY = Grant(key="key_1", digest="01", tenant="acme", principal="ana", project="app", scopes=("inference",))
LIMITS = st.builds(
    Limit,
    name=st.uuids().map(str),
    scope=st.just("key"),
    measure=st.sampled_from(("tokens", "input_tokens", "output_tokens", "requests")),
    amount=st.integers(1, 1_000_000).map(float),
    period=st.just("minute"),
    edge=st.sampled_from(("hard", "soft")),
)


@dataclass(frozen=True)
class Call:
    body: bytes
    answers: int
    endpoint: Endpoint = "chat"
    model: str = "m"
    allowed: int | None = None
    batch: bool = False


def dear(model: str, read: int, written: int, *, batch: bool) -> int:
    del model, batch
    return read * 3 + written * 15


def bounds_of(*limits: Limit) -> BindingAccounts:
    holdings = HeldShares(most=100)
    holdings.obey(LimitRules(limits))
    return holdings.bounds(KEY, "m", 0.0)


def limit(measure: Measure, amount: float, edge: Edge = "hard") -> Limit:
    return Limit(name=measure, scope="key", measure=measure, amount=amount, period="day", edge=edge)


@given(
    limits=st.lists(LIMITS, min_size=1, max_size=3),
    length=st.integers(2, 200_000),
    answers=st.integers(1, 4),
    tokens=st.integers(1, 64_000),
)
@example(limits=[limit("cost", 1.0)], length=20_000, answers=1, tokens=4_096)
@example(limits=[limit("input_tokens", 1e6), limit("output_tokens", 1e6, "soft")], length=99, answers=1, tokens=64_000)
def test_a_call_that_is_small_beside_its_limits_gets_by_the_short_way_what_the_long_one_gives(
    limits: list[Limit], length: int, answers: int, tokens: int
) -> None:
    bounds, call = (
        bounds_of(*limits),
        Call(b'{"messages":[{"role":"user","content":"' + b"x" * length + b'"}]}', answers),
    )
    needs, said = weigh(bounds, call, dear, tokens)
    assume(not said)

    cap = small(bounds, needs, tokens)

    assert cap is None or (needs, cap) == fit(bounds, call, dear, tokens)


def test_the_short_way_is_taken_by_calls_as_they_usually_are() -> None:
    usual = Call(b'{"messages":[{"role":"user","content":"Hi"}]}', 1)

    for bounds, cap in (
        (bounds_of(limit("tokens", 100_000)), 1_024),
        (bounds_of(limit("input_tokens", 1e6)), UNCOUNTED),
    ):
        assert small(bounds, weigh(bounds, usual, dear, 1_024)[0], 1_024) == cap
    tight = bounds_of(limit("tokens", 2_000))
    assert small(tight, weigh(tight, usual, dear, 1_024)[0], 1_024) is None
