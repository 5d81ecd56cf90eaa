"""The testing kit itself: it must fail when it should."""

import pytest
from sqlalchemy import Column, Integer, MetaData, String, Table

from tulou.adapters.memory.events import MemoryEvents
from tulou.chassis.outbox.tables import METADATA
from tulou.kernel.clock import SystemClock
from tulou.ports.cache import Cache
from tulou.ports.database import Database
from tulou.testing.eventually import eventually
from tulou.testing.house import open_house
from tulou.testing.tables import differences


async def test_the_tables_of_the_outbox_are_those_that_its_migrations_make() -> None:
    async with open_house() as house:
        assert await differences(house.database, METADATA) == []


async def test_differences_are_named() -> None:
    declared = MetaData()
    Table("outbox_relays", declared, Column("name", Integer, primary_key=True), Column("colour", String(8)))
    async with open_house() as house:
        assert await differences(house.database, declared) == [
            "outbox_relays.colour: missing",
            "outbox_relays.holder: not declared",
            "outbox_relays.name: declared ('INTEGER', False, True), is ('VARCHAR(16)', False, True)",
            "outbox_relays.until: not declared",
        ]


async def test_a_house_provides_its_ports() -> None:
    async with open_house() as house:
        provided = house.provided({str: "more"})
        assert provided[Database] is house.database
        assert provided[Cache] is house.cache
        assert provided[str] == "more"


async def test_what_never_becomes_true_says_what_it_was() -> None:
    with pytest.raises(AssertionError, match="last: 0"):
        await eventually(lambda: 0, within=0.05)

    def fails() -> bool:
        assert MemoryEvents(clock=SystemClock()) is None, "still wrong"
        return True

    with pytest.raises(AssertionError, match="still wrong"):
        await eventually(fails, within=0.05)
