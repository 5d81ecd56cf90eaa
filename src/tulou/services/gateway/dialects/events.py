"""What an answer consists of, piece by piece, whatever dialect it came in. A whole answer is all of its events.

Order: `Started`; then for each place of the answer `TextPiece`s, `ThoughtPiece`s, or a `CallStarted` with its
`CallPiece`s, and `PartEnded`; then `Finished`. `Used` may come at any time and several times, the last one holds,
unless it is `Miscounted`; `Failed` may come at any time and is the last. `choice` counts from 0 where several answers
were asked for; `place` counts the parts of one answer from 0, and one place of a choice has ended before the next
begins: readers of dialects that mix places put them in order.
"""

from typing import Literal

import msgspec

Finish = Literal["stop", "length", "tool_calls", "content_filter", "refusal", "stop_sequence", "pause", "other"]


class Started(msgspec.Struct, frozen=True, tag=True, kw_only=True, gc=False):
    """An answer begins; `id` is the upstream's."""

    id: str = ""
    model: str = ""
    created: int = 0
    input_tokens: int | None = None


class TextPiece(msgspec.Struct, frozen=True, tag=True, kw_only=True):
    """Words of the answer; `refusal` marks those that decline.

    `logprobs` are as OpenAI's chat completions write them, `annotations` as its responses do.
    """

    text: str
    place: int = 0
    choice: int = 0
    refusal: bool = False
    logprobs: msgspec.Raw | None = None
    annotations: tuple[msgspec.Raw, ...] = ()


class ThoughtPiece(msgspec.Struct, frozen=True, tag=True, kw_only=True, gc=False):
    """Words of the reasoning; a signature comes as a piece of its own at its end, a redacted one whole.

    `summary` says that it is not the reasoning itself. A thought with nothing but a signature seals what follows it.
    """

    text: str = ""
    signature: str = ""
    redacted: str = ""
    summary: bool = False
    place: int = 0
    choice: int = 0


class CallStarted(msgspec.Struct, frozen=True, tag=True, kw_only=True, gc=False):
    """The model begins to call a tool."""

    id: str
    name: str
    place: int = 0
    choice: int = 0


class CallPiece(msgspec.Struct, frozen=True, tag=True, kw_only=True, gc=False):
    """More of the arguments' JSON text."""

    arguments: str
    place: int = 0
    choice: int = 0


class OpaquePart(msgspec.Struct, frozen=True, tag=True, kw_only=True):
    """A whole part that only dialects of its own family understand, as it was written; any other leaves it out."""

    raw: msgspec.Raw
    family: str
    place: int = 0
    choice: int = 0


class PartEnded(msgspec.Struct, frozen=True, tag=True, kw_only=True, gc=False):
    """Nothing more comes at this place."""

    place: int = 0
    choice: int = 0


class Finished(msgspec.Struct, frozen=True, tag=True, kw_only=True, gc=False):
    """Why this choice ended; `stop_sequence` is the one that was met."""

    reason: Finish
    choice: int = 0
    stop_sequence: str = ""


class Used(msgspec.Struct, frozen=True, tag=True, kw_only=True, gc=False):
    """Tokens: `input` includes `cached` and `cache_written`, `output` includes `reasoning`.

    `cache_written_hour` is the part of `cache_written` that stays for an hour; `searches` the vendor made on the web.
    """

    input: int = 0
    output: int = 0
    cached: int = 0
    cache_written: int = 0
    reasoning: int = 0
    audio_input: int = 0
    audio_output: int = 0
    cache_written_hour: int = 0
    searches: int = 0


class Miscounted(msgspec.Struct, frozen=True, tag=True, kw_only=True, gc=False):
    """The upstream's counts cannot be, so that all it has counted so far is worthless; `why` says what was wrong."""

    why: str


class Failed(msgspec.Struct, frozen=True, tag=True, kw_only=True, gc=False):
    """The upstream broke the answer off; `status` as HTTP would have said it."""

    message: str
    code: str = ""
    kind: str = ""
    status: int = 502


Event = (
    Started
    | TextPiece
    | ThoughtPiece
    | CallStarted
    | CallPiece
    | OpaquePart
    | PartEnded
    | Finished
    | Used
    | Miscounted
    | Failed
)


def broken_off(reason: str) -> Failed:
    """Return what follows when an upstream says that an answer did not come to its end."""
    return Failed(message=f"the upstream broke its answer off: {reason}", code=reason.lower())


def untold(kind: str) -> Failed:
    """Return what follows when an answer has a part that no client can be told; another try would bring it again."""
    words = f"the model answered with a part of the kind {kind!r}, which the gate cannot pass on; choose another model"
    return Failed(message=words, code="unsupported_output", status=422)
