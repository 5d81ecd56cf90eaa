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
TURNS = 4


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
    """Kill when it is time to; whose turn it is and who is not back yet from the last one is passed over."""
    killed, turn, began = 0, 0, time.monotonic()
    while killed < size.kills:
        wait_until(began + (killed + 0.5) * size.every_s)
        killed += _kill(victims(house)[turn % TURNS])
        turn += 1
    return killed


def _kill(victim: Callable[[], psutil.Process]) -> bool:
    with suppress(StopIteration, IndexError, psutil.Error):
        victim().kill()
        return True
    return False


def wait_until(moment: float) -> None:
    """Wait for a moment of the monotonic clock; at least for as long as makes a look cheap."""
    time.sleep(max(LOOK_S, moment - time.monotonic()))
