"""The converter port, made real: the work runs in a thread and stops between two tensors when it is cancelled."""

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

from tulou.adapters.gguf.architectures import ARCHITECTURES
from tulou.adapters.gguf.checking import check_file, check_folder
from tulou.adapters.gguf.converting import convert_folder
from tulou.adapters.gguf.facts import file_facts, folder_facts
from tulou.adapters.gguf.quantizing import QUANTIZATIONS, quantize_file
from tulou.kernel.errors import InvalidError
from tulou.ports.converter import ModelFacts, Progress

T = TypeVar("T")
Work = Callable[[Path, Progress], None]


class GgufConverter:
    """Writes and reads GGUF."""

    quantizations: tuple[str, ...] = tuple(QUANTIZATIONS)
    architectures: tuple[str, ...] = tuple(ARCHITECTURES)

    async def convert(self, folder: str, target: str, progress: Progress) -> ModelFacts:
        """Write a Hugging Face folder as an F16 GGUF file, if its texts and its template will be what they were."""
        await asyncio.to_thread(check_folder, Path(folder))
        return await _written(lambda part, tell: convert_folder(Path(folder), part, tell), target, progress)

    async def quantize(self, source: str, target: str, quantization: str, progress: Progress) -> ModelFacts:
        """Write a GGUF file again with smaller weights."""
        if quantization not in QUANTIZATIONS:
            known = ", ".join(QUANTIZATIONS)
            raise InvalidError(f"no quantization {quantization!r}; there are {known}", param="quantization")
        return await _written(
            lambda part, tell: quantize_file(Path(source), part, quantization, tell), target, progress
        )

    async def inspect(self, path: str) -> ModelFacts:
        """Return the facts of a GGUF file, whose chat template is tried, or of a Hugging Face folder."""
        return await asyncio.to_thread(_facts, Path(path))


async def _written(work: Work, target: str, progress: Progress) -> ModelFacts:
    stopped = threading.Event()

    def tell(share: float) -> None:
        if stopped.is_set():
            raise _StoppedError
        progress(share)

    running = asyncio.ensure_future(asyncio.to_thread(_whole, work, Path(target), tell))
    try:
        return await asyncio.shield(running)
    except asyncio.CancelledError:
        stopped.set()
        # A thread cannot be killed: wait for its next tensor, so that nothing is left behind when we return,
        # even if the caller loses patience.
        while not running.done():
            with suppress(asyncio.CancelledError):
                await asyncio.wait([running])
        running.exception()
        raise


def _whole(work: Work, target: Path, tell: Progress) -> ModelFacts:
    part = target.with_name(target.name + ".part")
    try:
        work(part, tell)
        facts = file_facts(part)
        part.replace(target)
    except OSError as error:
        raise InvalidError(
            f"{target} cannot be written: {error.strerror or error}; free space or name another"
        ) from error
    finally:
        part.unlink(missing_ok=True)
    return facts


def _facts(place: Path) -> ModelFacts:
    if place.is_dir():
        return folder_facts(place)
    facts = file_facts(place)
    check_file(place)
    return facts


class _StoppedError(Exception):
    """The caller has gone."""
