"""What stages put around answers: each sees head, pieces and end, and whichever way an answer ends, it ends once."""

import asyncio
from collections.abc import Callable

import pytest

from tulou.kernel.errors import TulouError, UpstreamError
from tulou.services.gateway.stack.call import Answer, Call
from tulou.services.gateway.stack.wrapper import AnswerWrapper, End
from tulou.services.gateway.tests.builders import answer, backend, call
from tulou.services.gateway.usage import Usage
from tulou.testing.eventually import eventually

USED = Usage(input=7, output=3)


class Brought:
    """A `Body` that brings pieces, and then ends, breaks or waits; it counts as streams do, when it is over."""

    def __init__(self, asked: Call, *pieces: bytes, error: Exception | None = None, waits: bool = False) -> None:
        self.call = asked
        self.pieces = list(pieces)
        self.error = error
        self.waits = waits
        self.ended = self.torn = False
        self.closed = 0
        self.reads = 0

    async def next(self) -> bytes:
        self.reads += 1
        if self.ended:
            return b""
        if self.pieces:
            data = self.pieces.pop(0)
            self._end(over=not self.pieces and self.error is None and not self.waits)
            return data
        if self.waits:
            await asyncio.Event().wait()
        if self.error is not None:
            raise self.error
        self._end(over=True)
        return b""

    def broken(self, error: TulouError) -> bytes | None:
        return f"event: error\ndata: {error}\n\n".encode()

    def close(self) -> None:
        self.closed += 1
        self._end(over=True)

    def _end(self, *, over: bool) -> None:
        if over and not self.ended:
            self.ended = True
            self.call.usage = USED


class Watching(AnswerWrapper):
    """Marks all that passes, and notes how it ended."""

    def __init__(self, asked: Call, mark: str, ends: list[tuple[str, End]]) -> None:
        super().__init__(asked)
        self._mark = mark
        self._ends = ends

    def head(self, answer: Answer) -> None:
        answer.headers.append((b"x-passed", self._mark.encode()))

    async def whole(self, body: bytes) -> bytes:
        return b"%b(%b)" % (self._mark.encode(), body)

    def piece(self, data: bytes) -> bytes:
        return b"%b(%b)" % (self._mark.encode(), data)

    async def last(self, data: bytes) -> bytes:
        return data + b"."

    def end(self, end: End) -> None:
        self._ends.append((self._mark, end))


def streamed(rest: Brought, first: bytes = b"1") -> Answer:
    return Answer(200, [], first, backend(), rest)


async def nested(asked: Call, inner: Answer) -> tuple[Answer, list[tuple[str, End]]]:
    ends: list[tuple[str, End]] = []
    wrapped = await Watching(asked, "a", ends).wrap(inner)
    return await Watching(asked, "b", ends).wrap(wrapped), ends


async def read(answer: Answer) -> bytes:
    assert answer.rest is not None
    out = answer.first
    while data := await answer.rest.next():
        out += data
    return out


async def test_a_whole_answer_has_ended_once_it_is_wrapped() -> None:
    asked = call()
    asked.usage = USED
    got, ends = await nested(asked, answer())
    assert (got.first, got.rest) == (b"b(a({}))", None)
    assert [value for _, value in got.headers] == [b"a", b"b"]
    assert ends == [("a", End("finished", USED)), ("b", End("finished", USED))]


async def test_a_stream_that_ends_has_ended_before_its_last_bytes_are_out() -> None:
    asked = call(stream=True)
    rest = Brought(asked, b"2", b"3")
    got, ends = await nested(asked, streamed(rest))
    assert got.rest is not None
    assert got.first == b"b(a(1))"
    assert await got.rest.next() == b"b(a(2))"
    assert (ends, got.rest.ended) == ([], False)
    assert await got.rest.next() == b"b(a(3).)."
    assert got.rest.ended
    assert ends == [("a", End("finished", USED)), ("b", End("finished", USED))]
    assert await got.rest.next() == b""
    got.close()
    got.close()
    assert len(ends) == 2
    assert rest.reads == 3, "what is behind the end is read by the stream itself"


async def test_a_stream_that_has_ended_with_its_first_bytes_ends_as_it_is_wrapped() -> None:
    asked = call(stream=True)
    rest = Brought(asked)
    rest.close()
    got, ends = await nested(asked, streamed(rest))
    assert got.first == b"b(a(1).)."
    assert [end.how for _, end in ends] == ["finished", "finished"]


async def test_a_stream_that_ends_without_bytes_ends_once() -> None:
    asked = call(stream=True)

    class Silent(Brought):
        async def next(self) -> bytes:
            self._end(over=True)
            return b""

    got, ends = await nested(asked, streamed(Silent(asked)))
    assert await read(got) == b"b(a(1))b(.)."
    assert [end for _, end in ends] == [End("finished", USED)] * 2


async def test_a_stream_that_breaks_tells_why_and_what_it_took() -> None:
    asked, error = call(stream=True), UpstreamError("gone")
    rest = Brought(asked, b"2", error=error)
    got, ends = await nested(asked, streamed(rest))
    assert got.rest is not None
    with pytest.raises(UpstreamError, match="gone"):
        await read(got)
    assert [(mark, end.how, end.usage, end.error) for mark, end in ends] == [
        ("a", "broken", USED, error),
        ("b", "broken", USED, error),
    ]
    assert rest.closed, "the upstream's connection is given back"
    got.close()
    assert len(ends) == 2
    assert got.rest.broken(error) == b"event: error\ndata: gone\n\n"


async def test_a_stream_that_an_upstream_breaks_off_in_its_own_words_is_broken() -> None:
    asked = call(stream=True)

    class Faulty(Brought):
        async def next(self) -> bytes:
            asked.broken = "too hot"
            return await super().next()

    got, ends = await nested(asked, streamed(Faulty(asked, b"2")))
    assert await read(got) == b"b(a(1))b(a(2).)."
    assert [(end.how, str(end.error)) for _, end in ends] == [("broken", "the stream broke: too hot")] * 2


async def test_who_leaves_in_the_middle_cancels_the_stream_once() -> None:
    asked = call(stream=True)
    rest = Brought(asked, waits=True)
    got, ends = await nested(asked, streamed(rest))
    reading = asyncio.create_task(read(got))
    await eventually(lambda: rest.reads == 1)
    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading
    got.close()
    got.close()
    assert [end for _, end in ends] == [End("cancelled", USED)] * 2
    assert rest.closed


def fails(*_: object) -> bytes:
    raise ValueError("a mistake of the stage")


@pytest.mark.parametrize("part", ["piece", "last"])
async def test_a_wrapper_that_fails_breaks_the_stream_for_those_around_it_and_lets_go_of_the_upstream(
    part: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = call(stream=True)
    rest = Brought(asked, b"2")
    got, ends = await nested(asked, streamed(rest))
    assert got.rest is not None
    monkeypatch.setattr(got.rest, "_inner", Failing(asked, rest, part))
    with pytest.raises(ValueError, match="a mistake"):
        await got.rest.next()
    assert [(mark, end.how, str(end.error)) for mark, end in ends] == [("b", "broken", "a mistake of the stage")]
    assert rest.closed


class Failing(AnswerWrapper):
    """Fails in one of its parts."""

    def __init__(self, asked: Call, rest: Brought, part: str) -> None:
        super().__init__(asked)
        self._inner = rest
        failing: Callable[..., bytes] = fails
        setattr(self, part, failing)


@pytest.mark.parametrize("part", ["head", "whole"])
@pytest.mark.parametrize("stream", [False, True])
async def test_a_wrapper_that_fails_before_anything_is_out_leaves_nothing_open(part: str, *, stream: bool) -> None:
    asked = call(stream=stream)
    rest = Brought(asked, b"2")
    ends: list[tuple[str, End]] = []
    wrapper = Watching(asked, "a", ends)
    setattr(wrapper, part, fails)
    inner = streamed(rest) if stream else answer()
    if stream and part == "whole":
        assert await read(await wrapper.wrap(inner)) == b"a(1)a(2)."
        return
    with pytest.raises(ValueError, match="a mistake"):
        await wrapper.wrap(inner)
    assert [end.how for _, end in ends] == ["broken"]
    assert rest.closed == stream


async def test_who_leaves_while_a_whole_answer_is_worked_on_cancels_it() -> None:
    ends: list[tuple[str, End]] = []

    class Slow(Watching):
        async def whole(self, body: bytes) -> bytes:
            del body
            await asyncio.Event().wait()
            raise AssertionError

    wrapping = asyncio.create_task(Slow(call(), "a", ends).wrap(answer()))
    await asyncio.sleep(0)
    wrapping.cancel()
    with pytest.raises(asyncio.CancelledError):
        await wrapping
    assert [end.how for _, end in ends] == ["cancelled"]


async def test_a_wrapper_may_keep_pieces_back_until_the_end() -> None:
    class Whole(AnswerWrapper):
        kept = b""

        def piece(self, data: bytes) -> bytes:
            self.kept += data
            return b""

        async def last(self, data: bytes) -> bytes:
            assert data == b""
            return self.kept

    asked = call(stream=True)
    got = await Whole(asked).wrap(streamed(Brought(asked, b"2", b"3")))
    assert got.first == b""
    assert got.rest is not None
    assert await got.rest.next() == b"123"
    assert got.rest.ended


async def test_a_wrapper_that_changes_nothing_passes_everything_on() -> None:
    asked = call(stream=True)
    rest = Brought(asked, b"2", b"3")
    got = await AnswerWrapper(asked).wrap(streamed(rest))
    rest.torn = True
    assert got.rest is not None
    assert got.rest.torn
    assert await read(got) == b"123"
    assert (await AnswerWrapper(asked).wrap(answer())).first == b"{}"
