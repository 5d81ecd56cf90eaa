"""A thread that has a loop answer again and again, and notes for how long it did not."""

import asyncio
import json
import sys
import threading
import time
from collections.abc import Coroutine, Iterator
from pathlib import Path
from types import FrameType
from typing import Any, TypeVar

import uvloop

T = TypeVar("T")

EVERY_S = 0.01
"""How long after one answer the loop is asked for the next."""
LOOK_S = 0.004
"""How often it is looked at what a loop does that does not answer."""
LONG_MS = 3.0
"""What took less is not noted."""
DEEP = 6
"""So many of the innermost of our own functions are named."""


class Watch(threading.Thread):
    """Asks the loop of the thread that made it."""

    def __init__(self, loop: asyncio.AbstractEventLoop, file: Path) -> None:
        super().__init__(name="watch", daemon=True)
        self._loop = loop
        self._file = file.open("a", buffering=1)
        self._thread = threading.get_ident()
        self._schedule = Path(f"/proc/self/task/{threading.get_native_id()}/schedstat")
        self._own = Path("/proc/thread-self/schedstat")
        self._answered = threading.Event()
        self._at = time.perf_counter()
        self._computed = 0.0

    def run(self) -> None:
        """Watch until the loop is closed."""
        due = time.perf_counter() + EVERY_S
        computed, waited = 0.0, _waited(self._schedule)
        while not self._loop.is_closed():
            asleep = _waited(self._own)
            time.sleep(max(0.0, due - time.perf_counter()))
            due += (_waited(self._own) - asleep) / 1000  # it was late itself, which is not the loop's doing
            self._answered.clear()
            try:
                self._loop.call_soon_threadsafe(self._answer)
            except RuntimeError:  # closed meanwhile
                return
            at: list[str] = []
            while not self._answered.wait(LOOK_S):
                at.append(" < ".join(self._doing()))
            late = 1000 * (self._at - due)
            before = computed, waited
            computed, waited = self._computed, _waited(self._schedule)
            if late > LONG_MS:
                self._note(late, min(late, computed - before[0]), min(late, waited - before[1]), at)
            due = time.perf_counter() + EVERY_S

    def _answer(self) -> None:
        """Note when the loop came to it, and for how many milliseconds its thread has computed until then."""
        self._at, self._computed = time.perf_counter(), 1000 * time.thread_time()
        self._answered.set()

    def _note(self, late: float, computed: float, waited: float, at: list[str]) -> None:
        line = {"at": time.time(), "late": round(late, 2), "computed": round(computed, 2), "waited": round(waited, 2)}
        self._file.write(json.dumps(line | {"doing": at}) + "\n")

    def _doing(self) -> Iterator[str]:
        # Nothing holds on to all frames: this one would be among them, and keep what the loop worked on.
        frame: FrameType | None = _frames().get(self._thread)
        named = 0
        while frame is not None and named < DEEP:
            code = frame.f_code
            if "tulou" in code.co_filename:
                yield f"{code.co_filename.rpartition('tulou/')[2]}:{frame.f_lineno} {code.co_name}"
                named += 1
            frame = frame.f_back


def _frames() -> dict[int, FrameType]:
    return sys._current_frames()  # pyright: ignore[reportPrivateUsage] # there is no other way


def _waited(schedule: Path) -> float:
    """Return the milliseconds for which a thread has waited for a processor."""
    return int(schedule.read_text().split()[1]) / 1e6


def install(folder: str, name: str) -> None:
    """Have what is run by `uvloop.run` from now on be watched."""
    plain: Any = uvloop.run
    Path(folder).mkdir(parents=True, exist_ok=True)

    def run(main: Coroutine[Any, Any, T], **how: Any) -> T:
        async def watched() -> T:
            Watch(asyncio.get_running_loop(), Path(folder) / f"{name}.jsonl").start()
            return await main

        return plain(watched(), **how)

    uvloop.run = run
