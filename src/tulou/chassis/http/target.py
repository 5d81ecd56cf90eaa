"""What a request line says of its target, and what a socket says of its ends."""

from typing import cast

import httptools


def split_target(url: bytes) -> tuple[bytes, bytes]:
    """Return path and query of a request's target; raise `HttpParserInvalidURLError` for one that is none."""
    if url.startswith(b"/") and b"?" not in url and b"#" not in url:
        return url, b""
    parsed = httptools.parse_url(url)
    return parsed.path, parsed.query or b""


def address_of_socket(name: object) -> tuple[str, int] | None:
    """Return host and port; a Unix socket has none."""
    if not isinstance(name, tuple):
        return None
    host, port, *_ = cast("tuple[str, int]", name)
    return host, port
