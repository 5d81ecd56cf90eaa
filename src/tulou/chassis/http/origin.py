"""Where an upstream is: scheme, host and port, with the path that its URL ends in."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from tulou.kernel.errors import InvalidError

_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Origin:
    """One place to connect to."""

    scheme: str
    host: str
    port: int

    @property
    def tls(self) -> bool:
        """Whether connections are encrypted."""
        return self.scheme == "https"

    @property
    def authority(self) -> bytes:
        """What the `host` header says."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return (host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}").encode("ascii")


def split_url(url: str) -> tuple[Origin, str]:
    """Return the origin of a URL and its path without a slash at the end; raise `InvalidError` for no HTTP URL."""
    parts = urlsplit(url)
    try:
        port = parts.port or _PORTS[parts.scheme]
    except (KeyError, ValueError) as error:
        raise InvalidError(f"{url!r} is no http:// or https:// URL") from error
    if not parts.hostname:
        raise InvalidError(f"{url!r} names no host")
    return Origin(parts.scheme, parts.hostname, port), parts.path.rstrip("/")
