"""What is sealed in a database follows the master key, page by page, while others write."""

from collections.abc import AsyncGenerator

import pytest
from sqlalchemy import Column, MetaData, String, Table, Text, insert, select, update
from sqlalchemy.schema import CreateTable

from tulou.chassis import rewrapping
from tulou.chassis.rewrapping import Rewrapping
from tulou.chassis.vault import Vault, key_of
from tulou.ports.database import Database
from tulou.testing.house import open_house
from tulou.testing.keys import master_key

THINGS = Table(
    "some_things",
    MetaData(),
    Column("tenant", String(64), primary_key=True),
    Column("name", String(64), primary_key=True),
    Column("sealed", Text),
)


@pytest.fixture
async def database() -> AsyncGenerator[Database]:
    async with open_house() as house:
        async with house.database.transaction() as tx:
            await tx.execute(CreateTable(THINGS))
        yield house.database


async def kept(database: Database) -> dict[tuple[str, str], str]:
    async with database.reading() as tx:
        return {(row["tenant"], row["name"]): row["sealed"] for row in await tx.rows(select(THINGS))}


async def test_everything_is_wrapped_anew_and_still_opens(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rewrapping, "PAGE", 3)
    master = master_key()
    vault = Vault(master)
    async with database.transaction() as tx:
        for number in range(10):
            sealed = await vault.seal(b"%d" % number, bound_to=str(number))
            row = {"tenant": f"t{number % 2}", "name": str(number), "sealed": sealed}
            await tx.execute(insert(THINGS).values(**row))
        await tx.execute(insert(THINGS).values(tenant="t0", name="empty", sealed=""))
        await tx.execute(insert(THINGS).values(tenant="t0", name="none", sealed=None))
    newest = await master.rotate()
    looked = await Rewrapping(database, vault).run([THINGS.c.sealed], only_look=True)
    assert (looked.seen, looked.changed, looked.keys) == (10, 0, {"memory-1": 10})
    done = await Rewrapping(database, vault).run([THINGS.c.sealed])
    assert (done.seen, done.changed, done.keys) == (10, 10, {newest: 10})
    for (_, name), sealed in (await kept(database)).items():
        if sealed:
            assert key_of(sealed) == newest
            assert await vault.open(sealed, bound_to=name) == name.encode()
    again = await Rewrapping(database, vault).run([THINGS.c.sealed])
    assert (again.seen, again.changed) == (10, 0)


async def test_what_somebody_changes_meanwhile_is_left_as_they_made_it(database: Database) -> None:
    master = master_key()

    class Busy(Vault):
        async def rewrap(self, sealed: str) -> str:
            async with database.transaction() as tx:
                await tx.execute(update(THINGS).values(sealed=await self.seal(b"newer", bound_to="a")))
            return await super().rewrap(sealed)

    vault = Busy(master)
    async with database.transaction() as tx:
        await tx.execute(insert(THINGS).values(tenant="t", name="a", sealed=await vault.seal(b"old", bound_to="a")))
    await master.rotate()
    assert (await Rewrapping(database, vault).run([THINGS.c.sealed])).changed == 0
    (sealed,) = (await kept(database)).values()
    assert await vault.open(sealed, bound_to="a") == b"newer"


async def test_a_master_key_that_is_lost_is_named_with_why(database: Database) -> None:
    vault = Vault(master_key())
    async with database.transaction() as tx:
        sealed = await vault.seal(b"secret", bound_to="1")
        await tx.execute(insert(THINGS).values(tenant="t", name="1", sealed=sealed))
        elsewhere = sealed.replace(key_of(sealed), "gone-7")
        await tx.execute(insert(THINGS).values(tenant="t", name="2", sealed=elsewhere))

    looked = await Rewrapping(database, vault).run([THINGS.c.sealed], only_look=True)

    assert looked.keys == {key_of(sealed): 1, "gone-7": 1}
    assert list(looked.lost) == ["gone-7"]
    assert looked.lost["gone-7"]
