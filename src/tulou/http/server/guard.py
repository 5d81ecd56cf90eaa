"""What a public gate asks of its clients: to be in time, and to stay within bounds."""

from dataclasses import dataclass
from typing import Literal

Phase = Literal["idle", "head", "body", "answer"]
"""What a connection is waiting for: a request, the rest of its head, the rest of its body, or our answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GuardLimits:
    """Times in seconds; `head_bytes` caps request line and headers, `connections` what one process holds open.

    A request's head must be complete within `head_s`. Its body may come slower than at `rate` bytes a second for
    `body_s`, at any time and not on average; its answer may be read slower than that for `stall_s`. An idle connection
    is closed after `idle_s`. An application that neither reads nor writes for `handler_s` has its request ended, and a
    connection older than `connection_s` takes no further one.

    One client address, and one owner of connections, may hold the part `share` of them; addresses of proxies are
    `trusted` to be many clients. `unread_bytes` caps what all answers that clients do not read take together.
    """

    head_s: float = 10.0
    body_s: float = 20.0
    idle_s: float = 75.0
    stall_s: float = 60.0
    handler_s: float = 3600.0
    connection_s: float = 86_400.0
    rate: float = 4096.0
    head_bytes: int = 64 * 1024
    connections: int = 8192
    share: float = 1.0
    trusted: tuple[str, ...] = ()
    unread_bytes: int = 64 * 1024 * 1024
