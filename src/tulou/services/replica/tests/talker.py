"""A plain engine for tests: says the last message's words one by one, and waits for a gate when it has one."""

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from pathlib import Path

from tulou.kernel.errors import InvalidError
from tulou.ports.engine import Chunk, EngineLoad, EngineSpec, Sampling, Vectors


class Talker:
    def __init__(self, spec: EngineSpec | None = None) -> None:
        self.spec = spec
        self.opened = False
        self.loaded = b""
        self.fails_with: Exception | None = None
        self.mute = False
        self.closed = False
        self.gate: asyncio.Event | None = None
        self.began = asyncio.Event()
        self.ended = asyncio.Event()
        self.asked: list[Sampling] = []

    async def open(self) -> None:
        if self.fails_with:
            raise self.fails_with
        self.opened = True
        if self.spec and self.spec.files:
            self.loaded = await asyncio.to_thread(Path(next(iter(self.spec.files.values()))).read_bytes)

    async def load(self) -> EngineLoad:
        return EngineLoad()

    async def close(self) -> None:
        self.closed = True

    async def generate(self, messages: Sequence[Mapping[str, object]], sampling: Sampling) -> AsyncGenerator[Chunk]:
        self.asked.append(sampling)
        words = str(messages[-1]["content"]).split()
        if self.mute or words == ["too", "long"]:
            raise InvalidError("the prompt is too long", param="messages")
        try:
            for word in words:
                yield Chunk(text=word)
                self.began.set()
                if self.gate:
                    await self.gate.wait()
            yield Chunk(finish="stop", prompt_tokens=3, generated_tokens=len(words))
        finally:
            self.ended.set()

    async def embed(self, texts: Sequence[str]) -> Vectors:
        return Vectors(values=[(float(len(text)), 0.5) for text in texts], tokens=7)
