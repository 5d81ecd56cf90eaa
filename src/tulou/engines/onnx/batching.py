"""Texts of requests that come together are computed together, those of like length beside one another."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tulou.kernel.errors import UnavailableError

Floats = NDArray[np.float32]
MOST_WAITING = 4096
"""Texts taken up for one round: enough to sort by length, few enough that the next request is not kept waiting."""


@dataclass(eq=False, slots=True)
class PendingText:
    """One text on its way: its tokens, and where its vector is awaited."""

    tokens: Sequence[int]
    vector: "asyncio.Future[Floats]"


class Batcher:
    """Runs `encode` in a thread, one batch at a time, for as long as `run` does."""

    def __init__(self, encode: Callable[[Sequence[Sequence[int]]], Floats], *, batch_tokens: int) -> None:
        self._encode = encode
        self._batch_tokens = batch_tokens
        self._waiting: asyncio.Queue[PendingText] = asyncio.Queue()
        self._taken: set[PendingText] = set()
        self.running = 0

    @property
    def waiting(self) -> int:
        """Texts not yet begun."""
        return self._waiting.qsize()

    async def vectors(self, texts: Sequence[Sequence[int]]) -> list[Floats]:
        """Return one vector a text; when cancelled, texts not yet begun are dropped."""
        loop = asyncio.get_running_loop()
        mine = [PendingText(tokens, loop.create_future()) for tokens in texts]
        self._taken.update(mine)
        for text in mine:
            self._waiting.put_nowait(text)
        try:
            return list(await asyncio.gather(*(text.vector for text in mine)))
        finally:
            self._taken.difference_update(mine)
            for text in mine:
                text.vector.cancel()

    async def run(self) -> None:
        """Compute until cancelled; who still waits then is told."""
        try:
            while True:
                for batch in batches(await self._round(), self._batch_tokens):
                    await self._compute([text for text in batch if not text.vector.done()])
        finally:
            _settle(list(self._taken), UnavailableError("the model was closed before this text was read"))

    async def _round(self) -> list[PendingText]:
        """Wait for a text, and take what has come with it."""
        taken = [await self._waiting.get()]
        while len(taken) < MOST_WAITING and not self._waiting.empty():
            taken.append(self._waiting.get_nowait())
        return taken

    async def _compute(self, batch: Sequence[PendingText]) -> None:
        if not batch:
            return
        self.running = len(batch)
        try:
            rows = await asyncio.to_thread(self._encode, [text.tokens for text in batch])
        except Exception as error:  # noqa: BLE001 # belongs to those who wait, not to the loop that serves the others
            _settle(batch, error)
        else:
            for text, row in zip(batch, rows, strict=True):
                if not text.vector.done():
                    text.vector.set_result(row)
        finally:
            self.running = 0


def batches(texts: Sequence[PendingText], most_tokens: int) -> list[list[PendingText]]:
    """Cut texts into batches whose tokens, with padding to the longest, stay below a cap; one text always fits."""
    ordered = sorted(texts, key=lambda text: len(text.tokens))
    made: list[list[PendingText]] = []
    for text in ordered:
        if made and (len(made[-1]) + 1) * len(text.tokens) <= most_tokens:
            made[-1].append(text)
        else:
            made.append([text])
    return made


def _settle(batch: Sequence[PendingText], error: Exception) -> None:
    for text in batch:
        if not text.vector.done():
            text.vector.set_exception(error)
