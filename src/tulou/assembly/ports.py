"""Open each port's adapter by the scheme of its URL, through the entry points `tulou.adapters.<port>`."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from importlib.metadata import entry_points
from typing import Any
from urllib.parse import urlsplit

from tulou.assembly.settings import PortSettings
from tulou.kernel.errors import InvalidError
from tulou.ports.blobs import Blobs
from tulou.ports.cache import Cache
from tulou.ports.database import Database
from tulou.ports.events import Events
from tulou.ports.secrets import Secrets

Open = Callable[[str], AbstractAsyncContextManager[Any]]

KINDS: dict[str, type[Any]] = {
    "database": Database,
    "blobs": Blobs,
    "cache": Cache,
    "events": Events,
    "secrets": Secrets,
}


def opener(port: str, url: str) -> Open:
    """Return what opens a URL; raise `InvalidError` for a scheme that no adapter has."""
    scheme = urlsplit(url).scheme
    known = {point.name: point for point in entry_points(group=f"tulou.adapters.{port}")}
    if scheme not in known:
        raise InvalidError(
            f"[ports] {port} = {url!r}: no adapter for {scheme!r}; there are {', '.join(sorted(known))}",
            param=f"ports.{port}",
        )
    return known[scheme].load()


async def open_ports(settings: PortSettings, directory: str, stack: AsyncExitStack) -> dict[type[Any], object]:
    """Open all ports that have adapters by URL; they are closed with `stack`."""
    opened: dict[type[Any], object] = {}
    for port, kind in KINDS.items():
        url = resolved(getattr(settings, port), directory)
        opened[kind] = await stack.enter_async_context(opener(port, url)(url))
    return opened


def resolved(url: str, directory: str) -> str:
    """Put the house's directory into a URL."""
    return url.replace("{directory}", directory)
