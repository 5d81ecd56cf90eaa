"""The thread between the supervisor and all processes of its house, in both directions.

It is a socket pair. The supervisor keeps one end; every other process, workers too, inherits a copy of the other. When
the supervisor lets go, or dies, all of them read the end of the line and leave. When the last of them has left, the
supervisor reads the end of the line in turn, and knows that nothing of the house is left running.
"""

import asyncio
import socket
from collections.abc import Callable


class Lifeline:
    """The supervisor's end."""

    def __init__(self) -> None:
        self._ours, self._theirs = socket.socketpair()
        self._ours.settimeout(0)
        self._theirs.set_inheritable(True)

    @property
    def inherited(self) -> int:
        """The file descriptor to hand down."""
        return self._theirs.fileno()

    async def release(self, *, within_s: float) -> bool:
        """Let everyone go; return whether the last of them left in time."""
        self._theirs.close()
        self._ours.shutdown(socket.SHUT_WR)
        try:
            async with asyncio.timeout(within_s):
                return await asyncio.get_running_loop().sock_recv(self._ours, 1) == b""
        except (TimeoutError, ConnectionResetError):
            return False
        finally:
            self._ours.close()


def on_release(fd: int | None, leave: Callable[[], None]) -> None:
    """Call `leave` once the supervisor has let go; a process without a lifeline is never asked to leave."""
    if fd is None:
        return
    loop = asyncio.get_running_loop()

    def released() -> None:
        loop.remove_reader(fd)
        leave()

    loop.add_reader(fd, released)
