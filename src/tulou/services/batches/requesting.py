"""Asks the gate for one line, again and again while it is busy, limited or away."""

import asyncio

import msgspec

from tulou.contracts.batches.messages import Batch
from tulou.kernel.clock import Clock
from tulou.kernel.errors import DeadlineError, UnavailableError
from tulou.ports.gate import Gate, GateAnswer
from tulou.services.batches import domain
from tulou.services.batches.domain import AGAIN, BatchLine, LineError, LineReply, OutputLine
from tulou.services.batches.settings import BatchesSettings


class LineRequester:
    """Gives up after so many tries, and when the batch's time is over; then the last word counts."""

    def __init__(self, gate: Gate, *, clock: Clock, settings: BatchesSettings) -> None:
        self._gate = gate
        self._clock = clock
        self._settings = settings

    async def ask(self, batch: Batch, number: int, line: BatchLine) -> OutputLine:
        """Return the answer to a line, or why there is none."""
        tried = 0
        while True:
            tried += 1
            answer = await self._once(batch, number, line)
            if _final(answer):
                return _output(batch, number, line, answer)
            asked_s = answer.retry_after_s if isinstance(answer, GateAnswer) else None
            pause = domain.pause_s(tried, first_s=self._settings.pause_s, asked_s=asked_s)
            if tried >= self._settings.tries or self._clock.now() + pause >= batch.expires_at:
                return _output(batch, number, line, answer)
            await asyncio.sleep(pause)

    async def _once(self, batch: Batch, number: int, line: BatchLine) -> GateAnswer | LineError:
        try:
            return await self._gate.post(
                batch.endpoint,
                msgspec.json.encode(line.body),
                key=batch.owner.key,
                headers={"x-request-id": f"{batch.id}.{number}"},
                timeout_s=self._settings.answer_s,
            )
        except (UnavailableError, DeadlineError) as error:
            return LineError(code=error.code, message=str(error))


def _final(answer: GateAnswer | LineError) -> bool:
    """Whether another try is none: what took too long was worked on all the same, and perhaps charged for."""
    if isinstance(answer, LineError):
        return answer.code == DeadlineError.code
    return answer.status not in AGAIN or not answer.again


def _output(batch: Batch, number: int, line: BatchLine, answer: GateAnswer | LineError) -> OutputLine:
    id_ = domain.line_id(batch.id, number)
    if isinstance(answer, LineError):
        return OutputLine(id=id_, custom_id=line.custom_id, error=answer)
    try:
        body = msgspec.json.decode(answer.body, type=msgspec.Raw)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        body = msgspec.Raw(msgspec.json.encode(answer.body.decode("utf-8", "replace")))
    said = LineReply(status_code=answer.status, request_id=answer.request_id, body=body)
    return OutputLine(id=id_, custom_id=line.custom_id, response=said)
