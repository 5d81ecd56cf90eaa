"""Does what a house needs elsewhere answer? One harmless question for each port, over its own adapter."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import literal, select

from tulou.assembly.ports import opener
from tulou.kernel.errors import TulouError
from tulou.ports.database import Database

WITHIN_S = 5.0
HERE = frozenset({"sqlite", "file", "memory", "env", "control"})
"""Schemes of what lies on this machine or in this process."""
NOTHING = "doctor"
"""A key under which there is nothing."""


async def _read(database: Database) -> None:
    async with database.reading() as tx:
        await tx.rows(select(literal(1)))


ASK: Mapping[str, tuple[str, Callable[[Any], Awaitable[object]]]] = {
    "database": ("database", _read),
    "blobs": ("blobs", lambda blobs: blobs.find(NOTHING)),
    "cache": ("cache", lambda cache: cache.get(NOTHING)),
    "events": ("cache", lambda cache: cache.get(NOTHING)),
    "allowances": ("cache", lambda cache: cache.get(NOTHING)),
    "master_key": ("master_key", lambda key: key.wrap(bytes(32))),
}
"""By port: over which adapter to ask, and what. A bus and a store of limits have no question that changes nothing."""


def elsewhere(port: str, url: str) -> bool:
    """Say whether a port leads to another machine or process."""
    return port in ASK and urlsplit(url).scheme not in HERE


async def why_not(port: str, url: str) -> str:
    """Return why what is behind a port cannot be used; empty if it answers."""
    adapter, ask = ASK[port]
    try:
        async with asyncio.timeout(WITHIN_S), opener(adapter, url)(url) as opened:
            await ask(opened)
    except TulouError as error:
        return str(error)
    except TimeoutError:
        parts = urlsplit(url)
        return f"{parts.scheme}://{parts.hostname} did not answer within {WITHIN_S:g} s; can this machine reach it?"
    return ""
