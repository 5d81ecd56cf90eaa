"""Open each port's adapter by the scheme of its URL, through the entry points `tulou.adapters.<port>`."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from importlib.metadata import entry_points
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit

from tulou.kernel.addresses import without_userinfo
from tulou.kernel.egress import Egress
from tulou.kernel.errors import InvalidError

Open = Callable[[str], AbstractAsyncContextManager[Any]]

PORTS = ("database", "blobs", "cache", "events", "secrets", "master_key")


def opener(port: str, url: str) -> Open:
    """Return what opens a URL; raise `InvalidError` for a scheme that no adapter has."""
    scheme = urlsplit(url).scheme
    known = {point.name: point for point in entry_points(group=f"tulou.adapters.{port}")}
    if scheme not in known:
        shown, there = without_userinfo(url), ", ".join(sorted(known))
        raise InvalidError(
            f"[ports] {port} = {shown!r}: no adapter for {scheme!r}; there are {there}",
            param=f"ports.{port}",
        )
    return known[scheme].load()


def proxied(url: str, egress: Egress) -> str:
    """Put the proxy into the URL of an adapter that asks by HTTP, unless it has one already."""
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query, keep_blank_values=True))
    if parts.scheme == "s3":
        host = urlsplit(query["endpoint"]).hostname if "endpoint" in query else f"{parts.hostname}.s3.amazonaws.com"
    else:
        host = parts.hostname if parts.scheme in {"http", "https"} else None
    proxy = egress.proxy_for(host) if host and "proxy" not in query else ""
    if not proxy:
        return url
    excluded = f"&no_proxy={quote(' '.join(egress.no_proxy))}" if parts.scheme == "s3" and egress.no_proxy else ""
    return f"{url}{'&' if parts.query else '?'}proxy={quote(proxy, safe='')}{excluded}"


def resolved(url: str, directory: str) -> str:
    """Put the house's directory into a URL, where some of its characters would mean something else."""
    return url.replace("{directory}", quote(directory))
