import asyncio

import pytest

from tulou.services.gateway.refusals import OverloadedError, TenantShareError
from tulou.services.gateway.turnstile import Turnstile


def turnstile(**changes: float) -> Turnstile:
    caps: dict[str, float] = {"in_flight": 1, "queue": 4, "queue_s": 5, "bodies_bytes": 100, "tenant_share": 0.5}
    return Turnstile(**(caps | changes))  # pyright: ignore[reportArgumentType] - a test's shorthand


def waiting(made: Turnstile, tenant: str, *, batch: bool = False) -> asyncio.Task[None]:
    return asyncio.create_task(made.wait(tenant, batch=batch))


async def turns(*tasks: asyncio.Task[None]) -> list[bool]:
    """Let the loop turn; return which of these have entered."""
    for _ in range(3):
        await asyncio.sleep(0)
    return [task.done() and not task.cancelled() and task.exception() is None for task in tasks]


async def test_a_place_is_handed_to_the_next_in_line() -> None:
    made = turnstile(queue=2)
    assert made.try_enter("red")
    assert not made.try_enter("blue")
    first, second = waiting(made, "blue"), waiting(made, "green")
    await turns()
    with pytest.raises(OverloadedError, match="2 wait"):
        await made.wait("yellow")
    made.leave("red")
    assert await turns(first, second) == [True, False]
    second.cancel()
    await asyncio.gather(second, return_exceptions=True)
    assert (made.inside, made.queued) == (1, 0)


async def test_a_place_given_to_one_who_left_is_not_lost() -> None:
    made = turnstile()
    assert made.try_enter("red")
    left = waiting(made, "red")
    await turns()
    made.leave("red")
    left.cancel()
    await asyncio.gather(left, return_exceptions=True)
    assert made.inside == 0
    assert made.try_enter("red")


async def test_batches_have_their_turn_after_all_others() -> None:
    made = turnstile()
    assert made.try_enter("red")
    batch = waiting(made, "red", batch=True)
    await turns()
    person = waiting(made, "red")
    await turns()
    made.leave("red")
    assert await turns(person, batch) == [True, False]
    made.leave("red")
    assert await turns(batch) == [True]
    assert (made.inside, made.queued) == (1, 0)


async def test_one_tenant_has_half_of_the_places_and_another_enters_past_those_that_wait() -> None:
    made = turnstile(in_flight=4)
    assert [made.try_enter("red") for _ in range(3)] == [True, True, False]
    red = waiting(made, "red")
    assert await turns(red) == [False]
    assert [made.try_enter("blue") for _ in range(3)] == [True, True, False]
    blue = waiting(made, "blue")
    assert await turns(blue) == [False]
    made.leave("blue")
    assert await turns(red, blue) == [False, True]
    made.leave("red")
    assert await turns(red) == [True]
    for tenant in ("red", "red", "blue", "blue"):
        made.leave(tenant)
    assert (made.inside, made.queued) == (0, 0)


async def test_tenants_that_wait_enter_by_turns() -> None:
    made = turnstile(in_flight=2, queue=100)
    assert made.try_enter("green")
    assert made.try_enter("yellow")
    red = [waiting(made, "red") for _ in range(3)]
    await turns()
    blue = [waiting(made, "blue") for _ in range(3)]
    await turns()
    made.leave("green")
    made.leave("yellow")
    assert await turns(*red, *blue) == [True, False, False, True, False, False]
    made.leave("blue")
    assert await turns(*red, *blue) == [True, False, False, True, True, False]  # red has its place
    made.leave("red")
    assert await turns(*red, *blue) == [True, True, False, True, True, False]
    for task in (*red, *blue):
        task.cancel()
    await asyncio.gather(*red, *blue, return_exceptions=True)


async def test_one_tenant_has_half_of_the_queue() -> None:
    made = turnstile(queue=4)
    assert made.try_enter("red")
    tasks = [waiting(made, "red"), waiting(made, "red", batch=True)]
    await turns()
    with pytest.raises(TenantShareError, match="2 wait") as caught:
        await made.wait("red")
    assert (caught.value.status, caught.value.retry_after_s) == (429, 1.0)
    blue = waiting(made, "blue")
    made.leave("red")
    await turns()
    assert made.inside == 1
    for task in (*tasks, blue):
        task.cancel()
    await asyncio.gather(*tasks, blue, return_exceptions=True)


async def test_who_waits_too_long_is_told_behind_whom() -> None:
    made = turnstile(in_flight=2, queue_s=0.01)
    assert made.try_enter("red")
    with pytest.raises(TenantShareError, match="this tenant's other requests"):
        await made.wait("red")
    assert made.try_enter("blue")
    with pytest.raises(OverloadedError, match="waited"):
        await made.wait("green")
    assert made.queued == 0


def test_one_tenant_has_half_of_the_memory_for_bodies() -> None:
    made = turnstile()
    made.carry(50, "red")
    with pytest.raises(OverloadedError, match="this tenant holds 50 of the 50"):
        made.carry(1, "red")
    made.carry(50, "blue")
    with pytest.raises(OverloadedError, match="all 100 are taken"):
        made.carry(1, "green")
    made.drop(50, "red")
    made.carry(50, "green")
    assert made.bytes == 100


def test_another_part_can_be_set() -> None:
    made = turnstile(in_flight=4, tenant_share=1.0)
    assert [made.try_enter("red") for _ in range(5)] == [True, True, True, True, False]
