"""Opens the ledger of one process."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import structlog

from tulou.chassis.house import House
from tulou.contracts.metering.api import Metering
from tulou.kernel.context import as_house
from tulou.kernel.errors import TulouError
from tulou.services.gateway.ledger.counters import LedgerCounters
from tulou.services.gateway.ledger.settings import LedgerSettings
from tulou.services.gateway.ledger.shipper import Shipper
from tulou.services.gateway.ledger.writer import LedgerWriter

log: structlog.typing.FilteringBoundLogger = structlog.get_logger(__name__)

FOLDER = "ledger"
LAST_S = 2.0
"""How long the end of a process waits for metering; what is not shipped then, a neighbour or the next start ships."""

SHIPPED = "the ledger is shipped"


@asynccontextmanager
async def open_ledger(
    house: House, metering: Metering, *, counters: LedgerCounters, settings: LedgerSettings
) -> AsyncGenerator[LedgerWriter]:
    """Write and ship as long as the block runs; what it leaves behind is on disk."""
    folder = house.directory / FOLDER
    writer = LedgerWriter(folder, process=house.process, counters=counters, settings=settings)
    shipper = Shipper(folder, metering, writer, gateway=house.process, counters=counters, settings=settings)
    async with asyncio.TaskGroup() as group:
        with as_house(SHIPPED):
            tasks = [group.create_task(work) for work in (writer.sync_forever(), shipper.run())]
        try:
            yield writer
        finally:
            for task in tasks:
                task.cancel()
    await asyncio.to_thread(writer.close)
    try:
        with as_house(SHIPPED):
            async with asyncio.timeout(LAST_S):
                await shipper.ship()
    except (TulouError, TimeoutError, OSError) as error:
        log.info("ledger_left_on_disk", error=str(error) or type(error).__name__)
