"""What is measured of a house from outside: memory of its processes, rows and bytes that it keeps."""

import sqlite3
import threading
from collections.abc import Generator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from tests.system.house import House

MIB = 2**20
EVERY_S = 0.05
TABLES: Mapping[str, str] = {"ledger": "metering_entries", "audit": "governance_audit"}


@dataclass
class Memory:
    """Resident bytes of processes by their ids: before, and the most since; `ended` are those that are no more."""

    before: dict[int, int]
    peak: dict[int, int] = field(default_factory=dict[int, int])
    ended: set[int] = field(default_factory=set[int])

    def look(self) -> None:
        """Look once."""
        for pid in self.before:
            if (now := resident(pid)) == 0:
                self.ended.add(pid)
            self.peak[pid] = max(self.peak.get(pid, 0), now)

    @property
    def growth(self) -> int:
        """By how much the process grew at its worst that grew the most."""
        return max((self.peak.get(pid, 0) - before for pid, before in self.before.items()), default=0)

    @property
    def left(self) -> int:
        """What the process still has of it that has the most."""
        return max((resident(pid) - before for pid, before in self.before.items()), default=0)


def resident(pid: int) -> int:
    """Return a process's resident bytes, 0 when there is none."""
    try:
        return int(psutil.Process(pid).memory_info().rss)
    except psutil.Error:
        return 0


@contextmanager
def watched(*memories: Memory) -> Generator[None]:
    """Look again and again while the block runs."""
    ended = threading.Event()

    def look() -> None:
        while not ended.wait(EVERY_S):
            for memory in memories:
                memory.look()

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


@dataclass(frozen=True, slots=True)
class Kept:
    """Rows of all but the modest tenant, and bytes: of the database and of the logs."""

    ledger: int
    audit: int
    database: int
    logs: int

    def since(self, before: "Kept") -> "Kept":
        """Return what has come since."""
        return Kept(
            self.ledger - before.ledger,
            self.audit - before.audit,
            self.database - before.database,
            self.logs - before.logs,
        )


def kept(house: House, *, modest: str) -> Kept:
    """Count what a house on SQLite keeps."""
    rows = {name: _rows(house.directory / "tulou.db", table, modest) for name, table in TABLES.items()}
    database = sum(file.stat().st_size for file in house.directory.glob("tulou.db*"))
    logs = sum(file.stat().st_size for file in (house.directory / "log").glob("*"))
    return Kept(rows["ledger"], rows["audit"], database, logs)


def _rows(file: Path, table: str, modest: str) -> int:
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True, timeout=30)) as database:
        return int(database.execute(f"SELECT count(*) FROM {table} WHERE tenant != ?", (modest,)).fetchone()[0])  # noqa: S608 - of TABLES
