"""A gateway that does nothing but write: `python -m tests.integration.ledger.writer DIRECTORY PROCESS URL PER_SECOND`.

It says of each entry, once `write` has said yes, which it was: only that counts.
"""

import asyncio
import os
import sys
import time
from pathlib import Path

from prometheus_client import CollectorRegistry

from tests.integration.ledger.entries import SETTINGS, TOKEN, entry_of
from tulou.chassis.clients import client_of
from tulou.chassis.house import House
from tulou.chassis.transports import HttpTransport
from tulou.contracts.metering.api import Metering
from tulou.kernel.context import as_house
from tulou.services.gateway.ledger import LedgerCounters, encode, open_ledger
from tulou.testing.http import http_client

BURST = 20


async def write_entries(directory: Path, process: str, url: str, per_second: float) -> None:
    """Write entries until killed, or until standard input is closed; note each that was taken."""
    life = f"{process}-{time.time_ns()}"
    house = House(name="drill", directory=directory, control_url=url, token=TOKEN, blobs="", process=process)
    words = os.open(directory / f"{life}.said", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    ended = asyncio.create_task(asyncio.to_thread(sys.stdin.buffer.read))
    async with http_client() as http:
        metering = client_of(Metering, HttpTransport(url, http, token=TOKEN))
        counters = LedgerCounters(CollectorRegistry())
        async with open_ledger(house, metering, counters=counters, settings=SETTINGS) as ledger:
            number = 0
            while not ended.done():
                for _ in range(BURST):
                    number += 1
                    entry_id = f"{life}-{number}"
                    if ledger.write(encode(entry_of(entry_id, process, number))):
                        os.write(words, f"{entry_id}\n".encode())
                await asyncio.sleep(BURST / per_second)


if __name__ == "__main__":
    with as_house("a test"):
        asyncio.run(write_entries(Path(sys.argv[1]), sys.argv[2], sys.argv[3], float(sys.argv[4])))
