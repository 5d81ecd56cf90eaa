"""Proxies in front of the gate: what those that the settings name say of whom they pass on is believed."""

from collections.abc import Iterable, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from starlette.types import ASGIApp, Receive, Scope, Send

from tulou.kernel.errors import InvalidError

SCHEMES = frozenset({"http", "https"})

Address = IPv4Address | IPv6Address


class Proxies:
    """Around the gate: puts into a request's scope who its client is, and how it came, seen from before the proxies.

    The last address in `x-forwarded-for` that is none of theirs is the client's: what stands before it anybody may have
    written. Raise `InvalidError` for what is no address and no network.
    """

    def __init__(self, gate: ASGIApp, known: Sequence[str]) -> None:
        self._gate = gate
        try:
            self._known = [ip_network(text) for text in known]
        except ValueError as error:
            raise InvalidError(f"[gateway] proxies: {error}; name addresses or networks", param="proxies") from error

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        await self._gate(self._seen(scope) if scope["type"] == "http" else scope, receive, send)

    def _seen(self, scope: Scope) -> Scope:
        peer = _address(scope["client"][0]) if scope.get("client") else None
        if peer is None or not _among(self._known, peer):
            return scope
        said = [_address(text) for text in _said(scope, b"x-forwarded-for")]
        foreign = (address for address in reversed(said) if address is None or not _among(self._known, address))
        client = next(foreign, None) or peer
        scheme = next(reversed(_said(scope, b"x-forwarded-proto")), "")
        return {**scope, "client": (str(client), 0), "scheme": scheme if scheme in SCHEMES else scope["scheme"]}


def _said(scope: Scope, name: bytes) -> list[str]:
    values = b",".join(value for found, value in scope["headers"] if found == name).decode("latin-1").split(",")
    return [value.strip() for value in values if value.strip()]


def _address(text: str) -> Address | None:
    try:
        address = ip_address(text)
    except ValueError:
        return None
    return (address.ipv4_mapped or address) if isinstance(address, IPv6Address) else address


def _among(networks: Iterable[IPv4Network | IPv6Network], address: Address) -> bool:
    return any(address.version == network.version and address in network for network in networks)
