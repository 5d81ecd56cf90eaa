"""What whole answers take of this process's memory while they are read, turned and sent: of each tenant a part at most.

Small ones are not counted. A large one waits for room before the rest of it is read, so that its upstream waits, too.
"""

from collections.abc import Awaitable
from functools import partial

from tulou.chassis.http.exchange import SMALL_BYTES, Exchange
from tulou.services.gateway.allotment import NoRoomError, TenantAllotment
from tulou.services.gateway.refusals import SpentError
from tulou.services.gateway.stack.call import Call
from tulou.services.gateway.stack.guess import unread

LENGTH = b"content-length"


class AnswerRoom:
    """Bytes, first come, first served: a tenant has `share` of `total`, and an answer that is larger all of that."""

    def __init__(self, *, total: int, share: float, answer_bytes: int) -> None:
        self._bytes = TenantAllotment(int(total * share))
        self._answer_bytes = answer_bytes

    def read(self, call: Call, exchange: Exchange, *, times: int) -> Awaitable[bytes]:
        """Return an answer's whole body, which will be in memory so many times until the call is over.

        Raise `OversizeError` for one that is larger than any may be, `SpentError` where there is no room in time: that
        is nothing the replica did.
        """
        return exchange.read(at_most=self._answer_bytes, large=partial(self._large, call, exchange, times))

    async def _large(self, call: Call, exchange: Exchange, times: int) -> None:
        length = exchange.header(LENGTH)
        stated = min(int(length), self._answer_bytes) if length.isdigit() else None
        call.unread = unread(call, stated, SMALL_BYTES)
        size = self._answer_bytes if stated is None else stated
        if call.room is not None:
            call.room.close()  # of an attempt before this one
        try:
            call.room = await self._bytes.enter(call.grant.tenant, size * times, until=exchange.total_due)
        except NoRoomError as error:
            words = "other large answers of this tenant took the room that they may until the total deadline"
            raise SpentError(f"{words}; the answer is charged for, so it was not asked for again") from error
