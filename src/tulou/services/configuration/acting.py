"""Act as the house itself: what is composed is the whole of it, whoever asks."""

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import replace

from tulou.kernel.context import CONTEXT, NOBODY
from tulou.kernel.errors import ForbiddenError

HOUSE = "house"
"""The author of what nobody in particular changed."""


@contextmanager
def as_house() -> Generator[None]:
    """Be nobody, whom every service takes for the house, for as long as the block runs."""
    token = CONTEXT.set(replace(NOBODY, request_id=CONTEXT.get().request_id))
    try:
        yield
    finally:
        CONTEXT.reset(token)


def check_house() -> str:
    """Return who asks; raise `ForbiddenError` unless they may act over the whole house."""
    caller = CONTEXT.get()
    if caller.principal and not caller.house:
        raise ForbiddenError("the document is the whole house's; a role that reaches over it, as operator, may see it")
    return caller.principal or HOUSE
