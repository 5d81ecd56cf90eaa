"""What a request line says of its target, and what a socket says of its ends."""

from typing import cast

import httptools

SCHEMES = (b"", b"http", b"https")


def split_target(url: bytes, method: bytes = b"GET") -> tuple[bytes, bytes]:
    """Return path and query of a request's target; raise `HttpParserInvalidURLError` for one that is none.

    `*` is a target of OPTIONS alone, and a whole URL names no user (RFC 9112, section 3.2; RFC 9110, section 4.2.4).
    """
    if url.startswith(b"/") and b"?" not in url and b"#" not in url:
        return url, b""
    parsed = httptools.parse_url(url)
    odd = parsed.userinfo or (parsed.schema or b"").lower() not in SCHEMES
    if odd or (url == b"*" and method != b"OPTIONS"):
        raise httptools.HttpParserInvalidURLError(f"{url!r} is no target of a request")
    return parsed.path, parsed.query or b""


def address_of_socket(name: object) -> tuple[str, int] | None:
    """Return host and port; a Unix socket has none."""
    if not isinstance(name, tuple):
        return None
    host, port, *_ = cast("tuple[str, int]", name)
    return host, port
