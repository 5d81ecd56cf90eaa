"""Real processes write, ship and ingest, and are killed at any moment; afterwards the ledger is held to their word."""

import asyncio
import random
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from prometheus_client import CollectorRegistry
from sqlalchemy import text

from tests.integration.ledger.control import open_database, provided
from tests.integration.ledger.entries import SETTINGS, TOKEN, cost_of, said
from tulou.chassis.clients import client_of
from tulou.chassis.house import House
from tulou.chassis.transports import HttpTransport
from tulou.contracts.metering.api import Metering
from tulou.contracts.metering.messages import UsageQuery
from tulou.services.gateway.ledger import LedgerCounters, open_ledger
from tulou.services.metering.component import COMPONENT
from tulou.testing.eventually import eventually
from tulou.testing.http import http_client
from tulou.testing.servers.process import free_port

WRITERS = ("gateway-0", "gateway-1")
QUIET_S = 120.0


@dataclass
class Outcome:
    """What a drill did, and what is wrong: both empty lists must stay empty."""

    acknowledged: int = 0
    kills: Counter[str] = field(default_factory=Counter[str])
    missing: list[str] = field(default_factory=list[str])
    twice: list[str] = field(default_factory=list[str])
    unacknowledged: int = 0
    cost_of_entries: int = 0
    cost_expected: int = 0
    cost_of_days: int = 0
    cost_reported: int = 0
    took_s: float = 0.0

    @property
    def good(self) -> bool:
        """Say whether every entry counts once, and all sums are right."""
        costs = {self.cost_of_entries, self.cost_expected, self.cost_of_days, self.cost_reported}
        return not self.missing and not self.twice and len(costs) == 1


class Program:
    """One of the processes, started again whenever it is killed; `is_up` looks whether it has come to its work."""

    def __init__(self, name: str, module: str, *arguments: str, is_up: Callable[[], bool]) -> None:
        self.name = name
        self.is_up = is_up
        self._command = [sys.executable, "-m", f"tests.integration.ledger.{module}", *arguments]
        self._process = self._start()

    def kill(self) -> None:
        """End it as nothing else does, and start it again."""
        self._process.send_signal(signal.SIGKILL)
        self.end()
        self._process = self._start()

    def end(self) -> None:
        """Let it finish."""
        if self._process.stdin is not None:
            self._process.stdin.close()
        self._process.wait(60)

    def _start(self) -> subprocess.Popen[bytes]:
        nowhere = subprocess.DEVNULL
        return subprocess.Popen(self._command, stdin=subprocess.PIPE, stderr=nowhere, stdout=nowhere)


async def drill(directory: Path, database_url: str, *, entries: int, per_second: float, kill_every_s: float) -> Outcome:
    """Have entries written and processes killed until there are enough, then wait until all is shipped, and look."""
    began, outcome = time.monotonic(), Outcome()
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    control = Program("control", "control", database_url, str(port), is_up=lambda: _answers(port))
    writers = [
        Program("writer", "writer", str(directory), name, url, str(per_second), is_up=_grows(directory, name))
        for name in WRITERS
    ]
    try:
        while len(said(directory)) < entries:
            await _kill_one_of([control, control, *writers], kill_every_s, outcome)
        for writer in writers:
            await asyncio.to_thread(writer.end)
        await ship_the_rest(directory, url)
    finally:
        for program in (*writers, control):
            await asyncio.to_thread(program.end)
    await judge(outcome, database_url, said(directory))
    outcome.took_s = time.monotonic() - began
    return outcome


async def _kill_one_of(programs: Sequence[Program], every_s: float, outcome: Outcome) -> None:
    """Kill one at any moment of its work: a process that is killed before it has begun proves nothing."""
    victim = random.choice(programs)  # noqa: S311 - dice
    await eventually(lambda: asyncio.to_thread(victim.is_up))
    await asyncio.sleep(random.uniform(0, 2 * every_s))  # noqa: S311 - dice
    await asyncio.to_thread(victim.kill)
    outcome.kills[victim.name] += 1


async def ship_the_rest(directory: Path, url: str) -> None:
    """Do as the next gateway that starts does, until nothing is left."""
    house = House(name="drill", directory=directory, control_url=url, token=TOKEN, blobs="", process="last")
    async with http_client() as http:
        metering = client_of(Metering, HttpTransport(url, http, token=TOKEN))
        async with open_ledger(house, metering, counters=LedgerCounters(CollectorRegistry()), settings=SETTINGS):
            await eventually(lambda: asyncio.to_thread(_is_empty, directory), within=QUIET_S)


async def judge(outcome: Outcome, database_url: str, acknowledged: Sequence[str]) -> None:
    """Hold what is in the database against what was acknowledged."""
    async with open_database(database_url) as database, database.reading() as tx:
        rows = await tx.rows(text("SELECT id, cost FROM metering_entries"))
        days = await tx.rows(
            text("SELECT COALESCE(SUM(cost), 0) AS cost, COALESCE(SUM(requests), 0) AS n FROM metering_days")
        )
    there = Counter(row["id"] for row in rows)
    outcome.acknowledged = len(acknowledged)
    outcome.missing = sorted(set(acknowledged) - there.keys())
    outcome.twice = sorted(entry_id for entry_id, count in there.items() if count > 1)
    outcome.unacknowledged = len(there.keys() - set(acknowledged))
    outcome.cost_of_entries = sum(row["cost"] for row in rows)
    outcome.cost_expected = sum(map(cost_of, there))
    outcome.cost_of_days = int(days[0]["cost"])
    outcome.cost_reported = await reported(database_url)


async def reported(database_url: str) -> int:
    """Return the cost that a report says."""
    now = time.time()
    query = UsageQuery(start=now - 86_400, end=now + 3_600, bucket="all", group_by=("key",))
    async with open_database(database_url) as database, COMPONENT.build(provided(database)) as service:
        report = await service.usage(query)
    return sum(row.cost for row in report.rows)


def _answers(port: int) -> bool:
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False


def _grows(directory: Path, name: str) -> Callable[[], bool]:
    """Return a look at whether the newest life of a writer has written something since the look before."""
    seen: dict[str, int] = {}

    def look() -> bool:
        now = {path.name: path.stat().st_size for path in directory.glob(f"{name}-*.said")}
        grown = any(size > seen.get(life, 0) for life, size in now.items())
        seen.update(now)
        return grown

    return look


def _is_empty(directory: Path) -> bool:
    return not any((directory / "ledger").glob("*.log"))
