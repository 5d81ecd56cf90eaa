"""Where secrets come from: named, never stored beside what they protect."""

import re
from typing import Protocol

from tulou.kernel.errors import InvalidError

NAME = re.compile(r"(?!\.)[A-Za-z0-9._-]{1,200}")


def check_name(name: str) -> str:
    """Return the name of a secret; raise `InvalidError` if it is none. It does not begin with a dot."""
    if not NAME.fullmatch(name):
        raise InvalidError(f"{name[:100]!r} is not the name of a secret: letters, digits, `.`, `_` and `-`")
    return name


class Secrets(Protocol):
    """Named secret bytes; a name is letters, digits, `.`, `_` and `-`."""

    async def find(self, name: str) -> bytes | None:
        """Return a secret, or None where there is none."""
        ...

    async def put(self, name: str, value: bytes) -> None:
        """Keep a secret so that only this house can read it; replace what was there."""
        ...

    async def create(self, name: str, value: bytes) -> bytes:
        """Keep a secret unless the name is taken; return what is kept now. Atomic over processes."""
        ...
