"""Who holds the connections of a server: an address until a key says whose they are, then that owner."""

from collections.abc import Sequence
from ipaddress import IPv6Address, ip_address, ip_network

from tulou.http.server.guard import GuardLimits
from tulou.kernel.errors import LimitedError
from tulou.kernel.shares import FairShares

NETWORK_BITS = 64
"""Of an IPv6 address: what one client has all the rest of."""


class Holders:
    """Counts connections; raises `LimitedError` for one more than an address or an owner may hold.

    Addresses in `trusted` are proxies: who is behind them only a head says, and so only an owner has a share there.
    """

    def __init__(self, limits: GuardLimits) -> None:
        part = limits.share
        self._addresses = FairShares(limits.connections, refusal=_refused, part=part)
        self._owners = FairShares(limits.connections, refusal=_refused, part=part)
        self._trusted = [ip_network(text) for text in limits.trusted]

    def arrive(self, host: str) -> str:
        """Count a connection; return what it is counted for."""
        holder = self._holder(host)
        if holder:
            self._addresses.take(holder)
        return holder

    def own(self, before: str, owner: str) -> None:
        """Count a connection for this owner, no more for the one before."""
        self._owners.take(owner)
        if before:
            self._owners.give(before)

    def leave(self, holder: str, owner: str) -> None:
        """Count a connection no more."""
        if holder:
            self._addresses.give(holder)
        if owner:
            self._owners.give(owner)

    def _holder(self, host: str) -> str:
        try:
            address = ip_address(host)
        except ValueError:
            return ""  # a Unix socket's
        if isinstance(address, IPv6Address):
            mapped = address.ipv4_mapped
            if mapped is None:
                address = ip_network((int(address), NETWORK_BITS), strict=False).network_address
            else:
                address = mapped
        if any(address.version == network.version and address in network for network in self._trusted):
            return ""
        return str(address)


def _refused(why: str) -> LimitedError:
    return LimitedError(f"too many connections are open ({why}); close some, or try again in a moment")


def heaviest(unread: Sequence[tuple[str, int]], cap: int) -> list[int]:
    """Return which of these holders' buffers must go so that the rest is within the cap, given their bytes.

    Of the holder that has most, the largest goes first.
    """
    total = sum(size for _, size in unread)
    sums: dict[str, int] = {}
    for holder, size in unread:
        sums[holder] = sums.get(holder, 0) + size
    gone: list[int] = []
    left = sorted(range(len(unread)), key=lambda place: unread[place][1])
    while total > cap and left:
        most = max(sums, key=lambda holder: sums[holder])
        place = next(place for place in reversed(left) if unread[place][0] == most)
        left.remove(place)
        gone.append(place)
        sums[most] -= unread[place][1]
        total -= unread[place][1]
    return gone
