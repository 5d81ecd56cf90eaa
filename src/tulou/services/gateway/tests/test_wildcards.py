"""Routes whose name is a pattern: rights, limits, prices and the ledger go by the name that was asked for."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tulou.contracts.discovery.messages import Replica, ReplicaCredential
from tulou.contracts.limits.messages import Limit
from tulou.contracts.metering.messages import Price, PriceList
from tulou.contracts.routing.messages import BreakerPolicy, Endpoint, RetryPolicy, Route, Snapshot, TrafficShare
from tulou.rules.routing.patterns import Patterns, fit, is_name
from tulou.services.gateway.snapshot.stacks import LANES_CAP
from tulou.services.gateway.stack.backend import Backend
from tulou.services.gateway.stack.backends import NAMED_CAP, Backends
from tulou.services.gateway.tests.gate import AUTH, RunningGate, gate, grant, snapshot, target
from tulou.services.gateway.tests.upstream import Seen, answer, reply, upstream
from tulou.services.gateway.tests.vendors.gemini import GEMINI
from tulou.services.gateway.tests.vendors.speech import vendor
from tulou.testing.clock import ManualClock
from tulou.testing.eventually import eventually

ENDPOINTS: tuple[Endpoint, ...] = ("chat", "completions", "responses", "messages")


def told(*replicas: Replica, routes: Sequence[Route] = (), **changes: Any) -> Snapshot:
    reached = replace(target(*replicas, deployment="all", endpoints=ENDPOINTS), wildcard=True)
    return snapshot(reached, routes=routes or (route("openai/*"),), **changes)


def route(model: str, deployment: str = "all", **changes: Any) -> Route:
    return Route(model=model, shares=(TrafficShare(deployment=deployment),), retry=RetryPolicy(attempts=1), **changes)


def test_what_stands_for_the_wildcard_is_what_a_pattern_leaves_open() -> None:
    assert fit("openai/*", "openai/gpt-4o") == "gpt-4o"
    assert fit("*", "a/b") == "a/b"
    assert fit("gpt-*-mini", "gpt-4o-mini") == "4o"
    assert fit("openai/*", "openai/") is None
    assert fit("ab*ba", "aba") is None
    assert Patterns(["*", "openai/*", "openai/gpt-*", "plain"]).find("openai/gpt-4o") == ("openai/gpt-*", "4o")
    assert Patterns(["*"]).find("x" * 201) is None


@pytest.mark.parametrize("name", ["", "a b", "../etc", "a/../b", "a//b", "*", "a\nb", "x" * 201, "ä", "-a", "a\0"])
def test_a_name_that_leads_out_of_its_place_or_has_no_bound_is_none(name: str) -> None:
    assert not is_name(name)


async def test_a_name_that_fits_a_pattern_is_asked_for_at_the_vendor_and_answered_under_the_name_said(
    tmp_path: Path,
) -> None:
    async with upstream() as one, gate(tmp_path, told(one.replica("all", upstream_model="*"))) as running:
        got = await running.chat(model="openai/gpt-4o")
        assert (got.status_code, got.headers["x-tulou-model"]) == (200, "openai/gpt-4o")
        assert one.seen[-1].json["model"] == "gpt-4o"
        got = await running.http.post(
            "/v1/responses", json={"model": "openai/o9", "input": "hi", "stream": True}, headers=AUTH
        )
        assert got.status_code == 200
        assert one.seen[-1].json["model"] == "o9"


async def test_a_model_in_the_path_is_the_one_that_was_asked_for(tmp_path: Path) -> None:
    async with vendor(GEMINI) as one:
        entry = one.replica("all", upstream_model="gemini-*", dialect="gemini")
        async with gate(tmp_path, told(entry, routes=(route("google/gemini-*"),))) as running:
            assert (await running.chat(model="google/gemini-2.5-pro")).status_code == 200
    assert one.seen[-1].path == "/v1beta/models/gemini-2.5-pro:generateContent"


@pytest.mark.parametrize("name", ["openai/../x", "openai/", "openai/a b", "openai/" + "x" * 200, "other/gpt", "all"])
async def test_what_fits_no_pattern_or_is_no_name_does_not_exist(tmp_path: Path, name: str) -> None:
    async with upstream() as one, gate(tmp_path, told(one.replica("all", upstream_model="*"))) as running:
        got = await running.chat(model=name)
        assert (got.status_code, got.json()["error"]["code"]) == (404, "model_not_found")
    assert one.seen == []


async def test_a_route_of_the_name_itself_goes_before_a_pattern_and_the_longer_pattern_before_the_shorter(
    tmp_path: Path,
) -> None:
    async with upstream() as one, upstream("r2") as other:
        fixed = target(other.replica("fixed", upstream_model="fixed"), deployment="fixed", endpoints=ENDPOINTS)
        first = told(
            one.replica("all", upstream_model="*"),
            routes=(route("openai/*"), route("openai/gpt-4o", "fixed"), route("*", "fixed")),
        )
        async with gate(tmp_path, replace(first, targets=(*first.targets, fixed))) as running:
            for name in ("openai/gpt-4o", "anything", "openai/o9"):
                assert (await running.chat(model=name)).status_code == 200
    assert [seen.json["model"] for seen in other.seen] == ["fixed", "fixed"]
    assert [seen.json["model"] for seen in one.seen] == ["o9"]


async def test_a_key_may_use_of_a_pattern_what_its_own_names_allow(tmp_path: Path) -> None:
    keys = (grant(models=("openai/gpt-*",)),)
    async with (
        upstream() as one,
        gate(tmp_path, told(one.replica("all", upstream_model="*"), grants=keys)) as running,
    ):
        assert (await running.chat(model="openai/gpt-4o")).status_code == 200
        got = await running.chat(model="openai/o9")
        assert (got.status_code, got.json()["error"]["code"]) == (403, "model_forbidden")
        assert (await running.http.get("/v1/models/openai/gpt-4o", headers=AUTH)).json()["id"] == "openai/gpt-4o"
        assert (await running.http.get("/v1/models/openai/o9", headers=AUTH)).status_code == 404


async def test_the_price_of_the_vendor_s_model_holds_and_the_ledger_has_all_three_names(tmp_path: Path) -> None:
    prices = PriceList(items=(Price(model="gpt-4o", provider="openai", since=0.0, input=1.0, output=2.0),), version=1)
    async with upstream() as one:
        entry = one.replica("all", upstream_model="*", provider="openai")
        async with gate(tmp_path, replace(told(entry), prices=prices)) as running:
            got = await running.chat(model="openai/gpt-4o")
            assert float(got.headers["x-tulou-cost"]) > 0
            assert float((await running.chat(model="openai/unpriced")).headers["x-tulou-cost"]) == 0
            await eventually(lambda: len(running.metering.entries) == 2)
            entries = {one.model: one for one in running.metering.entries.values()}
    paid = entries["openai/gpt-4o"]
    assert (paid.upstream_model, paid.deployment, paid.served_by) == ("gpt-4o", "all", "openai/gpt-4o")
    assert paid.priced_by == "model"


async def test_a_limit_of_one_model_binds_that_name_alone(tmp_path: Path) -> None:
    limit = Limit(name="few", scope="key", measure="requests", period="minute", amount=1, models=("openai/gpt-4o",))
    async with upstream() as one:
        first = replace(told(one.replica("all", upstream_model="*")), limits=(limit,))
        async with gate(tmp_path, first) as running:
            assert (await running.chat(model="openai/o9")).status_code == 200
            got = await running.chat(model="openai/gpt-4o")
            assert (got.status_code, got.json()["error"]["code"]) == (429, "rate_limit_exceeded")


async def test_what_a_vendor_says_at_one_model_rests_the_credential_there_alone(tmp_path: Path) -> None:
    async def limited(seen: Seen, send: Any) -> None:
        if seen.json["model"] == "small":
            await reply(send, 429, {"error": {"message": "slow down"}}, (b"retry-after", b"30"))
        else:
            await answer(seen, send)

    credential = ReplicaCredential(id="a", headers=(("authorization", "Bearer x"),))
    async with upstream(act=limited) as one:
        entry = one.replica("all", upstream_model="*", provider="openai", credentials=(credential,))
        async with gate(tmp_path, told(entry)) as running:
            assert (await running.chat(model="openai/small")).status_code == 429
            assert (await running.chat(model="openai/large")).status_code == 200
            assert (await running.chat(model="openai/small")).status_code == 429
    assert [seen.json["model"] for seen in one.seen] == ["small", "large"]


async def test_a_pattern_falls_back_to_the_same_model_elsewhere(tmp_path: Path) -> None:
    async def broken(seen: Seen, send: Any) -> None:
        del seen
        await reply(send, 503, {"error": {"message": "down"}})

    async with upstream(act=broken) as one, upstream("r2") as other:
        spare = replace(
            target(other.replica("spare", upstream_model="azure-*"), deployment="spare", endpoints=ENDPOINTS),
            wildcard=True,
        )
        first = told(
            one.replica("all", upstream_model="*"),
            routes=(route("openai/*", fallbacks=("azure/*",)), route("azure/*", "spare")),
        )
        async with gate(tmp_path, replace(first, targets=(*first.targets, spare))) as running:
            got = await running.chat(model="openai/gpt-4o")
            assert (got.status_code, got.headers["x-tulou-model"]) == (200, "azure/gpt-4o")
    assert other.seen[-1].json["model"] == "azure-gpt-4o"


async def test_what_a_vendor_lists_is_listed_under_the_names_that_lead_there(tmp_path: Path) -> None:
    async with upstream() as one:
        entry = one.replica("all", upstream_model="gpt-*", models=("gpt-4o", "gpt-5", "tts-1", "gpt-bad name"))
        plain = target(one.replica("tiny"), deployment="tiny")
        first = told(entry, routes=(route("openai/gpt-*"),))
        async with gate(tmp_path, replace(first, targets=(*first.targets, plain))) as running:
            names = [item["id"] for item in (await running.http.get("/v1/models", headers=AUTH)).json()["data"]]
            assert names == ["openai/gpt-4o", "openai/gpt-5", "tiny"]
            assert (await running.chat(model="openai/gpt-not-listed")).status_code == 200


async def test_names_that_are_made_up_take_no_memory_beyond_a_bound_and_no_series_of_metrics(tmp_path: Path) -> None:
    async with upstream() as one:
        entry = one.replica("all", upstream_model="*", models=("gpt-4o",))
        async with gate(tmp_path, told(entry)) as running:
            assert (await running.chat(model="openai/gpt-4o")).status_code == 200
            for number in range(LANES_CAP + NAMED_CAP + 10):
                assert (await running.chat(model=f"openai/made-up-{number}")).status_code == 200
            await _check_bounded(running)
            assert (await running.chat(model="openai/gpt-4o")).status_code == 200


LIMITED = ReplicaCredential(id="a", headers=(("authorization", "Bearer x"),))


async def rests(seen: Seen, send: Any) -> None:
    """Send one model's requests away for a while, and answer all others."""
    if seen.json["model"] == "small":
        await reply(send, 429, {"error": {"message": "slow down"}}, (b"retry-after", b"30"))
    else:
        await answer(seen, send)


async def make_up(running: RunningGate, how_many: int) -> None:
    for number in range(how_many):
        assert (await running.chat(model=f"openai/made-up-{number}")).status_code == 200


async def test_a_credential_rests_at_a_model_whatever_names_are_made_up_meanwhile(tmp_path: Path) -> None:
    async with upstream(act=rests) as one:
        entry = one.replica("all", upstream_model="*", provider="openai", credentials=(LIMITED,))
        async with gate(tmp_path, told(entry)) as running:
            assert (await running.chat(model="openai/small")).status_code == 429
            await make_up(running, LANES_CAP + NAMED_CAP + 10)
            assert (await running.chat(model="openai/small")).status_code == 429
            await running.tell(replace(told(entry), revision=2))
            assert (await running.chat(model="openai/small")).status_code == 429
    assert [seen.json["model"] for seen in one.seen].count("small") == 1


def fallen(fleet: Backends, replica: Replica, part: str) -> Backend:
    """Return the backend of a model, whose circuit has opened."""
    backend = fleet.named(replica, part)
    for _ in range(BreakerPolicy().failures):
        backend.circuit.failed()
    assert backend.circuit.state == "open"
    return backend


def test_a_circuit_stays_open_and_obeys_a_reset_however_many_other_names_are_asked_for() -> None:
    fleet = Backends(clock=ManualClock())
    replica = Replica(id="all", deployment="all", generation=1, url="http://127.0.0.1:9", upstream_model="*")
    fleet.take(replica)
    fleet.obey_epoch(0)
    ill = fallen(fleet, replica, "ill")
    for number in range(2 * NAMED_CAP):
        fleet.named(replica, f"made-up-{number}")
    assert fleet.named(replica, "ill") is ill
    for number in range(2 * NAMED_CAP):
        fleet.named(replica, f"made-up-{number}")

    fleet.obey_epoch(1)

    assert ill.circuit.state == "closed"


def test_a_model_that_a_lane_still_has_is_the_same_for_who_asks_anew() -> None:
    fleet = Backends(clock=ManualClock())
    entry = Replica(
        id="all", deployment="all", generation=1, url="http://127.0.0.1:9", upstream_model="*", credentials=(LIMITED,)
    )
    fleet.take(entry)
    fleet.obey_epoch(0)
    held = fleet.named(entry, "held")
    for number in range(3 * NAMED_CAP):
        fleet.named(entry, f"made-up-{number}")
    for _ in range(BreakerPolicy().failures):
        held.circuit.failed()

    assert fleet.named(entry, "held") is held
    fleet.obey_epoch(1)
    assert held.circuit.state == "closed"
    fleet.keep_only(set())
    assert held.forgotten


async def _check_bounded(running: RunningGate) -> None:
    named = [backend.model for backend in running.service.fleet]
    assert len(named) <= NAMED_CAP + 2
    assert "gpt-4o" in named
    name = "tulou_gateway_requests_total"
    labels = {"tenant": "default", "endpoint": "chat", "status_class": "2xx"}
    assert running.value(name, model="openai/gpt-4o", **labels) == 1
    assert running.value(name, model="openai/*", **labels) == LANES_CAP + NAMED_CAP + 10


async def test_a_request_whose_plan_is_of_yesterday_changes_nothing_that_is_known_today(tmp_path: Path) -> None:
    async with upstream() as one:
        old = told(one.replica("all", upstream_model="*"))
        async with gate(tmp_path, old) as running:
            plan = running.service.plan()
            await running.tell(replace(told(one.replica("all", upstream_model="*", weight=2.0)), revision=2))
            lane = plan.lanes["chat"].get("openai/late")
            assert lane is not None
            assert all(backend.model != "late" for backend in running.service.fleet)


async def test_questions_to_a_name_of_a_pattern_pass_through_like_any(tmp_path: Path) -> None:
    async with upstream() as one, gate(tmp_path, told(one.replica("all", upstream_model="vendor/*"))) as running:
        got = await running.chat(model="openai/a", stream=True)
    assert "[DONE]" in got.text
    assert one.seen[-1].json["model"] == "vendor/a"
