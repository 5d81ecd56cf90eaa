"""Entries whose cost their ids alone tell, and where their writer notes that they are safe."""

import time
from pathlib import Path

from tulou.contracts.metering.messages import Entry, Units
from tulou.services.gateway.ledger import LedgerSettings

TOKEN = "drill"
SETTINGS = LedgerSettings(segment_bytes=1024 * 1024, every_s=0.1, backoff_s=0.5)
"""Small segments and short pauses, so that every kind of moment comes up often."""


def cost_of(entry_id: str) -> int:
    """Return what an entry costs, which its id alone tells."""
    return sum(entry_id.encode()) * 7 % 9_973


def entry_of(entry_id: str, process: str, number: int) -> Entry:
    """Return one of a writer's entries."""
    return Entry(
        id=entry_id,
        at=time.time(),
        request_id=f"req-{entry_id}",
        tenant=f"tenant-{number % 3}",
        project="default",
        principal="drill",
        key=f"key-{number % 11}",
        endpoint="chat",
        model="demo",
        status=200,
        served_by="demo",
        replica=process,
        provider="tulou",
        units=Units(input=number % 1_000, output=number % 100),
        counted="reported",
        cost=cost_of(entry_id),
    )


def said(directory: Path) -> list[str]:
    """Return the ids of all entries that writers were told are safe; a word that a kill cut short is none."""
    whole = [path.read_text().rpartition("\n")[0] for path in directory.glob("*.said")]
    return [entry_id for words in whole for entry_id in words.split("\n") if entry_id]
