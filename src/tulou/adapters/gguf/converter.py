"""The converter port, made real: the work runs in a thread and stops between two tensors when it is cancelled."""

import threading
from collections.abc import Callable
from pathlib import Path

from tulou.adapters.gguf.architectures import ARCHITECTURES
from tulou.adapters.gguf.checking import check_file, check_folder, check_made
from tulou.adapters.gguf.converting import convert_folder
from tulou.adapters.gguf.facts import file_facts, folder_facts
from tulou.adapters.gguf.quantizing import QUANTIZATIONS, quantize_file
from tulou.adapters.gguf.threads import finished
from tulou.kernel.errors import InvalidError
from tulou.ports.confinement import Confinement
from tulou.ports.converter import ModelFacts, Progress

Work = Callable[[Path, Progress], None]


class GgufConverter:
    """Writes and reads GGUF; what llama.cpp makes of files is tried in processes of their own."""

    quantizations: tuple[str, ...] = tuple(QUANTIZATIONS)
    architectures: tuple[str, ...] = tuple(ARCHITECTURES)

    def __init__(self, confinement: Confinement) -> None:
        self._confinement = confinement

    async def convert(self, folder: str, target: str, progress: Progress) -> ModelFacts:
        """Write a Hugging Face folder as an F16 GGUF file, if its texts and its template will be what they were."""
        await check_folder(Path(folder), self._confinement)
        return await self._written(
            lambda part, tell: convert_folder(Path(folder), part, tell), Path(folder), Path(target), progress
        )

    async def quantize(self, source: str, target: str, quantization: str, progress: Progress) -> ModelFacts:
        """Write a GGUF file again with smaller weights."""
        if quantization not in QUANTIZATIONS:
            known = ", ".join(QUANTIZATIONS)
            raise InvalidError(f"no quantization {quantization!r:.80}; there are {known}", param="quantization")
        return await self._written(
            lambda part, tell: quantize_file(Path(source), part, quantization, tell),
            Path(source),
            Path(target),
            progress,
        )

    async def inspect(self, path: str) -> ModelFacts:
        """Return the facts of a GGUF file, whose chat template is tried, or of a Hugging Face folder."""
        place = Path(path)
        if await finished(place.is_dir):
            return await finished(lambda: folder_facts(place))
        facts = await finished(lambda: file_facts(place))
        await check_file(place, self._confinement)
        return facts

    async def _written(self, work: Work, source: Path, target: Path, progress: Progress) -> ModelFacts:
        """Write a target, which appears once llama.cpp has read its head; whatever happens, nothing else is left."""
        stopped = threading.Event()

        def tell(share: float) -> None:
            if stopped.is_set():
                raise _StoppedError
            progress(share)

        part = target.with_name(target.name + ".part")
        try:
            facts = await finished(lambda: _made(work, part, tell), cancelled=stopped.set)
            await check_made(part, self._confinement, source=source.name)
            await finished(lambda: part.replace(target))
        except OSError as error:
            raise InvalidError(
                f"{target} cannot be written: {error.strerror or error}; free space or name another"
            ) from error
        finally:
            await finished(lambda: part.unlink(missing_ok=True))
        return facts


def _made(work: Work, part: Path, tell: Progress) -> ModelFacts:
    work(part, tell)
    return file_facts(part)


class _StoppedError(Exception):
    """The caller has gone."""
