"""The tables of limits, and messages that come together."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace

from tulou.contracts.limits.messages import LeaseShares, Limit, Shares
from tulou.kernel.errors import UnavailableError
from tulou.rules.limits.terms import window
from tulou.services.limits import store
from tulou.services.limits.domain.account import GatewayShare, LimitAccount
from tulou.services.limits.service import Authority
from tulou.services.limits.service.batching import Answers, MessageBatcher
from tulou.services.limits.service.definitions import Definitions
from tulou.services.limits.service.warner import LimitWarner
from tulou.services.limits.settings import LimitsSettings
from tulou.services.limits.store import StoredLimit
from tulou.testing.house import open_house
from tulou.testing.tables import differences


async def test_the_tables_are_those_that_the_migrations_make() -> None:
    async with open_house("tulou.services.limits.migrations") as house:
        assert await differences(house.database, store.METADATA) == []


async def test_what_counts_nothing_any_more_goes_and_what_counts_stays() -> None:
    async with open_house("tulou.services.limits.migrations") as house:
        now = house.clock.now()
        month, hour = window("month", now)[0], now + 60.0
        held = {"g": GatewayShare(lease="1", granted=1, until=now)}
        accounts = {
            ("month", "now"): LimitAccount(at=month, used=1),
            ("month", "past"): LimitAccount(at=month - 1.0, used=1, held=held),
            ("hour", "draining"): LimitAccount(at=hour),
            ("hour", "drained"): LimitAccount(at=now - 1.0),
            ("hour", "held"): LimitAccount(at=now - 1.0, held=held),
            ("places", "free"): LimitAccount(),
            ("places", "taken"): LimitAccount(held=held),
        }
        units = {"month": "cost/month", "hour": "tokens/hour", "places": "concurrency/none"}
        async with house.database.transaction() as tx:
            await store.save(tx, accounts, units, ())
        warner = LimitWarner(house.outbox)
        authority = Authority(
            house.database, Definitions(house.database), warner, clock=house.clock, settings=LimitsSettings()
        )
        await authority.sweep()
        async with house.database.reading() as tx:
            left = await store.accounts_of(tx, units, limit=100)
    assert sorted(left) == [("hour", "draining"), ("hour", "held"), ("month", "now"), ("places", "taken")]


async def test_that_a_rate_was_warned_of_is_not_remembered_for_a_month() -> None:
    async with open_house("tulou.services.limits.migrations") as house:
        now = house.clock.now()
        rate = Limit(name="rate", scope="key", measure="requests", amount=9, period="minute")
        budget = replace(rate, name="budget", measure="cost", period="month")
        async with house.database.transaction() as tx:
            for limit in (rate, budget):
                await store.put(tx, StoredLimit(limit=limit, made_at=now))
                assert await store.warn_once(tx, (limit.name, "k"), period=now - 8_000.0, share=0.8)
            await LimitWarner(house.outbox).forget(tx, now)
            again = [
                await store.warn_once(tx, (limit.name, "k"), period=now - 8_000.0, share=0.8)
                for limit in (rate, budget)
            ]
    assert again == [True, False]


class Work:
    """Answers when it is let; remembers what it worked on."""

    def __init__(self) -> None:
        self.batches: list[list[str]] = []
        self.begun = asyncio.Event()
        self.free = asyncio.Event()
        self.failing: Exception | None = None

    async def __call__(self, requests: Sequence[LeaseShares]) -> Answers:
        self.batches.append([request.gateway for request in requests])
        self.begun.set()
        await self.free.wait()
        if self.failing is not None:
            raise self.failing
        return [Shares(items=(), at=float(len(self.batches))) for _ in requests]


def message(gateway: str, told: str = "1") -> LeaseShares:
    return LeaseShares(gateway=gateway, told=told, asks=())


async def waiting(batching: MessageBatcher, *gateways: str) -> list[asyncio.Task[Shares]]:
    """Send messages, and let them get as far as they can."""
    tasks = [asyncio.create_task(batching(message(gateway))) for gateway in gateways]
    await asyncio.sleep(0)
    return tasks


async def test_messages_that_come_during_work_are_worked_on_together() -> None:
    work = Work()
    batching = MessageBatcher(work)
    first = await waiting(batching, "a")
    await work.begun.wait()
    others = await waiting(batching, "b", "c", "d", "b")
    work.free.set()
    await asyncio.gather(*first, *others)
    assert work.batches == [["a"], ["b", "c", "d"], ["b"]]


async def test_one_that_leaves_in_the_middle_of_the_work_takes_no_other_with_it() -> None:
    work = Work()
    batching = MessageBatcher(work)
    first = await waiting(batching, "a")
    await work.begun.wait()
    second, third = await waiting(batching, "b", "c")
    first[0].cancel()
    await asyncio.gather(*first, return_exceptions=True)
    await asyncio.sleep(0)
    second.cancel()  # it works for both by now
    work.free.set()
    assert (await third).items == ()


async def test_a_failure_is_told_to_all_whom_it_concerns() -> None:
    work = Work()
    work.failing = UnavailableError("no database")
    work.free.set()
    batching = MessageBatcher(work)
    answers = await asyncio.gather(*(batching(message(name)) for name in "abc"), return_exceptions=True)
    assert [type(answer) for answer in answers] == [UnavailableError] * 3
    work.failing = None
    assert (await batching(message("a"))).items == ()
