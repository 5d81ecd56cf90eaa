"""Masks words in the answers of chats, also those that come in pieces: `TULOU_MASKED_WORDS=secret,other`."""

import os
import re
from collections.abc import Iterator
from typing import Any, NamedTuple, cast

import msgspec

from tulou.gateway.stage import Answer, AnswerWrapper, Blueprint, Call, Stage, payload, split_events
from tulou.kernel.errors import UpstreamError

WORDS = "TULOU_MASKED_WORDS"
MASK = "***"
EVENT_BYTES = 1024 * 1024
CHOICES = 128
LONGEST = 256
"""Letters of a word that is looked for."""
_LAST_WORD = re.compile(r"\w*\Z")
"""It may go on in the next piece."""


class Mask:
    """Puts a `MaskedAnswer` around each answer."""

    def __init__(self, inner: Stage, words: re.Pattern[str]) -> None:
        self._inner = inner
        self._words = words

    async def __call__(self, call: Call) -> Answer:
        """Go on; what comes back is masked on its way to the client."""
        return await MaskedAnswer(call, self._words).wrap(await self._inner(call))


class MaskedAnswer(AnswerWrapper):
    """Keeps the last word of each choice back until it is known where it ends."""

    def __init__(self, call: Call, words: re.Pattern[str]) -> None:
        super().__init__(call)
        self._words = words
        self._part = b""
        self._held: dict[int, str] = {}

    async def whole(self, body: bytes) -> bytes:
        """Mask the message of every choice; what has none, as an error, stays as it is."""
        answer, changed = _decoded(body), False
        for choice in _choices(answer, "message"):
            if (hidden := self._hidden(choice.text)) != choice.text:
                choice.message["content"], changed = hidden, True
        return msgspec.json.encode(answer) if changed else body

    def piece(self, data: bytes) -> bytes:
        """Mask whole events; of one that comes in parts the others are waited for."""
        self._part += data
        if len(self._part) > EVENT_BYTES:
            raise UpstreamError("an event of the stream is too large to look for words in it")
        if self.torn:
            return b""
        if len(self._held) > CHOICES:
            raise UpstreamError("the stream has more choices than words are looked for in")
        data, self._part = self._part, b""
        return b"".join(self._event(event) for event in split_events(data))

    async def last(self, data: bytes) -> bytes:
        """Let go of what is still held back, where a stream ends without saying why."""
        held = [
            {"index": index, "delta": {"content": self._hidden(text)}} for index, text in self._held.items() if text
        ]
        self._held.clear()
        return b"data: %b\n\n%b" % (msgspec.json.encode({"choices": held}), data) if held else data

    def _event(self, event: bytes) -> bytes:
        told = _decoded(payload(event))
        choices = list(_choices(told, "delta"))
        for choice in choices:
            text = self._held.pop(choice.number, "") + choice.text
            if not choice.over and (rest := _LAST_WORD.search(text, max(0, len(text) - LONGEST))):
                text, self._held[choice.number] = text[: rest.start()], rest[0]
            if text or choice.text:
                choice.message["content"] = self._hidden(text)
        return b"data: %b\n\n" % msgspec.json.encode(told) if choices else event

    def _hidden(self, text: str) -> str:
        return self._words.sub(MASK, text)


class _Choice(NamedTuple):
    """One of several answers, or a piece of it; `over` says that it is the last."""

    number: int
    over: bool
    message: dict[str, Any]

    @property
    def text(self) -> str:
        said = self.message.get("content")
        return said if isinstance(said, str) else ""


def _decoded(body: bytes) -> object:
    try:
        return msgspec.json.decode(body)
    except msgspec.DecodeError:
        return None


def _choices(answer: object, name: str) -> Iterator[_Choice]:
    """Yield every choice that has a message, or a delta, of this name; of what has another shape nothing."""
    choices = _fields(answer).get("choices")
    for choice in map(_fields, choices if isinstance(choices, list) else ()):  # pyright: ignore[reportUnknownArgumentType]
        index = choice.get("index")
        if isinstance(choice.get(name), dict):
            yield _Choice(index if isinstance(index, int) else 0, bool(choice.get("finish_reason")), choice[name])


def _fields(value: object) -> dict[str, Any]:
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}


def build(plan: Blueprint, inner: Stage) -> Stage:
    """Return the stage of a route of chats; where there is nothing to mask it costs nothing."""
    words = [re.escape(word) for word in os.environ.get(WORDS, "").split(",") if word]
    if plan.endpoint != "chat" or not words:
        return inner
    return Mask(inner, re.compile(rf"\b(?:{'|'.join(words)})\b", re.IGNORECASE))
