"""A master key for tests of what stands below the adapters."""

from tulou.testing.memory.master_key import MemoryMasterKey


def master_key() -> MemoryMasterKey:
    """Return a fresh one, in memory."""
    return MemoryMasterKey()
