"""The outermost thing around an answer: where its end is seen, what it took is settled, once."""

from collections.abc import Callable

from tulou.kernel.errors import TulouError
from tulou.services.gateway.http.record import Record
from tulou.services.gateway.http.request_ledger import RequestLedger
from tulou.services.gateway.stack.call import Answer, Call
from tulou.services.gateway.stack.wrapper import AnswerWrapper, End
from tulou.services.gateway.telemetry.counters import LEFT_STATUS


class CrashedError(TulouError):
    """A mistake of the gateway's own; what it was is in its log alone."""

    def __init__(self) -> None:
        super().__init__("the gateway failed at this request; its log says why")


class AnswerSettlement:
    """Of a whole answer, refusals too, the end is there with it; of a stream it comes before its last bytes go out."""

    def __init__(self, books: RequestLedger, monotonic: Callable[[], float]) -> None:
        self._settle = books.settle
        self._monotonic = monotonic

    async def __call__(self, record: Record, answer: Answer) -> Answer:
        """Settle a whole answer, and have a stream settled when it ends; from now on nobody else settles it."""
        record.answered = True
        record.status, record.backend = answer.status, answer.backend
        if answer.rest is None or record.call is None:
            self._settle(record)
            return answer
        record.first_at = self._monotonic()
        return await SettledAnswer(record.call, record, self).wrap(answer)

    def left(self, record: Record) -> None:
        """Settle a request whose client has left, unless an answer is there: that is settled where it ends."""
        if not record.answered:
            record.status = LEFT_STATUS
            self._settle(record)

    def ended(self, record: Record, end: End) -> None:
        """Settle a stream that has ended; the status of one that broke is its error's, whatever its head has said."""
        if end.how == "cancelled":
            record.status = LEFT_STATUS
        elif end.how == "broken":
            record.error = end.error if isinstance(end.error, TulouError) else CrashedError()
            record.status = record.error.status
        self._settle(record)


class SettledAnswer(AnswerWrapper):
    """A stream whose end settles its request."""

    def __init__(self, call: Call, record: Record, settlement: AnswerSettlement) -> None:
        super().__init__(call)
        self._record = record
        self._settlement = settlement

    def end(self, end: End) -> None:
        """Settle."""
        self._settlement.ended(self._record, end)
