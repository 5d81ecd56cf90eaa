"""The chronicle becomes what identity and the others say, whatever of it is told and whatever is not."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import pytest

from tulou.contracts.governance.messages import PolicySet
from tulou.contracts.identity.messages import GrantList, KeyGrant, ListGrants
from tulou.contracts.limits.messages import Limit, LimitPage, ReadLimits
from tulou.contracts.metering.messages import PriceList
from tulou.kernel.errors import UnavailableError
from tulou.services.routing.composer import Composer
from tulou.services.routing.history import SnapshotHistory
from tulou.services.routing.refresh import Scope
from tulou.services.routing.sources import SnapshotSources
from tulou.testing.clock import ManualClock

SAID: dict[str, object] = {
    "deployments": (),
    "replicas": (),
    "routes": (),
    "breaker_epoch": 0,
    "prices": PriceList(items=(), version=0),
    "policies": PolicySet(),
}


def key(number: int, tenant: str = "default") -> KeyGrant:
    return KeyGrant(
        key=f"key_{number:04}",
        digest=f"{number:064x}",
        tenant=tenant,
        principal="ana",
        scopes=("inference",),
        models=("*",),
        expires_at=None,
    )


def limit(number: int, amount: float = 1) -> Limit:
    return Limit(name=f"limit-{number:04}", scope="key", measure="requests", amount=amount, period="minute")


@dataclass
class Keys:
    """As much of identity as a composer asks for."""

    held: dict[str, KeyGrant] = field(default_factory=dict[str, KeyGrant])
    away: bool = False
    asked: list[ListGrants] = field(default_factory=list[ListGrants])

    def put(self, *keys: KeyGrant) -> None:
        self.held |= {each.key: each for each in keys}

    async def grants(self, request: ListGrants) -> GrantList:
        self.asked.append(request)
        if self.away:
            raise UnavailableError("identity is away")
        found = [
            each
            for name, each in sorted(self.held.items())
            if name > request.after
            and request.tenant in ("", each.tenant)
            and (not request.keys or name in request.keys)
        ][: request.limit]
        return GrantList(items=tuple(found), next=found[-1].key if len(found) == request.limit else None)


@dataclass
class Book:
    """As much of limits as a composer asks for."""

    held: dict[str, Limit] = field(default_factory=dict[str, Limit])
    asked: list[ReadLimits] = field(default_factory=list[ReadLimits])

    def put(self, *limits: Limit) -> None:
        self.held |= {each.name: each for each in limits}

    async def read(self, request: ReadLimits) -> LimitPage:
        self.asked.append(request)
        if request.names:
            return LimitPage(items=tuple(self.held[name] for name in request.names if name in self.held))
        found = [each for name, each in sorted(self.held.items()) if name > request.after][: request.limit]
        return LimitPage(items=tuple(found), next=found[-1].name if len(found) == request.limit else None)


@dataclass
class Yard:
    """A composer and what it asks."""

    keys: Keys = field(default_factory=Keys)
    limits: Book = field(default_factory=Book)
    said: dict[str, object] = field(default_factory=lambda: dict(SAID))

    def __post_init__(self) -> None:
        self.chronicle = SnapshotHistory(house="h", most=100)
        asking = {name: self._asked(name) for name in self.said}
        self.composer = Composer(
            SnapshotSources(asking),
            self.keys,  # pyright: ignore[reportArgumentType] - as much of identity as is asked
            self.limits,  # pyright: ignore[reportArgumentType] - as much of limits as is asked
            self.chronicle,
            clock=ManualClock(),
        )

    def _asked(self, name: str):  # noqa: ANN202 - a function for each
        async def ask() -> object:
            return self.said[name]

        return ask

    async def settle(self) -> int:
        """Do every errand; return how many steps it took."""
        steps = 0
        while not self.composer.idle:
            await self.composer.step()
            steps += 1
        return steps

    @property
    def known(self) -> Sequence[str]:
        return sorted(grant.key for grant in self.chronicle.grants.ring)


@pytest.fixture
def yard() -> Yard:
    return Yard()


async def test_nothing_is_complete_before_the_last_page_of_keys(yard: Yard) -> None:
    yard.keys.put(*(key(number) for number in range(1500)))
    await yard.composer.step()
    assert not yard.composer.complete
    await yard.composer.step()
    assert yard.composer.complete
    assert len(yard.known) == 1500


async def test_a_key_that_was_named_is_looked_at_before_a_sweep_goes_on(yard: Yard) -> None:
    yard.keys.put(*(key(number) for number in range(2500)))
    await yard.settle()
    yard.composer.keys.errands.sweep(Scope("default"))
    await yard.composer.step()

    del yard.keys.held["key_0000"]
    yard.composer.keys.errands.ask_for(["key_0000"])
    await yard.composer.step()

    assert "key_0000" not in yard.known
    assert not yard.composer.idle


async def test_only_what_is_named_is_asked(yard: Yard) -> None:
    yard.keys.put(key(1), key(2))
    await yard.settle()
    yard.keys.asked.clear()

    yard.composer.keys.errands.ask_for(["key_0001"])
    await yard.settle()

    assert [request.keys for request in yard.keys.asked] == [("key_0001",)]


async def test_a_key_that_ended_unheard_is_found_missing_in_the_next_round(yard: Yard) -> None:
    yard.keys.put(*(key(number) for number in range(2500)))
    await yard.settle()
    del yard.keys.held["key_0007"]
    yard.keys.put(replace(key(8), blocked="unpaid"))

    while "key_0007" in yard.known:
        yard.composer.refresh()
        await yard.settle()

    assert len(yard.known) == 2499
    assert [grant.key for grant in yard.chronicle.grants.ring if grant.blocked] == ["key_0008"]


async def test_whoever_looks_again_finds_what_nobody_told(yard: Yard) -> None:
    yard.keys.put(*(key(number) for number in range(2500)))
    await yard.settle()
    del yard.keys.held["key_0000"]
    yard.keys.put(key(3000))
    yard.said["breaker_epoch"] = 7

    yard.composer.look_again()
    await yard.settle()

    assert set(yard.known) == set(yard.keys.held)
    assert yard.chronicle.snapshot().breaker_epoch == 7


async def test_a_key_that_is_made_while_a_round_is_under_way_does_not_end_with_it(yard: Yard) -> None:
    yard.keys.put(*(key(number) for number in range(10, 2500)))
    await yard.settle()
    yard.composer.refresh()
    await yard.composer.step()
    yard.keys.put(key(1))
    yard.composer.keys.errands.ask_for(["key_0001"])
    for _ in range(4):
        yard.composer.refresh()
        await yard.settle()
    assert "key_0001" in yard.known


async def test_the_keys_of_a_tenant_are_looked_at_and_no_others(yard: Yard) -> None:
    yard.keys.put(key(1, "north"), key(2, "south"))
    await yard.settle()
    yard.keys.put(replace(key(1, "north"), blocked="unpaid"), replace(key(2, "south"), blocked="unheard"))

    yard.composer.keys.errands.sweep(Scope("north"))
    await yard.settle()

    assert {grant.key: grant.blocked for grant in yard.chronicle.grants.ring} == {"key_0001": "unpaid", "key_0002": ""}


async def test_while_identity_is_away_what_others_say_is_heard_and_no_errand_is_forgotten(yard: Yard) -> None:
    yard.keys.put(key(1))
    await yard.settle()
    yard.keys.away = True
    yard.keys.held.clear()
    yard.said["breaker_epoch"] = 7
    yard.composer.keys.errands.ask_for(["key_0001"])
    yard.composer.parts.add("breaker_epoch")

    assert not await yard.composer.step()
    assert yard.chronicle.snapshot().breaker_epoch == 7
    assert yard.known == ["key_0001"]

    yard.keys.away = False
    await yard.settle()
    assert yard.known == []


async def test_a_limit_that_was_named_is_asked_for_by_name_and_no_other(yard: Yard) -> None:
    yard.limits.put(*(limit(number) for number in range(2500)))
    await yard.settle()
    assert len(yard.chronicle.limits.ring) == 2500
    yard.limits.asked.clear()
    yard.limits.put(limit(7, amount=5))
    del yard.limits.held["limit-0008"]

    yard.composer.limits.errands.ask_for(["limit-0007", "limit-0008"])
    await yard.settle()

    assert [request.names for request in yard.limits.asked] == [("limit-0007", "limit-0008")]
    assert yard.chronicle.limits.ring.find("limit-0007") == limit(7, amount=5)
    assert yard.chronicle.limits.ring.find("limit-0008") is None


async def test_a_limit_that_ended_unheard_is_found_missing_in_the_next_round(yard: Yard) -> None:
    yard.limits.put(*(limit(number) for number in range(1500)))
    await yard.settle()
    del yard.limits.held["limit-0003"]

    while yard.chronicle.limits.ring.find("limit-0003") is not None:
        yard.composer.refresh()
        await yard.settle()

    assert len(yard.chronicle.limits.ring) == 1499


async def test_nothing_is_complete_before_the_last_page_of_limits(yard: Yard) -> None:
    yard.limits.put(*(limit(number) for number in range(1500)))
    await yard.composer.step()
    assert not yard.composer.complete
    await yard.composer.step()
    assert yard.composer.complete
