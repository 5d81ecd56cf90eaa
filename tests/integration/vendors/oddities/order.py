"""Oddities of streams: events out of order, doubled, missing, cut and framed otherwise."""

from collections.abc import Callable, Iterator, Sequence

from tests.integration.vendors.oddities.answer import Good, Wire, answer, head, message
from tests.integration.vendors.oddities.oddity import Oddity, Outcome

Frames = Sequence[bytes]


def orders() -> Iterator[Oddity]:
    """Yield streams whose events are not where they belong."""
    yield _framed("reversed", lambda frames: [*reversed(frames)])
    yield _framed("rotated", lambda frames: [*frames[1:], frames[0]])
    yield _framed("each-twice", lambda frames: [one for frame in frames for one in (frame, frame)])
    yield _framed("all-twice", lambda frames: [*frames, *frames])
    yield _framed("last-twice", lambda frames: [*frames, frames[-1]])
    yield _framed("first-after-last", lambda frames: [*frames, frames[0]])
    yield _framed("without-first", lambda frames: frames[1:])
    yield _framed("without-last", lambda frames: frames[:-1])
    yield _framed("without-last-two", lambda frames: frames[:-2])
    yield _framed("only-first", lambda frames: frames[:1])
    yield _framed("only-last", lambda frames: frames[-1:])
    yield _framed("none", lambda frames: frames[:0], "failed")
    yield _framed("cut-in-the-last", lambda frames: [*frames[:-1], frames[-1][: len(frames[-1]) // 2]])
    yield _framed("cut-in-the-second", lambda frames: [frames[0], frames[1][: len(frames[1]) // 2]])
    yield Oddity("error-first", "order", lambda good: _with_fault(good, 0), "failed", wholes=False)
    yield Oddity("error-second", "order", lambda good: _with_fault(good, 1), "failed", wholes=False)
    yield Oddity("error-last", "order", lambda good: _with_fault(good, len(good.frames)), "either", wholes=False)
    yield Oddity("pieces-of-a-byte", "order", _bytewise, "answered", wholes=False)
    yield Oddity("begun-and-reset", "order", lambda good: _begun(good, "reset"), "failed", wholes=False)
    yield Oddity("begun-and-silence", "order", lambda good: _begun(good, "hold"), "failed", wholes=False)
    yield Oddity("ended-and-silence", "order", _ended, "either", wholes=False)


def frames_of_text() -> Iterator[Oddity]:
    """Yield server-sent events that are framed in another way than usual, well or badly."""
    yield _texted("lines-crlf", lambda body: _plain(body).replace(b"\n", b"\r\n"), "answered")
    yield _texted("lines-lf", _plain, "answered")
    yield _texted("lines-cr", lambda body: _plain(body).replace(b"\n", b"\r"))
    yield _texted("lines-mixed", lambda body: _plain(body).replace(b"\n\n", b"\n\r\n"), "answered")
    yield _texted("colon-without-space", lambda body: body.replace(b"data: ", b"data:"), "answered")
    yield _texted("comments-between", lambda body: _plain(body).replace(b"\n\n", b"\n\n: ping\n\n"), "answered")
    yield _texted(
        "fields-unknown", lambda body: body.replace(b"data: ", b"id: 7\nretry: 3\nodd: x\ndata: "), "answered"
    )
    yield _texted("lines-empty", lambda body: _plain(body).replace(b"\n\n", b"\n\n\n\n\n"), "answered")
    yield _texted("names-wrong", lambda body: body.replace(b"data: ", b"event: odd\ndata: "))
    yield _texted("names-of-errors", lambda body: body.replace(b"data: ", b"event: error\ndata: "))
    yield _texted("end-without-line", lambda body: body.rstrip(b"\r\n"))
    yield _texted("comments-alone", lambda _: b": ping\n\n" * 50, "failed")
    yield _texted("comments-endless", lambda _: b": ping\n\n" * 40_000, "failed")
    yield _texted("line-endless", lambda _: b"data: " + b"x" * 2_000_000, "failed")
    yield _texted("nul-between", lambda body: _plain(body).replace(b"\n\n", b"\n\n\0\n\n"))
    yield _texted("json-in-lines", lambda body: body.replace(b'{"', b'{\ndata: "'))
    yield _texted("data-empty", lambda body: b"data:\n\n" * 3 + body)
    yield _texted("data-not-json", lambda body: body + b"data: odd\n\n")
    yield _texted("text-cut", lambda body: body.replace(b'"hel"', '"é'.encode()[:-1]))


def frames_of_bytes() -> Iterator[Oddity]:
    """Yield AWS event streams whose sums and sizes do not hold."""
    yield _binary("sum-wrong", lambda frames: [frames[0][:-1] + b"\0", *frames[1:]])
    yield _binary("prelude-wrong", lambda frames: [frames[0][:8] + b"\0\0\0\0" + frames[0][12:], *frames[1:]])
    yield _binary("size-huge", lambda frames: [b"\xff\xff\xff\xff" + frames[0][4:], *frames[1:]])
    yield _binary("size-none", lambda frames: [b"\0\0\0\0" + frames[0][4:], *frames[1:]])
    yield _binary("payload-no-json", lambda frames: [message(b"", b"odd"), *frames])
    yield _binary("headers-cut", lambda frames: [message(b"\x05abc", b"{}"), *frames])


def _framed(name: str, change: Callable[[Frames], Frames], outcome: Outcome = "either") -> Oddity:
    def make(good: Good) -> Wire:
        return answer(b"".join(change(good.frames)), good.kind)

    return Oddity(name, "order", make, outcome, wholes=False)


def _texted(name: str, change: Callable[[bytes], bytes], outcome: Outcome = "either") -> Oddity:
    return Oddity(name, "order", lambda good: answer(change(good.body), good.kind), outcome, wholes=False, binary=False)


def _binary(name: str, change: Callable[[Frames], Frames]) -> Oddity:
    def make(good: Good) -> Wire:
        return answer(b"".join(change(good.frames)) if good.binary else b"\x00\x00\x00\x10odd", good.kind)

    return Oddity(f"bytes-{name}", "order", make, "failed", wholes=False)


def _plain(body: bytes) -> bytes:
    return body.replace(b"\r\n", b"\n")


def _with_fault(good: Good, place: int) -> Wire:
    frames = [*good.frames[:place], good.speech.fault, *good.frames[place:]]
    return answer(b"".join(frames), good.kind)


def _bytewise(good: Good) -> Wire:
    body = good.body
    opening = head(b"200 OK", b"content-type: " + good.kind, b"content-length: %d" % len(body))
    return Wire((opening, *(body[place : place + 1] for place in range(len(body)))))


def _begun(good: Good, end: str) -> Wire:
    opening = head(b"200 OK", b"content-type: " + good.kind)
    return Wire((opening, *good.frames[: max(1, len(good.frames) // 3)]), "reset" if end == "reset" else "hold")


def _ended(good: Good) -> Wire:
    return Wire((head(b"200 OK", b"content-type: " + good.kind), *good.frames), "hold")
