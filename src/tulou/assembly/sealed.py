"""All that is sealed in this house, brought to the newest master key, whether the house is up or not."""

from contextlib import AsyncExitStack

from tulou.assembly.catalogue import CATALOGUE
from tulou.assembly.environment import ProcessEnvironment
from tulou.assembly.ports import opener
from tulou.chassis.rewrapping import Rewrapped, Rewrapping
from tulou.chassis.vault import Vault
from tulou.ports.database import Database
from tulou.ports.master_key import MasterKey

SEALED = tuple(part for part in CATALOGUE.values() if part.sealed)


async def rewrap(around: ProcessEnvironment, *, rotate: bool = False, only_look: bool = False) -> Rewrapped:
    """Do it in a house that is down: its database and its master key are opened for that."""
    async with AsyncExitStack() as stack:
        opened = {
            port: await stack.enter_async_context(opener(port, url)(url))
            for port in ("database", "master_key")
            for url in [around.url_of(port)]
        }
        database: Database = opened["database"]
        await database.migrate([part.migrations for part in SEALED])
        return await wrapped_anew(database, opened["master_key"], rotate=rotate, only_look=only_look)


async def wrapped_anew(
    database: Database, master: MasterKey, *, rotate: bool = False, only_look: bool = False
) -> Rewrapped:
    """Make a new master key if asked, then wrap every data key with the newest one; or only count what needs which."""
    if rotate:
        await master.rotate()
    columns = [column for part in SEALED for column in part.sealed]
    return await Rewrapping(database, Vault(master)).run(columns, only_look=only_look)
