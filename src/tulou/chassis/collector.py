"""Python's collector of reference cycles, in a process whose requests make none."""

import gc
from collections.abc import Generator
from contextlib import contextmanager

YOUNG, MIDDLE, OLD = 2_000, 20, 20
"""How many objects more, and how many collections of the younger ones, before a generation is looked through.

Not more of them: what failed may hold on to the body of a request until then.
"""


def calm_collector() -> None:
    """Look seldom, and never again at what is there now: it took a gateway a twentieth of its time.

    All but cycles is freed at once in any case; those come from errors and connections that end, and may wait.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, MIDDLE, OLD)


@contextmanager
def undisturbed() -> Generator[None]:
    """Make very many objects that stay, none of which the collector looks at, now or later.

    To look through a million takes it half a second, in which nothing else runs.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
