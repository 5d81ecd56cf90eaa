"""Adopt and bury processes of the house whose parent has died, so that none of them stays behind as a zombie.

Workers outlive a control process that is killed. The kernel then gives them to the nearest ancestor that asked for
orphans (Linux: `PR_SET_CHILD_SUBREAPER`), else to process 1, which in a container is often the supervisor anyway.
"""

import asyncio
import ctypes
import os
import sys
from collections.abc import Callable, Collection

PR_SET_CHILD_SUBREAPER = 36  # linux/prctl.h
LOOK_EVERY_S = 1.0


def adopt_orphans() -> None:
    """Ask the kernel to hand us our descendants' orphans; where it cannot, process 1 has them."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


async def bury_orphans(ours: Callable[[], Collection[int | None]]) -> None:
    """Take the exit codes of adopted processes until cancelled; those of `ours` are waited for elsewhere."""
    while True:
        await asyncio.sleep(LOOK_EVERY_S)
        _bury(ours())


def _bury(ours: Collection[int | None]) -> None:
    """Look at who has ended without taking it, since taking the exit code of a child of ours would lose it."""
    try:
        while ended := os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT):
            if ended.si_pid in ours:
                return
            os.waitpid(ended.si_pid, 0)
    except ChildProcessError:
        return
