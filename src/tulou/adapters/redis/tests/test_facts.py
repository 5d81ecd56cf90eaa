"""Who caused a fact, as entries of this version, of older and of newer ones say it."""

import msgspec
import pytest

from tulou.adapters.redis.facts import fact_in, written
from tulou.kernel.context import Actor, AnonymousActor, HouseActor, KeyActor
from tulou.ports.events import Fact

ENTRY: dict[str, object] = {"id": "fact_1", "topic": "shop.sold", "at": 1.0, "tenant": "north", "body": "{}"}
"""As a relay of the version before actors writes it."""


def read(entry: object) -> Fact | None:
    return fact_in({b"fact": msgspec.json.encode(entry)})


@pytest.mark.parametrize(
    "actor", [KeyActor(tenant="north", principal="ana"), HouseActor(reason="a test"), AnonymousActor(), None]
)
def test_a_fact_is_read_as_it_was_written(actor: Actor | None) -> None:
    fact = Fact(id="fact_1", topic="shop.sold", at=1.0, tenant="north", body='{"number":7}', actor=actor)
    assert fact_in({b"fact": written(fact)}) == fact


def test_a_fact_that_a_process_of_the_version_before_actors_relays_is_the_houses() -> None:
    fact = read(ENTRY)
    assert fact is not None
    assert fact.actor == HouseActor(reason="caused in a process of an older version")


@pytest.mark.parametrize("actor", [None, {}, "ana", {"type": "plugin", "name": "north"}, {"type": "key"}])
def test_a_fact_of_somebody_whom_this_version_cannot_read_is_nobodys_and_is_still_delivered(actor: object) -> None:
    fact = read(ENTRY | {"actor": actor})
    assert fact is not None
    assert (fact.id, fact.actor) == ("fact_1", None)


@pytest.mark.parametrize("entry", [b"", b"[]", b"{}", b"\xff", b"[" * 100_000])
def test_what_is_no_fact_is_none(entry: bytes) -> None:
    assert fact_in({b"fact": entry}) is None
    assert fact_in({}) is None
