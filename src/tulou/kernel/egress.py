"""The way out: through which HTTP proxy a host outside is asked, and which hosts are asked without it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from pathlib import Path
from urllib.parse import unquote, urlsplit

from tulou.kernel.addresses import http_address
from tulou.kernel.errors import InvalidError

REFERENCES = ("env://", "file://")


@dataclass(frozen=True, slots=True)
class Egress:
    """`proxy` is an address, a reference to one (`env://NAME`, `file://PATH`), or empty for none.

    `no_proxy` are names, each with all names below it, and networks as `10.0.0.0/8`. This machine is always direct.
    Raise `InvalidError` for what is neither.
    """

    proxy: str = ""
    no_proxy: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.proxy:
            _check(self.proxy)
        for entry in self.no_proxy:
            if not entry.strip(".") or "*" in entry or ("/" in entry and not _is_network(entry)):
                raise InvalidError(f"[house] no_proxy: {entry!r} is neither a name nor a network such as 10.0.0.0/8")

    def proxy_for(self, host: str) -> str:
        """Return the proxy through which a host is asked, empty for none."""
        return "" if self._is_direct(host.rstrip(".").lower()) else self.proxy

    def _is_direct(self, host: str) -> bool:
        try:
            address = ip_address(host)
        except ValueError:
            names = ("localhost", *(entry.strip(".").lower() for entry in self.no_proxy))
            return any(host == name or host.endswith(f".{name}") for name in names)
        address = getattr(address, "ipv4_mapped", None) or address
        networks = (ip_network(entry, strict=False) for entry in self.no_proxy if _is_network(entry))
        return address.is_loopback or address.is_unspecified or any(address in network for network in networks)


def address_of(proxy: str, environment: Mapping[str, str], read: Callable[[Path], str]) -> str:
    """Return where a proxy is, which may be named by a reference; raise `InvalidError`, which does not repeat it."""
    parts = urlsplit(proxy)
    try:
        match parts.scheme:
            case "env":
                address = environment[parts.netloc].strip()
            case "file":
                address = read(Path(unquote(parts.netloc + parts.path))).strip()
            case _:
                address = proxy
    except (KeyError, OSError) as error:
        raise InvalidError(f"[house] proxy is {proxy}, which is not there", param="house.proxy") from error
    return http_address(address, name="the proxy")


def _check(proxy: str) -> None:
    if proxy.startswith(REFERENCES):
        return
    if "@" in http_address(proxy, name="[house] proxy"):
        raise InvalidError(
            "[house] proxy holds a password; put the address into a variable or a file and write env://NAME or file://PATH",
            param="house.proxy",
        )


def _is_network(entry: str) -> bool:
    try:
        ip_network(entry, strict=False)
    except ValueError:
        return False
    return True
