"""What comes after the last event of a stream: waited for a little, so that its connection may be used again."""

import asyncio

from tulou.chassis.http.errors import HttpError
from tulou.chassis.http.exchange import Exchange

WITHIN_S = 1.0
BYTES = 64 * 1024


async def drain(exchange: Exchange) -> None:
    """Read to the end, and pass nothing on; give the connection up where that is late, long or broken."""
    size = 0
    try:
        async with asyncio.timeout(WITHIN_S):
            while size < BYTES and (data := await exchange.chunk()):
                size += len(data)
    except (HttpError, TimeoutError):
        pass
    exchange.close()
