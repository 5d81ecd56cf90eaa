"""Reads a little at once for a protocol to which much comes, so that little waits where its taker has no time.

A loop reads some 256 KiB for a plain protocol, which costs less as long as little comes.
"""

import asyncio

READ_BYTES = 64 * 1024


def new_buffer() -> memoryview:
    """Return what all of a loop may read into: what has come is handed on before anything else is read."""
    return memoryview(bytearray(READ_BYTES))


class SlowReadGuard(asyncio.BufferedProtocol):
    """Stands before another protocol, which keeps its transport."""

    def __init__(self, behind: asyncio.Protocol, buffer: memoryview) -> None:
        self._behind = behind
        self._buffer = buffer
        self.connection_lost = behind.connection_lost
        self.eof_received = behind.eof_received
        self.pause_writing = behind.pause_writing
        self.resume_writing = behind.resume_writing

    def get_buffer(self, sizehint: int) -> memoryview:
        """Return where to read to."""
        del sizehint
        return self._buffer

    def buffer_updated(self, nbytes: int) -> None:
        """Hand on what has come."""
        self._behind.data_received(bytes(self._buffer[:nbytes]))
