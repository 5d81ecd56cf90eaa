"""A process that beats, and then does as it is told: it is the program of tests."""

import asyncio
import os
import signal
import sys
import threading
from pathlib import Path

from tulou.assembly.environment import surroundings
from tulou.assembly.heartbeat import beating


def spins() -> None:
    while True:
        pass


def deadlocks() -> None:
    lock = threading.Lock()
    lock.acquire()
    lock.acquire()


def stops() -> None:
    os.kill(os.getpid(), signal.SIGSTOP)


async def main(what: str) -> None:
    async with beating(surroundings()):
        if what == "once":
            await asyncio.sleep(0)
            return
        if what != "serves":
            await asyncio.sleep(0)  # for the first beat
            {"spins": spins, "deadlocks": deadlocks, "stops": stops}[what]()
        await asyncio.Event().wait()


if sys.argv[1] == "refuses":
    sys.stderr.write("tulou: [house] port = 'x': Expected `int`\n")
    sys.exit(2)
if sys.argv[1] == "fails":
    sys.stderr.write("Traceback\nModuleNotFoundError: No module named 'asyncpg'\n")
    sys.exit(1)
if sys.argv[1] == "once":
    served = Path(sys.argv[2]) / "served"
    if served.exists():
        sys.exit(1)
    served.touch()
asyncio.run(main(sys.argv[1]))
