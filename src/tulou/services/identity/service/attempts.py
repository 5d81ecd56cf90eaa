"""How often somebody may try: a few times at once, then ever more seldom, counted over all processes."""

import hashlib
from ipaddress import IPv6Address, ip_address

import msgspec

from tulou.chassis.refusals import AddressLimitedError
from tulou.kernel.clock import Clock
from tulou.kernel.errors import LimitedError
from tulou.ports.cache import Cache
from tulou.services.identity.settings import IdentitySettings

KNOWN_S = 30 * 86_400.0
"""How long it is remembered from where somebody has signed in."""
OF_ADDRESS = "address:"


class AttemptLimiter:
    """Counts tries before they are looked at, so that many at once are no way around it.

    Beyond the free ones, one try is let through, then none until a pause is over that doubles each time. Tries from
    where an account's owner has signed in are counted apart, so that who guesses elsewhere does not keep them out.
    Where the cache is away nobody signs in: `UnavailableError` passes through.
    """

    def __init__(self, cache: Cache, *, clock: Clock, settings: IdentitySettings) -> None:
        self._cache = cache
        self._clock = clock
        self._settings = settings

    async def count(self, *, account: str, address: str) -> None:
        """Count a try; raise `LimitedError` where account or address has to wait."""
        subjects = [(await self._door(account, address), self._settings.guesses_account)]
        if address:
            subjects.append((f"{OF_ADDRESS}{_network(address)}", self._settings.guesses_address))
        for subject, _ in subjects:
            await self._check(subject)
        for subject, free in subjects:
            await self._count(subject, free)

    async def forgive(self, *, account: str, address: str = "") -> None:
        """Forget the tries of an account whose owner has proved themselves, and know their address from now on."""
        door = await self._door(account, address)
        for key in (_key("tries", door), _key("pause", door)):
            await self._cache.delete(key)
        if address:
            await self._cache.put(_key("known", _known_door(account, address)), b"1", ttl_s=KNOWN_S)

    async def take_back(self, *, account: str) -> None:
        """Take back one try of an account, since it was a good one, and forget no other."""
        await self._cache.add(_key("tries", f"account:{account}"), -1, ttl_s=self._settings.guess_memory_s)

    async def credit(self, *, address: str) -> None:
        """Take back one try of an address, since it was a good one: many people may share it."""
        if address:
            key = _key("tries", f"{OF_ADDRESS}{_network(address)}")
            await self._cache.add(key, -1, ttl_s=self._settings.guess_memory_s)

    async def _door(self, account: str, address: str) -> str:
        """Return what tries of an account count under: one for the world, and one for each place of its owner's."""
        known = _known_door(account, address)
        return known if address and await self._cache.get(_key("known", known)) else f"account:{account}"

    async def _check(self, subject: str) -> None:
        found = await self._cache.get(_key("pause", subject))
        until = msgspec.json.decode(found, type=float) if found else 0.0
        if until > self._clock.now():
            raise _too_often(subject, until - self._clock.now())

    async def _count(self, subject: str, free: int) -> None:
        tries = await self._cache.add(_key("tries", subject), 1, ttl_s=self._settings.guess_memory_s)
        if tries <= free:
            return
        pause = min(self._settings.guess_wait_s * 2.0 ** min(tries - free - 1, 60), self._settings.guess_wait_most_s)
        until = msgspec.json.encode(self._clock.now() + pause)
        if not await self._cache.put_if_absent(_key("pause", subject), until, ttl_s=pause):
            raise _too_often(subject, pause)  # another try of the same moment was let through


def _known_door(account: str, address: str) -> str:
    return f"account:{account} at {_network(address)}"


def _network(address: str) -> str:
    """Return what one attacker has for sure: an IPv4 address, or a /64 of IPv6, of which everybody has a whole one."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    return str(int(parsed) >> 64) if isinstance(parsed, IPv6Address) and not parsed.ipv4_mapped else str(parsed)


def _key(kind: str, subject: str) -> str:
    """Return a key of bounded length that tells nobody who is meant."""
    return f"identity:{kind}:{hashlib.sha256(subject.encode('utf-8', 'surrogatepass')).hexdigest()}"


def _too_often(subject: str, pause_s: float) -> LimitedError:
    seconds = max(1, round(pause_s))
    kind = AddressLimitedError if subject.startswith(OF_ADDRESS) else LimitedError
    return kind(f"too many tries to sign in; wait {seconds} s, then try once more", retry_after_s=float(seconds))
