"""File descriptors: how many this process may open, and how many connections of clients that makes."""

import resource

MOST = 65_536
"""More than any setting of ours needs; some limits are a billion."""

FILES = 64
"""For files, logs, databases and the loop itself."""


def raise_descriptors() -> int:
    """Raise the soft limit of this process to the hard one, at most to `MOST`; return what it is then."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST if hard == resource.RLIM_INFINITY else min(hard, MOST)
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return descriptors()
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    return wanted


def descriptors() -> int:
    """Return how many files and connections this process may have open."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return MOST if soft == resource.RLIM_INFINITY else soft


def connections_within(limit: int, wanted: int) -> int:
    """Return how many connections clients may have, so that a third of the descriptors is left to go on with them."""
    return max(1, min(wanted, limit - min(FILES, limit // 4) - limit // 3))
