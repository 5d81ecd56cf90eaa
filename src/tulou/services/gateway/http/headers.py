"""The headers of an answer that say whence it comes, how long the gate took, and what had no effect."""

from collections.abc import Callable, Sequence

from tulou.chassis.http.request import Header
from tulou.contracts.metering.messages import MILLION
from tulou.services.gateway.dialects.dialect import Dropped
from tulou.services.gateway.http.record import Record
from tulou.services.gateway.stack.call import Answer, Call

DROPPED_MOST = 2000
"""The longest that this header gets."""

NOBODY = b"-"
"""In place of a replica, where a stage answered by itself."""


class AnswerHeaders:
    """Written into the head of each answer that a replica or a stage gave, when it is settled or has begun."""

    def __init__(self, monotonic: Callable[[], float], observe_overhead: Callable[[float], None]) -> None:
        self._monotonic = monotonic
        self._observe_overhead = observe_overhead

    def write(self, record: Record, call: Call, answer: Answer) -> None:
        """Add them; those of a whole answer say what it cost."""
        overhead = max(0.0, self._monotonic() - record.began - call.upstream_s)
        self._observe_overhead(overhead)
        headers: list[Header] = answer.headers
        headers += (
            (b"x-request-id", record.request_id.encode("ascii")),
            (b"x-tulou-model", call.served_by.encode("latin-1", "replace")),
            (b"x-tulou-replica", answer.backend.tag if answer.backend is not None else NOBODY),
            (b"x-tulou-overhead-ms", b"%.3f" % (overhead * 1000)),
            *call.headers,
        )
        if call.dropped or record.unread:
            headers.append((b"x-tulou-dropped", dropped_header((*record.unread, *call.dropped))))
        if call.place is not None:
            headers.append((b"traceparent", call.traceparent))
        if answer.rest is None:
            headers.append((b"x-tulou-cost", b"%d.%06d" % divmod(record.cost, MILLION)))


def dropped_header(dropped: Sequence[Dropped]) -> bytes:
    """Return the names of the fields that had no effect, and why, in one line."""
    words = "; ".join(f"{one.field} ({one.why})" for one in dropped)[:DROPPED_MOST]
    return "".join(letter if letter.isprintable() else "?" for letter in words).encode("ascii", "replace")
