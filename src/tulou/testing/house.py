"""A small house for tests: real SQLite in a temporary file, everything else in memory, a clock that is moved by hand.

```python
async with open_house("tulou.services.registry.migrations", clock=clock) as house:
    service = RegistryService(Store(house.database, house.outbox), clock=house.clock)
    async with house.relaying():            # facts reach house.events from here on
        ...
    async with component.build(house.provided({RegistrySettings: RegistrySettings()})) as service: ...
```
"""

import asyncio
import os
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from prometheus_client import CollectorRegistry

from tulou.adapters.memory.cache import MemoryCache
from tulou.adapters.memory.events import MemoryEvents
from tulou.adapters.sql.sqlite import open_sqlite
from tulou.chassis.house import House
from tulou.chassis.outbox import MIGRATIONS, Outbox
from tulou.chassis.provided import Provided
from tulou.chassis.vault import Vault
from tulou.kernel.clock import Clock
from tulou.ports.blobs import Blobs
from tulou.ports.cache import Cache
from tulou.ports.database import Database
from tulou.ports.events import Events
from tulou.ports.secrets import Secrets
from tulou.ports.token_endpoint import TokenEndpoint
from tulou.testing.clock import ManualClock
from tulou.testing.memory.blobs import MemoryBlobs
from tulou.testing.memory.master_key import MemoryMasterKey
from tulou.testing.memory.secrets import MemorySecrets
from tulou.testing.tokens import NoTokens

MEMORY = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # noqa: S108 - nobody else's names are in it
"""Tests crash processes, never the machine: what is in memory is as good as on disk, and much faster."""

_tables: dict[tuple[str, ...], bytes] = {}
"""Databases with their tables made, by migrations packages: to make them anew for each test costs most of its time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SmallHouse:
    """Every port with an adapter that needs no server."""

    directory: Path
    database: Database
    clock: ManualClock
    outbox: Outbox
    blobs: Blobs = field(default_factory=MemoryBlobs)
    cache: Cache
    events: Events
    secrets: Secrets = field(default_factory=MemorySecrets)
    vault: Vault = field(default_factory=lambda: Vault(MemoryMasterKey()))

    def provided(self, more: Mapping[type[Any], object] | None = None) -> Provided:
        """Return what a component is built from; `more` are contracts, settings and whatever else it needs."""
        return Provided(self.things() | dict(more or {}))

    def things(self) -> dict[type[Any], object]:
        """Return every port, and what services may know of the house."""
        return {
            Database: self.database,
            Blobs: self.blobs,
            Cache: self.cache,
            Events: self.events,
            Secrets: self.secrets,
            Vault: self.vault,
            Clock: self.clock,
            Outbox: self.outbox,
            TokenEndpoint: NoTokens(),
            House: self.house(),
            CollectorRegistry: CollectorRegistry(),
        }

    def house(self) -> House:
        """Return the house as services see it."""
        return House(name="test", directory=self.directory, control_url="", token="house-token", blobs="memory://")  # noqa: S106 - a test's

    @asynccontextmanager
    async def relaying(self) -> AsyncGenerator[None]:
        """Publish committed facts as long as the block runs."""
        relay = asyncio.create_task(self.outbox.relay(self.events))
        try:
            yield
        finally:
            relay.cancel()
            await asyncio.gather(relay, return_exceptions=True)


@asynccontextmanager
async def open_house(*migrations: str, clock: ManualClock | None = None) -> AsyncGenerator[SmallHouse]:
    """Open a house with the outbox and the tables of these migrations packages."""
    moved = clock or ManualClock()
    with TemporaryDirectory(prefix="tulou-test-", dir=MEMORY) as folder:
        directory = Path(folder)
        file = directory / "tulou.db"
        if migrations not in _tables:
            async with open_sqlite(f"sqlite:///{file}") as database:
                await database.migrate([MIGRATIONS, *migrations])
            _tables[migrations] = file.read_bytes()
        file.write_bytes(_tables[migrations])
        async with open_sqlite(f"sqlite:///{file}") as database:
            yield SmallHouse(
                directory=directory,
                database=database,
                clock=moved,
                outbox=Outbox(database, clock=moved),
                cache=MemoryCache(clock=moved),
                events=MemoryEvents(clock=moved),
            )
