"""Sends answers: whole ones at once, streams event by event, with a last event that says so where one breaks."""

from starlette.types import Send

from tulou.kernel.clock import Clock
from tulou.kernel.errors import TulouError
from tulou.services.gateway.http.breaking import break_event, refusal_event
from tulou.services.gateway.http.heartbeat import SSE
from tulou.services.gateway.http.record import Record, Recorder
from tulou.services.gateway.http.reply import PIECE_BYTES, all_but_last, reply
from tulou.services.gateway.http.settlement import CrashedError
from tulou.services.gateway.stack.call import Answer, Body
from tulou.services.gateway.stack.guess import let_go


class Sender:
    """What it sends is settled, or will be at its end; who gave it the answer closes that."""

    def __init__(self, recorder: Recorder, clock: Clock) -> None:
        self._crashed = recorder.crashed
        self._now = clock.now

    async def __call__(self, record: Record, answer: Answer, send: Send) -> None:
        """Send an answer to its end; behind a beat a refusal is an event."""
        heartbeat, rest = record.heartbeat, answer.rest
        begins = heartbeat is None or await heartbeat.begin()
        if rest is None:
            if begins:
                await reply(send, answer.status, answer.headers, answer.first)
            else:
                await _end(record, send, self._refusal_event(record, answer))
            return
        call = record.call
        if call is not None and call.question is not None:
            let_go(call)  # however slowly the client reads: nobody else is asked any more
        if begins:
            headers = [*answer.headers, *SSE]
            await send({"type": "http.response.start", "status": answer.status, "headers": headers})
        await _end(record, send, await self._relay(record, answer.first, rest, send))

    async def _relay(self, record: Record, data: bytes, rest: Body, send: Send) -> bytes:
        """Pass a stream on; return its last bytes: those of one that breaks are an event that says so."""
        heartbeat = record.heartbeat
        if heartbeat is not None:
            heartbeat.rest = rest
        try:
            while True:
                if rest.ended and len(data) > PIECE_BYTES:  # no beat comes between its pieces
                    data = await all_but_last(send, data)
                if data:
                    await send({"type": "http.response.body", "body": data, "more_body": True})
                    if heartbeat is not None:
                        heartbeat.touch()
                if not (data := await rest.next()):
                    return b""
        except TulouError as error:
            return self._broken(record, rest, error)
        except Exception as error:  # noqa: BLE001 - the edge of an answer
            self._crashed(record, error)
            return self._broken(record, rest, CrashedError())

    def _broken(self, record: Record, rest: Body, error: TulouError) -> bytes:
        last = rest.broken(error) or break_event(record, error, now=self._now(), begun=True)
        return b"\n\n" + last if record.call is not None and record.call.torn else last

    def _refusal_event(self, record: Record, answer: Answer) -> bytes:
        now = self._now()
        if record.error is None and record.call is not None:
            return refusal_event(record.call, answer, now=now)
        return break_event(record, record.error or CrashedError(), now=now, begun=False)


async def _end(record: Record, send: Send, last: bytes) -> None:
    """End a stream with its last event, or with none that is left."""
    if record.heartbeat is not None:
        record.heartbeat.stop()
        await record.heartbeat.settled()
    await send({"type": "http.response.body", "body": last})
