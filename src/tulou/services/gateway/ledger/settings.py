"""Settings of the local ledger; the gateway has each of them in its table, with `ledger_` before its name."""

from tulou.kernel.message import message


@message
class LedgerSettings:
    """Caps and deadlines of one process's ledger; times in seconds, sizes in bytes.

    sync_s: how long an entry may be on its way to the disk itself; a loss of power costs at most as much
    segment_bytes: how large a segment grows before the next one is begun
    spool_bytes: what all segments of the house on this host may take; beyond it, entries are counted and lost
    held_bytes: what may wait in memory while the disk takes nothing
    batch: entries that are shipped at once
    every_s: how long entries wait for others to be shipped with
    backoff_s: the longest pause between attempts while metering is away
    """

    sync_s: float = 0.2
    segment_bytes: int = 16 * 1024 * 1024
    spool_bytes: int = 8 * 1024 * 1024 * 1024
    held_bytes: int = 16 * 1024 * 1024
    batch: int = 500
    every_s: float = 1.0
    backoff_s: float = 15.0
