"""A source that is away holds up no other's news, but no house starts without having heard each."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import pytest

from tulou.contracts.governance.messages import PolicySet
from tulou.contracts.metering.messages import PriceList
from tulou.kernel.errors import UnavailableError
from tulou.services.routing.sources import SnapshotSources


@dataclass
class Everybody:
    """What each source says; any of them may be away."""

    away: str = ""
    said: dict[str, object] = field(
        default_factory=lambda: {
            "deployments": (),
            "replicas": (),
            "routes": (),
            "breaker_epoch": 0,
            "prices": PriceList(items=(), version=1),
            "policies": PolicySet(),
        }
    )

    def sources(self) -> SnapshotSources:
        return SnapshotSources({name: self._asked(name) for name in self.said})

    def _asked(self, name: str) -> Callable[[], Awaitable[object]]:
        async def ask() -> object:
            if name == self.away:
                raise UnavailableError(f"{name} is away")
            return self.said[name]

        return ask


@pytest.mark.parametrize("name", Everybody().said)
async def test_before_each_source_was_heard_once_nothing_is_known(name: str) -> None:
    asked = Everybody(away=name).sources()
    assert await asked.ask(asked.names) == {name}
    assert asked.known is None


async def test_a_source_that_is_away_is_taken_at_its_last_word_and_the_others_at_their_newest() -> None:
    everybody = Everybody()
    asked = everybody.sources()
    assert await asked.ask(asked.names) == set()

    everybody.away = "breaker_epoch"
    everybody.said |= {"breaker_epoch": 7, "prices": PriceList(items=(), version=2)}

    assert await asked.ask(asked.names) == {"breaker_epoch"}
    assert asked.known is not None
    assert asked.known.breaker_epoch == 0
    assert asked.known.prices.version == 2


async def test_only_those_are_asked_that_have_news() -> None:
    everybody = Everybody()
    asked = everybody.sources()
    await asked.ask(asked.names)
    everybody.said |= {"breaker_epoch": 7, "prices": PriceList(items=(), version=2)}

    await asked.ask({"breaker_epoch"})

    assert asked.known is not None
    assert (asked.known.breaker_epoch, asked.known.prices.version) == (7, 1)
