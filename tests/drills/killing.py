"""Kills processes of a house in turn, while clients ask."""

import asyncio
import time
from collections.abc import Callable, Sequence
from contextlib import suppress

import psutil

from tests.drills.asking import Asking, Heard
from tests.drills.field import OWN
from tests.drills.size import Size
from tests.system.house import House

LOOK_S = 0.05


def victims(house: House) -> Sequence[Callable[[], psutil.Process]]:
    """Return what is killed in turn: each gateway, control, the replica of our own engine."""
    return (
        lambda: house.gateways()[0],
        house.control,
        lambda: house.gateways()[1],
        lambda: house.worker(house.replicas(OWN)[0]["id"]),
    )


async def killed_under_load(house: House, key: str, size: Size, heard: Heard) -> int:
    """Ask, and kill one process after the other until enough were killed; return how many."""
    host, port = house.url.removeprefix("http://").split(":")
    asking = Asking((host, int(port)), key, heard)
    running = asyncio.create_task(asking.run(size.requests, size.kills * size.every_s))
    killed = await asyncio.to_thread(_kill_in_turn, house, size)
    await running
    return killed


def _kill_in_turn(house: House, size: Size) -> int:
    """Kill when it is time to, or as soon as the victim of the last round is back."""
    killed, began, order = 0, time.monotonic(), victims(house)
    while killed < size.kills:
        wait_until(began + (killed + 0.5) * size.every_s)
        with suppress(StopIteration, IndexError, psutil.Error):
            order[killed % len(order)]().kill()
            killed += 1
    return killed


def wait_until(moment: float) -> None:
    """Wait for a moment of the monotonic clock; at least for as long as makes a look cheap."""
    time.sleep(max(LOOK_S, moment - time.monotonic()))
