"""The supervisor lets all processes go, and learns when the last has left."""

import asyncio
import subprocess
import sys

from tulou.assembly.lifeline import Lifeline, on_release

WAITS_FOR_THE_END = "import os, sys; os.read(int(sys.argv[1]), 1)"
STAYS = "import sys; sys.stdin.read()"


async def test_a_process_leaves_when_it_is_let_go_and_the_supervisor_knows() -> None:
    lifeline = Lifeline()
    fd = lifeline.inherited
    child = subprocess.Popen([sys.executable, "-c", WAITS_FOR_THE_END, str(fd)], pass_fds=[fd])

    assert await lifeline.release(within_s=20)
    assert await asyncio.to_thread(child.wait, 20) == 0


async def test_a_process_that_stays_is_noticed() -> None:
    lifeline = Lifeline()
    fd = lifeline.inherited
    child = subprocess.Popen([sys.executable, "-c", STAYS], pass_fds=[fd], stdin=subprocess.PIPE)

    assert not await lifeline.release(within_s=0.2)

    child.communicate(timeout=20)


async def test_a_process_without_a_lifeline_is_never_asked_to_leave() -> None:
    asked: list[bool] = []

    on_release(None, lambda: asked.append(True))
    await asyncio.sleep(0)

    assert asked == []
