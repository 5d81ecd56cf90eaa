"""`refused.jsonl`: entries that metering would not take in any form, one a line, of all gateways of the house here."""

import asyncio
import fcntl
from pathlib import Path

import structlog

from tulou.services.gateway.ledger.writer import LedgerWriter

log: structlog.typing.FilteringBoundLogger = structlog.get_logger(__name__)

ASIDE = "refused.jsonl"
ASIDE_BYTES = 16 * 1024 * 1024
AT_ONCE = 100
"""Entries that are written before others get a turn: about 1 ms."""


class QuarantineFile:
    """Whoever writes or empties the file has it locked, so that nothing gets lost between the two."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / ASIDE

    def put(self, entry: bytes) -> bool:
        """Add an entry; say whether there was room for it."""
        with self._path.open("ab") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            if file.tell() > ASIDE_BYTES:
                return False
            file.write(entry + b"\n")
            return True

    async def take_up(self, writer: LedgerWriter) -> None:
        """Write all of it into the ledger once more: what it was refused for may have been mended, and it counts once.

        What the disk did not take stays here, too.
        """
        try:
            with self._path.open("rb+") as file:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                entries = file.read().splitlines()
                whole = True
                for number, entry in enumerate(entries, start=1):
                    whole = writer.write(entry) and whole
                    if number % AT_ONCE == 0:
                        await asyncio.sleep(0)
                await writer.sync()
                if whole:
                    file.truncate(0)
        except (FileNotFoundError, BlockingIOError):  # there is none, or a neighbour is at it
            return
        except OSError as error:  # the next start tries again; what is there stays there
            log.warning("ledger_refused_not_taken_up", path=str(self._path), error=str(error))
            return
        if entries:
            log.info("ledger_refused_taken_up", count=len(entries))
