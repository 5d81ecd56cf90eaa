"""What every events adapter must do."""

# ruff: noqa: S101, D102 - a suite of tests, whose names are sentences

import asyncio
from collections.abc import AsyncIterator

import pytest

from tulou.kernel.ids import new_id
from tulou.ports.events import Delivery, Events, Fact
from tulou.testing.eventually import eventually

DEADLINE_S = 60.0
BRIEF_S = 0.3
briefly = pytest.mark.parametrize("redeliver_s", [BRIEF_S])


def fact(topic: str, body: str = "{}") -> Fact:
    """Return a fact that happened now."""
    return Fact(id=new_id("fact"), topic=topic, at=1.5, tenant="t", body=body)


async def take(deliveries: AsyncIterator[Delivery], count: int, *, ack: bool = True) -> list[Fact]:
    """Return the next facts, acknowledged or not."""
    taken: list[Fact] = []
    async with asyncio.timeout(DEADLINE_S):
        for _ in range(count):
            delivery = await anext(deliveries)
            taken.append(delivery.fact)
            if ack:
                await delivery.ack()
    return taken


class EventsSuite:
    """Needs the fixture `events` (empty; what is not acknowledged comes again after `redeliver_s`)."""

    @pytest.fixture
    def redeliver_s(self) -> float:
        """Long, so that nothing comes again to a machine that is held up; brief where that is the point."""
        return 60.0

    async def test_facts_arrive_whole_and_in_order(self, events: Events) -> None:
        facts = [fact("shop.sold", f'{{"n":{number},"what":"茶"}}') for number in range(100)]
        async with events.subscribe(["shop.sold"], group="g") as deliveries:
            await events.publish(facts[:30])
            await events.publish(facts[30:])
            assert await take(deliveries, 100) == facts

    async def test_every_group_hears_every_fact_of_its_topics(self, events: Events) -> None:
        sold, closed = fact("shop.sold"), fact("shop.closed")
        async with (
            events.subscribe(["shop.sold"], group="a") as a,
            events.subscribe(["shop.sold", "shop.closed"], group="b") as b,
        ):
            await events.publish([sold, fact("shop.other"), closed])
            assert await take(a, 1) == [sold]
            assert sorted(fact.id for fact in await take(b, 2)) == sorted([sold.id, closed.id])

    async def test_members_of_a_group_share_the_work(self, events: Events) -> None:
        facts = [fact("shop.sold") for _ in range(20)]
        async with (
            events.subscribe(["shop.sold"], group="g") as first,
            events.subscribe(["shop.sold"], group="g") as second,
        ):
            await events.publish(facts)
            taken: list[Fact] = []

            async def work(deliveries: AsyncIterator[Delivery]) -> None:
                async for delivery in deliveries:
                    taken.append(delivery.fact)
                    await delivery.ack()

            workers = [asyncio.create_task(work(deliveries)) for deliveries in (first, second)]
            await eventually(lambda: len(taken) >= len(facts))
            for worker in workers:
                worker.cancel()
            async with asyncio.timeout(DEADLINE_S):
                await asyncio.gather(*workers, return_exceptions=True)
        assert sorted(fact.id for fact in taken) == sorted(fact.id for fact in facts)

    async def test_a_new_group_hears_nothing_of_the_past(self, events: Events) -> None:
        async with events.subscribe(["shop.sold"], group="a"):
            await events.publish([fact("shop.sold")])
        new = fact("shop.sold")
        async with events.subscribe(["shop.sold"], group="b") as deliveries:
            await events.publish([new])
            assert await take(deliveries, 1) == [new]

    @briefly
    async def test_what_is_not_acknowledged_comes_again(self, events: Events) -> None:
        one = fact("shop.sold")
        async with events.subscribe(["shop.sold"], group="g") as deliveries:
            await events.publish([one])
            assert await take(deliveries, 1, ack=False) == [one]
            assert await take(deliveries, 1) == [one]

    @briefly
    async def test_what_a_member_leaves_goes_to_another(self, events: Events) -> None:
        facts = [fact("shop.sold") for _ in range(3)]
        async with events.subscribe(["shop.sold"], group="g") as second:
            async with events.subscribe(["shop.sold"], group="g") as first:
                await events.publish(facts)
                held = await take(first, 1, ack=False)
            taken: set[str] = set()
            while len(taken) < len(facts):  # one may come again, if it was held up for longer than the brief time
                taken |= {fact.id for fact in await take(second, 1)}
        assert held[0].id in taken
        assert taken == {fact.id for fact in facts}

    async def test_what_is_acknowledged_does_not_come_again(self, events: Events) -> None:
        old, new = fact("shop.sold"), fact("shop.sold")
        async with events.subscribe(["shop.sold"], group="g") as deliveries:
            await events.publish([old])
            await take(deliveries, 1)
        async with events.subscribe(["shop.sold"], group="g") as deliveries:
            await events.publish([new])
            assert await take(deliveries, 1) == [new]

    async def test_a_group_keeps_its_place_while_nobody_listens(self, events: Events) -> None:
        async with events.subscribe(["shop.sold"], group="g"):
            pass
        missed = fact("shop.sold")
        await events.publish([missed])
        async with events.subscribe(["shop.sold"], group="g") as deliveries:
            assert await take(deliveries, 1) == [missed]

    async def test_publishing_to_nobody_is_no_error(self, events: Events) -> None:
        await events.publish([fact("shop.unheard")])
        await events.publish([])
