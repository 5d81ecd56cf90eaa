"""What a model recites of others, as annotations of its text."""

from collections.abc import Iterable

import msgspec

from tulou.services.gateway.dialects.citations import PAGE
from tulou.services.gateway.dialects.gemini.shapes import Recital, Source

SAID_BYTES = 1024 * 1024
"""How much of what was said is kept to count in; sources beyond it are said to stand at its end."""


class Recited:
    """The sources of one choice: each is told once, though pieces of a stream repeat them.

    The dialect counts bytes of all that was said (UTF-8); annotations count characters of the part that they are in.
    """

    def __init__(self) -> None:
        self._said = bytearray()
        self._part_at = 0
        self._told: set[bytes] = set()

    def say(self, text: str, *, fresh: bool) -> None:
        """Note what was said; `fresh` begins another part."""
        if fresh:
            self._part_at = self._characters(len(self._said))
        self._said += text.encode()[: SAID_BYTES - len(self._said)]

    def annotations(self, recital: Recital) -> tuple[msgspec.Raw, ...]:
        """Return the sources that are new, as OpenAI's responses annotate them."""
        return tuple(self._new(recital.citation_sources or recital.citations))

    def _new(self, sources: Iterable[Source]) -> Iterable[msgspec.Raw]:
        for source in sources:
            told = msgspec.json.encode(source)
            if told not in self._told:
                self._told.add(told)
                yield msgspec.Raw(msgspec.json.encode(self._annotation(source)))

    def _annotation(self, source: Source) -> dict[str, object]:
        start, end = (min(max(index, 0), len(self._said)) for index in (source.start_index, source.end_index))
        note: dict[str, object] = {
            "type": PAGE,
            "url": source.uri,
            "title": source.title,
            "start_index": max(0, self._characters(start) - self._part_at),
            "end_index": max(0, self._characters(end) - self._part_at),
            "cited_text": self._said[start:end].decode(errors="ignore"),
        }
        return note | {"license": source.license} if source.license else note

    def _characters(self, count: int) -> int:
        return len(self._said[:count].decode(errors="ignore"))
