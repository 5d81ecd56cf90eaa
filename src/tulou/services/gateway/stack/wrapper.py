"""What a stage puts around an answer: it sees the head, changes the body, and is told how the answer ended, once.

A stage that changes answers asks the stages below it and returns `await MyWrapper(call).wrap(answer)`. Wrappers nest as
their stages do: the innermost sees a head, a piece and an end first. What is raised in place of an answer is no answer:
a stage catches it where it calls the stages below.
"""

from typing import Literal, NamedTuple

from tulou.kernel.errors import TulouError, UpstreamError
from tulou.services.gateway.stack.call import Answer, Body, Call
from tulou.services.gateway.usage import Usage


class End(NamedTuple):
    """How an answer ended, and what it took as far as that is known: None, nothing.

    `finished`: it came to its end. `broken`: it was broken off, `error` says why. `cancelled`: who asked for it let go
    of it before its end, as when the client leaves.
    """

    how: Literal["finished", "broken", "cancelled"]
    usage: Usage | None
    error: Exception | None = None


class AnswerWrapper:
    """Passes everything on; a stage overrides what it changes. One is made for each answer.

    It is the `Body` of the stream that it wraps. An error raised in `head`, `whole`, `piece` or `last` lets go of the
    upstream; of a stream whose head is out it becomes the error event.
    """

    def __init__(self, call: Call) -> None:
        self.call = call
        self.ended = False
        self._inner: Body | None = None
        self._told = False

    def head(self, answer: Answer) -> None:
        """Change the status or the headers, before anything of the answer goes out."""

    async def whole(self, body: bytes) -> bytes:
        """Return the body of a whole answer as it goes on; refusals of an upstream are such answers, too."""
        return body

    def piece(self, data: bytes) -> bytes:
        """Return the next bytes of a stream as they go on, or nothing, to keep them back.

        They are whole events, unless `torn`: of an event above 256 KiB they are a part.
        """
        return data

    async def last(self, data: bytes) -> bytes:
        """Return the bytes that end a stream, which `piece` has returned; what it kept back goes out now or never.

        `call.broken` says so if they end with an error event of the upstream.
        """
        return data

    def end(self, end: End) -> None:
        """Take note of how the answer ended: called exactly once, of a stream before its last bytes go out."""

    async def wrap(self, answer: Answer) -> Answer:
        """Return the answer with this around it."""
        rest = self._inner = answer.rest
        try:
            self.head(answer)
            if rest is None:
                answer.first = await self.whole(_taken(answer))
                self._tell(End("finished", self.call.usage))
            else:
                answer.rest = self
                answer.first = await self._first(rest, answer.first)
        except Exception as error:
            self._fail(error)
            raise
        except BaseException:
            self.close()
            raise
        return answer

    @property
    def torn(self) -> bool:
        """Whether the bytes returned last end within an event."""
        return self._inner is not None and self._inner.torn

    async def next(self) -> bytes:
        """Return the next bytes, nothing at the end; raise what breaks the stream."""
        inner = self._inner
        if inner is None:
            return b""
        try:
            while data := await inner.next():
                if inner.ended:
                    return await self._finish(self.piece(data))
                if out := self.piece(data):
                    return out
            return b"" if self.ended else await self._finish(b"")
        except Exception as error:
            self._fail(error)
            raise

    def broken(self, error: TulouError) -> bytes | None:
        """Return the frame that tells an error, as the stream inside has it."""
        return None if self._inner is None else self._inner.broken(error)

    def close(self) -> None:
        """Let go; a stream that has not ended is cancelled here."""
        self.ended = True
        if self._inner is not None:
            self._inner.close()
        self._tell(End("cancelled", self.call.usage))

    async def _first(self, rest: Body, data: bytes) -> bytes:
        data = self.piece(data) if data else data
        return await self._finish(data) if rest.ended else data

    async def _finish(self, data: bytes) -> bytes:
        data = await self.last(data)
        self.ended = True
        broken = self.call.broken
        if broken:
            self._tell(End("broken", self.call.usage, UpstreamError(f"the stream broke: {broken}")))
        else:
            self._tell(End("finished", self.call.usage))
        return data

    def _fail(self, error: Exception) -> None:
        """Let go of the upstream first, so that what it took is counted."""
        self.ended = True
        if self._inner is not None:
            self._inner.close()
        self._tell(End("broken", self.call.usage, error))

    def _tell(self, end: End) -> None:
        if not self._told:
            self._told = True
            self.end(end)


def _taken(answer: Answer) -> bytes:
    """Return the body of a whole answer, which nobody else holds any more: it may be large."""
    body, answer.first = answer.first, b""
    return body
