"""Wrong keys at the gate: they cost next to nothing, are told of by number, and keep no right key out."""

from pathlib import Path

import pytest

from tulou.contracts.metering.messages import Entry
from tulou.services.gateway.http.strangers import Strangers
from tulou.services.gateway.settings import GatewaySettings
from tulou.services.gateway.tests.gate import AUTH, RunningGate, gate, question, snapshot, target
from tulou.services.gateway.tests.upstream import upstream
from tulou.testing.clock import ManualClock
from tulou.testing.eventually import eventually

CHAT = "/v1/chat/completions"
SETTINGS = GatewaySettings(ledger_every_s=0.05, wrong_keys=5)


async def wrong(gateway: RunningGate, times: int, path: str = CHAT, **headers: str) -> list[int]:
    asked = [{"authorization": f"Bearer sk-wrong-{number}", **headers} for number in range(times)]
    return [(await gateway.http.post(path, json=question(), headers=one)).status_code for one in asked]


def entries(gateway: RunningGate) -> list[Entry]:
    return list(gateway.metering.entries.values())


async def test_many_wrong_keys_of_an_address_are_put_off_and_a_right_one_is_let_in(tmp_path: Path) -> None:
    async with (
        upstream() as one,
        gate(tmp_path, snapshot(target(one.replica())), settings=SETTINGS, clock=ManualClock()) as gateway,
    ):
        assert await wrong(gateway, 8) == [401] * 5 + [429] * 3
        refused = await gateway.http.get("/v1/models", headers={"x-api-key": "sk-wrong"})
        assert (refused.status_code, refused.json()["error"]["code"]) == (429, "too_many_wrong_keys")
        assert 0 < int(refused.headers["retry-after"]) <= 60
        assert (await gateway.chat()).status_code == 200
        assert (await gateway.http.get("/v1/models", headers=AUTH)).status_code == 200
        assert (await gateway.http.post(CHAT, json=question())).status_code == 401  # who brings no key guesses none


async def test_they_may_try_again_when_the_minute_is_over(tmp_path: Path) -> None:
    clock = ManualClock()
    async with gate(tmp_path, snapshot(), settings=SETTINGS, clock=clock) as gateway:
        assert (await wrong(gateway, 6))[-1] == 429
        clock.advance(60)
        assert await wrong(gateway, 1) == [401]


async def test_a_flood_is_two_entries_that_say_whence_and_how_often(tmp_path: Path) -> None:
    clock = ManualClock()
    async with gate(tmp_path, snapshot(), settings=SETTINGS, clock=clock) as gateway:
        await wrong(gateway, 40)
        clock.advance(60)
        Strangers(gateway.service).sum_up(gateway.service.refusals.take())
        await eventually(lambda: len(entries(gateway)) == 2)
        first, rest = entries(gateway)
        assert (first.status, first.code, dict(first.tags)) == (401, "invalid_api_key", {"address": "127.0.0.1"})
        assert {name: dict(rest.tags)[name] for name in ("address", "count")} == {"address": "127.0.0.1", "count": "39"}
        assert rest.refused_by == "invalid_api_key"


@pytest.mark.parametrize("path", [CHAT, "/v1/messages"])
async def test_behind_a_proxy_clients_are_told_apart_and_a_network_of_ipv6_is_one(tmp_path: Path, path: str) -> None:
    settings = GatewaySettings(ledger_every_s=0.05, wrong_keys=2, proxies=("127.0.0.1",))
    async with gate(tmp_path, snapshot(), settings=settings, clock=ManualClock()) as gateway:
        for address, expected in (("10.1.0.1", [401, 401, 429]), ("10.1.0.2", [401]), ("2001:db8::1", [401, 401])):
            assert await wrong(gateway, len(expected), path, **{"x-forwarded-for": address}) == expected
        assert await wrong(gateway, 1, path, **{"x-forwarded-for": "2001:db8::ffff:2"}) == [429]
