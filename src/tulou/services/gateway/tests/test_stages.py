"""Single stages, around a fake."""

from collections import Counter
from random import Random

import pytest

from tulou.contracts.routing.messages import BreakerPolicy, Route, TrafficShare
from tulou.kernel.errors import InvalidError, UpstreamError
from tulou.services.gateway.refusals import ModelForbiddenError
from tulou.services.gateway.stack.admission import AdmissionStage
from tulou.services.gateway.stack.backend import Backend
from tulou.services.gateway.stack.balance import Balance, Balanced, DeploymentPool
from tulou.services.gateway.stack.balancers import BALANCERS
from tulou.services.gateway.stack.breaker import Breaker, Guarded
from tulou.services.gateway.stack.budget import CAP, FLOOR, RetryBudget
from tulou.services.gateway.stack.circuit import LEASE_S, Circuit, SingleTenancy
from tulou.services.gateway.stack.fallback import Fallback
from tulou.services.gateway.tests.builders import Fake, Notes, answer, answered_by, backend, backends, call
from tulou.services.gateway.tests.gate import grant
from tulou.testing.clock import ManualClock

DICE = Random(7)  # noqa: S311 - the same throws each time
POLICY = BreakerPolicy(failures=3, window_s=10, open_s=5, successes=2)


def pool(*members: Backend, route: Route | None = None, weight: float = 1.0, name: str = "tiny") -> DeploymentPool:
    chosen = route or Route(model="tiny", shares=(TrafficShare(deployment="tiny"),), balance="round_robin")
    return DeploymentPool(name, weight, members, BALANCERS[chosen.balance](members, chosen, DICE))


def picks(one: DeploymentPool, count: int) -> Counter[str]:
    return Counter(one.choose(one.backends, call()).replica.id for _ in range(count))


def test_round_robin_goes_around() -> None:
    assert picks(pool(*backends("a", "b", "c")), 9) == {"a": 3, "b": 3, "c": 3}


def balanced_by(balance: str, *members: Backend, hash_by: str = "key") -> DeploymentPool:
    route = Route(model="tiny", shares=(), balance=balance, hash_by=hash_by)  # pyright: ignore[reportArgumentType]
    return pool(*members, route=route)


def test_random_reaches_all_alike() -> None:
    assert all(count > 250 for count in picks(balanced_by("random", *backends("a", "b", "c")), 1000).values())


def test_weighted_follows_the_weights() -> None:
    got = picks(balanced_by("weighted", backend("heavy", weight=9), backend("light")), 1000)
    assert 850 < got["heavy"] < 950


def test_least_connections_prefers_the_least_loaded_for_its_weight() -> None:
    members = (backend("busy", in_flight=4), backend("big", in_flight=6, weight=4))
    assert picks(balanced_by("least_connections", *members), 10) == {"big": 10}


def test_power_of_two_avoids_the_most_loaded() -> None:
    members = (backend("a"), backend("b"), backend("full", in_flight=50))
    got = picks(balanced_by("power_of_two", *members), 300)
    assert got["full"] == 0
    assert min(got["a"], got["b"]) > 100


def keyed(one: DeploymentPool, key: str) -> str:
    asked = call(grant=grant(key=key))
    return one.choose(one.backends, asked).replica.id


def test_consistent_hash_keeps_keys_in_place_when_a_replica_goes() -> None:
    three = balanced_by("consistent_hash", *backends("a", "b", "c"))
    two = balanced_by("consistent_hash", *backends("a", "b"))
    keys = [f"key-{number}" for number in range(300)]
    before = {key: keyed(three, key) for key in keys}
    assert all(count > 50 for count in Counter(before.values()).values())
    assert all(keyed(two, key) == place for key, place in before.items() if place != "c")


def test_consistent_hash_overflows_beyond_its_bound() -> None:
    members = backends("a", "b")
    one = balanced_by("consistent_hash", *members)
    home = keyed(one, "popular")
    next(member for member in members if member.replica.id == home).in_flight = 10
    assert keyed(one, "popular") != home


def test_a_choice_never_returns_the_same_replica_twice_nor_one_that_is_gone() -> None:
    a, b, c = backends("a", "b", "c")
    b.gone = True
    choice, asked = Balanced([pool(a, b, c)]), call()
    assert {choice.next(asked), choice.next(asked)} == {a, c}
    assert choice.next(asked) is None
    choice.again()
    assert choice.next(asked) is not None


async def test_the_other_shares_follow_when_one_is_exhausted() -> None:
    a, b = backends("a", "b")
    inner = Fake()
    asked = call()
    await Balance(inner, [pool(a, name="x", weight=0.5), pool(b, name="y", weight=0.5)], random=DICE)(asked)
    choice = asked.choice
    assert choice is not None
    assert {choice.next(asked), choice.next(asked), choice.next(asked)} == {a, b, None}


def opened(clock: ManualClock) -> Circuit:
    circuit = Circuit(clock)
    circuit.obey(POLICY)
    for _ in range(3):
        circuit.failed()
    return circuit


def test_a_circuit_opens_after_failures_within_its_window_only() -> None:
    clock = ManualClock()
    circuit = Circuit(clock)
    circuit.obey(POLICY)
    for _ in range(5):
        circuit.failed()
        clock.advance(6)
    assert circuit.state == "closed"
    assert opened(clock).state == "open"


def test_one_caller_whose_requests_fail_takes_no_replica_from_the_others() -> None:
    circuit = Circuit(ManualClock())
    circuit.obey(POLICY)
    for _ in range(20):
        circuit.failed()
        circuit.succeeded()
        circuit.succeeded()
    assert circuit.state == "closed"
    for _ in range(3):
        circuit.failed()
    assert circuit.state == "open"


def test_no_single_caller_opens_a_circuit_however_often_its_requests_fail() -> None:
    clock = ManualClock()
    circuit = Circuit(clock)
    red = grant(key="red", tenant="red")
    for _ in range(100):
        circuit.failed(red)
    assert circuit.state == "closed"
    circuit.failed(grant(key="blue", tenant="blue"))
    assert circuit.state == "closed", "one caller's failures are half of what it takes at most"
    for number in range(4):
        circuit.failed(grant(key=f"blue-{number}", tenant="blue"))
    assert circuit.state == "open"


def test_keys_of_one_tenant_are_one_caller_where_there_are_others() -> None:
    tenancy = SingleTenancy()
    tenancy.lone = False
    circuit = Circuit(ManualClock(), tenancy)
    for number in range(100):
        circuit.failed(grant(key=f"k{number}", tenant="red"))
    assert circuit.state == "closed"
    for _ in range(5):
        circuit.failed(grant(key="k", tenant="blue"))
    assert circuit.state == "open"


def test_what_is_the_replicas_own_opens_a_circuit_whoever_calls() -> None:
    circuit = Circuit(ManualClock())
    alone = grant()
    for _ in range(9):
        circuit.failed(alone)
        circuit.blamed(alone)
    assert circuit.state == "closed"
    circuit.failed()
    assert circuit.state == "open"


def test_a_single_callers_failing_trial_does_not_open_a_circuit_again() -> None:
    clock = ManualClock()
    circuit = opened(clock)
    clock.advance(5)
    for _ in range(3):
        assert circuit.allows()
        circuit.failed(grant(key="red", tenant="red"))
        assert circuit.state == "half_open"
    assert circuit.allows()
    circuit.failed(grant(key="blue", tenant="blue"))
    assert circuit.state == "open"


def test_what_a_circuit_remembers_is_bounded_and_one_caller_crowds_out_nobody() -> None:
    circuit = Circuit(ManualClock())
    for number in range(4):
        circuit.failed(grant(key=f"blue-{number}", tenant=f"blue-{number}"))
    for _ in range(1000):
        circuit.failed(grant(key="red", tenant="red"))
    assert circuit.state == "closed"
    circuit.failed(grant(key="green", tenant="green"))
    assert circuit.state == "open"


def test_an_open_circuit_lets_one_trial_through_after_its_time_and_closes_after_successes() -> None:
    clock = ManualClock()
    circuit = opened(clock)
    assert not circuit.allows()
    assert circuit.opens_in() == 5
    clock.advance(5)
    assert circuit.allows()
    assert not circuit.allows()
    circuit.succeeded()
    assert circuit.allows()
    circuit.succeeded()
    assert circuit.state == "closed"


def test_a_trial_that_fails_opens_the_circuit_again() -> None:
    clock = ManualClock()
    circuit = opened(clock)
    clock.advance(5)
    assert circuit.allows()
    circuit.failed()
    assert circuit.state == "open"
    assert not circuit.allows()


def test_a_trial_that_never_reports_back_does_not_stick() -> None:
    clock = ManualClock()
    circuit = opened(clock)
    clock.advance(5)
    assert circuit.allows()
    clock.advance(LEASE_S)
    assert circuit.allows()
    circuit.released()
    assert circuit.allows()


async def test_the_breaker_narrows_the_choice_and_hears_how_calls_end() -> None:
    clock = ManualClock()
    bad, good = backend("bad", clock=clock), backend("good", clock=clock)
    inner = Fake()
    asked = call()
    asked.choice = Balanced([pool(bad, good)])
    await Breaker(inner, [pool(bad, good)], POLICY)(asked)
    choice = asked.choice
    assert isinstance(choice, Guarded)
    for _ in range(3):
        choice.settle(bad, good=False)
    choice.settle(good, good=None)
    assert (choice.next(asked), choice.next(asked)) == (good, None)


async def test_admission_lets_a_key_use_what_its_patterns_name() -> None:
    for models, allowed in ((("*",), True), (("tiny",), True), (("ti*",), True), (("other", "x*"), False)):
        stage = AdmissionStage(Fake(), "tiny")
        asked = call(grant=grant(models=models))
        if allowed:
            assert (await stage(asked)).status == 200
        else:
            with pytest.raises(ModelForbiddenError, match="other, x"):
                await stage(asked)


async def test_fallback_goes_down_its_list_for_what_another_model_might_do_better() -> None:
    notes = Notes()
    second, third = Fake(UpstreamError("no")), Fake(answer("r3"))
    stage = Fallback(Fake(UpstreamError("no")), [("second", second), ("third", third)], notes=notes)
    asked = call()
    assert answered_by(await stage(asked)) == "r3"
    assert (asked.served_by, notes.failovers) == ("third", 2)


async def test_fallback_leaves_alone_what_the_client_did_wrong() -> None:
    other = Fake()
    with pytest.raises(InvalidError):
        await Fallback(Fake(InvalidError("bad")), [("other", other)], notes=Notes())(call())
    assert not other.calls


async def test_fallback_tells_the_last_error_when_no_model_can() -> None:
    stage = Fallback(Fake(UpstreamError("first")), [("other", Fake(UpstreamError("second")))], notes=Notes())
    with pytest.raises(UpstreamError, match="second"):
        await stage(call())


def test_a_retry_budget_is_a_share_of_the_traffic() -> None:
    budget = RetryBudget(0.25, now=0.0)
    assert sum(budget.spend(0.0) for _ in range(100)) == FLOOR
    for _ in range(100):
        budget.earn()
    assert sum(budget.spend(0.0) for _ in range(100)) == 25


def test_a_retry_budget_fills_up_with_time_to_its_floor_and_with_traffic_to_its_cap() -> None:
    budget = RetryBudget(0.5, now=0.0)
    assert sum(budget.spend(0.0) for _ in range(100)) == FLOOR
    assert budget.spend(1.0)
    assert not budget.spend(1.0)
    assert sum(budget.spend(1000.0) for _ in range(100)) == FLOOR
    for _ in range(1000):
        budget.earn()
    assert sum(budget.spend(1000.0) for _ in range(200)) == CAP
