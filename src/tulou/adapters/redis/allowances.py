"""Allowances on Redis, for gateways on several hosts: one script a message, by the server's clock alone."""

from collections.abc import AsyncGenerator, Iterable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from importlib.resources import files
from typing import TYPE_CHECKING

import msgspec

from tulou.adapters.redis.connection import connect, refusals
from tulou.contracts.limits.messages import Ask, LeaseShares, Limit, Share, Shares
from tulou.kernel.errors import ConflictError
from tulou.kernel.message import message
from tulou.ports.allowances import Level
from tulou.rules.limits.soundness import sound, with_faults
from tulou.rules.limits.terms import terms_of

if TYPE_CHECKING:
    from redis.asyncio import Redis

LEASE_S = 10.0
SKEW_S = 2.0
ACTIVE_S = 15.0
KEEP_S = 3600
LINGER_S = 60.0
"""How much longer than it says anything an account is kept."""
SUBJECTS_CAP = 10_000
TOGETHER = 500
"""Accounts looked at in one script: while it runs, the server does nothing else."""
LIMITS_TOGETHER = 200
"""Limits whose subjects are asked for in one round trip, and scripts that are run in one."""
ACCOUNTS_TOGETHER = 5000
"""Accounts told of in one round trip."""

Look = tuple[Limit, Sequence[str]]
"""Some subjects of a limit."""


@message
class _Terms:
    kind: str
    capacity: int
    period: str
    period_s: float
    hard: bool
    unit: str


@message
class _Asked:
    limit: str
    subject: str
    want: int
    lease: str
    used: int
    keep: int
    need: int
    least: int
    over: int
    terms: _Terms


@message
class _Told:
    gateway: str
    told: str
    asks: tuple[_Asked, ...]
    lease_s: float
    skew_s: float
    active_s: float = ACTIVE_S
    keep_s: int = KEEP_S
    linger_s: float = LINGER_S


class RedisAllowances:
    """The allowances port; its keys lie under `<prefix>:limits:`. What is lost with the server is lost here too."""

    def __init__(
        self, client: "Redis", *, prefix: str, url: str, lease_s: float = LEASE_S, skew_s: float = SKEW_S
    ) -> None:
        self._client = client
        self._prefix = f"{prefix}:limits:"
        self._url = url
        self._lease_s = lease_s
        self._skew_s = skew_s
        self._lease = client.register_script(_script("lease"))
        self._levels = client.register_script(_script("levels"))

    async def lease(self, request: LeaseShares, limits: Mapping[str, Limit]) -> Shares:
        """Run the script; limits that the caller does not know are unknown."""
        counted, faults = sound(request)
        return with_faults(request, await self._run(counted, limits), faults)

    async def _run(self, request: LeaseShares, limits: Mapping[str, Limit]) -> Shares:
        asks = [ask for ask in request.asks if ask.limit in limits]
        told = _Told(
            gateway=request.gateway,
            told=request.told,
            asks=tuple(_asked(ask, limits[ask.limit]) for ask in asks),
            lease_s=self._lease_s,
            skew_s=self._skew_s,
        )
        keys = [f"{self._prefix}gateway:{request.gateway}", f"{self._prefix}gateways"]
        for ask in asks:
            keys += [self._account(ask.limit, ask.subject), self._subjects(ask.limit)]
        with refusals(self._url):
            reply = _text(await self._lease(keys=keys, args=[msgspec.json.encode(told)]))
        if reply == "stale":
            raise ConflictError(f"gateway {request.gateway} has told something after {request.told} already")
        return _shares(request, reply)

    async def levels(self, limits: Sequence[Limit]) -> Sequence[Level]:
        """Look at every account that these limits have."""
        found: list[Level] = []
        for start in range(0, len(limits), LIMITS_TOGETHER):
            some = limits[start : start + LIMITS_TOGETHER]
            subjects = await self._subjects_of([limit.name for limit in some])
            for looks in _trips(zip(some, subjects, strict=True)):
                found += await self._look(looks)
        return found

    async def forget(self, limit: str) -> None:
        """Delete the accounts of a limit."""
        with refusals(self._url):
            (subjects,) = await self._subjects_of([limit])
            await self._client.delete(self._subjects(limit), *(self._account(limit, one) for one in subjects))

    async def close(self) -> None:
        """Close the pool."""
        await self._client.aclose(close_connection_pool=True)

    async def _subjects_of(self, limits: Sequence[str]) -> list[list[str]]:
        async with self._client.pipeline(transaction=False) as trip:
            for limit in limits:
                trip.smembers(self._subjects(limit))
            with refusals(self._url):
                found: list[set[str | bytes]] = await trip.execute()
        return [sorted(map(_text, members))[:SUBJECTS_CAP] for members in found]

    async def _look(self, looks: Sequence[Look]) -> list[Level]:
        async with self._client.pipeline(transaction=False) as trip:
            for limit, subjects in looks:
                keys = [self._subjects(limit.name), *(self._account(limit.name, subject) for subject in subjects)]
                terms, skew_s = msgspec.json.encode(_terms(limit)), repr(self._skew_s).encode()
                await self._levels(keys=keys, args=[terms, skew_s, *(one.encode() for one in subjects)], client=trip)
            with refusals(self._url):
                found: list[list[str | bytes]] = await trip.execute()
        return [
            _level(limit.name, _text(line)) for (limit, _), lines in zip(looks, found, strict=True) for line in lines
        ]

    def _account(self, limit: str, subject: str) -> str:
        return f"{self._prefix}account:{limit}:{subject}"

    def _subjects(self, limit: str) -> str:
        return f"{self._prefix}subjects:{limit}"


def _trips(limits: Iterable[Look]) -> Iterator[Sequence[Look]]:
    """Yield what to look at in one round trip each."""
    trip: list[Look] = []
    for limit, subjects in limits:
        for start in range(0, len(subjects), TOGETHER):
            trip.append((limit, subjects[start : start + TOGETHER]))
            if len(trip) == LIMITS_TOGETHER or sum(len(some) for _, some in trip) >= ACCOUNTS_TOGETHER:
                yield trip
                trip = []
    if trip:
        yield trip


def _script(name: str) -> str:
    scripts = files(__package__ or "") / "scripts"
    return "\n".join((scripts / f"{part}.lua").read_text("utf-8") for part in ("account", name))


def _asked(ask: Ask, limit: Limit) -> _Asked:
    numbers = {name: getattr(ask, name) for name in ("want", "used", "keep", "need", "least", "over")}
    return _Asked(limit=ask.limit, subject=ask.subject, lease=ask.lease, terms=_terms(limit), **numbers)


def _terms(limit: Limit) -> _Terms:
    terms = terms_of(limit)
    return _Terms(
        kind=terms.kind,
        capacity=terms.capacity,
        period=terms.period,
        period_s=terms.period_s,
        hard=terms.hard,
        unit=f"{limit.measure}/{limit.period}",
    )


def _shares(request: LeaseShares, reply: str) -> Shares:
    head, *lines = reply.split("\n")
    at, gateways = head.split()
    told = {(limit, subject): figures for limit, subject, *figures in (line.split() for line in lines)}
    items = tuple(
        _share(request.told, ask, figures)
        if (figures := told.get((ask.limit, ask.subject))) is not None
        else _unknown(ask, float(at))
        for ask in request.asks
    )
    return Shares(items=items, at=float(at), gateways=int(gateways))


def _share(told: str, ask: Ask, figures: Sequence[str]) -> Share:
    granted, until, left, resets_at, retry_after_s = figures
    return Share(
        limit=ask.limit,
        subject=ask.subject,
        lease=told if int(granted) else "",
        granted=int(granted),
        until=float(until),
        left=int(left),
        resets_at=float(resets_at),
        retry_after_s=float(retry_after_s),
    )


def _unknown(ask: Ask, at: float) -> Share:
    return Share(
        limit=ask.limit, subject=ask.subject, lease="", granted=0, until=at, left=0, resets_at=at, unknown=True
    )


def _level(limit: str, line: str) -> Level:
    used, held, resets_at, subject = line.split(" ", 3)
    return Level(limit=limit, subject=subject, used=int(used), held=int(held), resets_at=float(resets_at))


def _text(value: str | bytes) -> str:
    return value.decode() if isinstance(value, bytes) else value


@asynccontextmanager
async def open_redis_allowances(url: str) -> AsyncGenerator[RedisAllowances]:
    """Open `redis://HOST`; a server that is down is noticed by the first call, not here."""
    client, prefix = connect(url)
    allowances = RedisAllowances(client, prefix=prefix, url=url)
    try:
        yield allowances
    finally:
        await allowances.close()
