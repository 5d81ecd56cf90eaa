"""From what was found at a path to the files that engines load."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from pathlib import Path

from tulou.chassis.jobs import JobRun
from tulou.contracts.registry.messages import Facts
from tulou.kernel.errors import InvalidError
from tulou.kernel.message import message
from tulou.ports.converter import Converter, ModelFacts
from tulou.ports.exporter import Exporter
from tulou.services.registry.configuration import FolderConfig, read_config
from tulou.services.registry.domain import UNQUANTIZED, task_of
from tulou.services.registry.sources import ModelSource

WEIGHTS = "model.gguf"
TYPE_CAP = 80


@message
class ConvertedModel:
    """Files under the names that they have in the artifact, and what is known of them."""

    files: tuple[tuple[str, Path], ...]
    facts: Facts


class ModelConversion:
    """Makes files in a folder; those that an earlier attempt finished there are taken as they are."""

    def __init__(self, converter: Converter, exporter: Exporter) -> None:
        self._converter = converter
        self._exporter = exporter

    async def make(self, source: ModelSource, quantization: str, folder: Path, run: JobRun) -> ConvertedModel:
        """Return what engines load; raise `InvalidError` for a file that is corrupt or not supported."""
        match source.kind:
            case "gguf":
                return await self._weights(source, quantization, folder, run)
            case "language model":
                return await self._convert(source, quantization, folder, run)
            case "encoder":
                return await self._export(source, folder, run)
            case "onnx":
                return await self._graph(source)

    async def _weights(self, source: ModelSource, quantization: str, folder: Path, run: JobRun) -> ConvertedModel:
        """Take a GGUF file as it is, or with smaller weights if that was asked for."""
        facts = await self._converter.inspect(str(source.path))
        if quantization and quantization != facts.quantization:
            return await self._quantize(source.path, quantization, folder, run)
        files = _named(source.files) if len(source.files) > 1 else ((WEIGHTS, source.path),)
        return ConvertedModel(files=files, facts=_facts(facts))

    async def _convert(self, source: ModelSource, quantization: str, folder: Path, run: JobRun) -> ConvertedModel:
        whole = folder / f"{UNQUANTIZED}.gguf"
        facts = await self._once(
            whole, lambda: self._converter.convert(str(source.path), str(whole), _share(run, 0.0, 0.4, "converting"))
        )
        if quantization == UNQUANTIZED:
            return ConvertedModel(files=((WEIGHTS, whole),), facts=_facts(facts))
        return await self._quantize(whole, quantization, folder, run)

    async def _quantize(self, weights: Path, quantization: str, folder: Path, run: JobRun) -> ConvertedModel:
        target, tell = folder / f"{quantization}.gguf", _share(run, 0.4, 0.7, f"quantizing to {quantization}")
        facts = await self._once(
            target, lambda: self._converter.quantize(str(weights), str(target), quantization, tell)
        )
        return ConvertedModel(files=((WEIGHTS, target),), facts=_facts(facts))

    async def _graph(self, source: ModelSource) -> ConvertedModel:
        """Take ONNX graphs as they are, with the files that they name."""
        beside = {file.name: file for file in source.beside}
        taken = {file.name: file for file in source.files}
        for graph in [file for file in source.files if file.suffix == ".onnx"]:
            for name in await self._exporter.check(graph):
                if name not in beside:
                    raise InvalidError(
                        f"{graph.name} keeps weights in {name!r:.80}, which cannot be taken", param="path"
                    )
                taken[name] = beside[name]
        return ConvertedModel(files=_named(taken.values()), facts=await asyncio.to_thread(encoder_facts, source.path))

    async def _export(self, source: ModelSource, folder: Path, run: JobRun) -> ConvertedModel:
        run.progress(0.1, "exporting to ONNX")
        made = await asyncio.to_thread(self._exporter.export, source.path, folder / "onnx")
        return await asyncio.to_thread(_exported, made)

    async def _once(self, target: Path, make: Callable[[], Awaitable[ModelFacts]]) -> ModelFacts:
        """Make a file unless an attempt before did; a target that is there is whole, by the port's word."""
        if await asyncio.to_thread(target.is_file):
            return await self._converter.inspect(str(target))
        return await make()


def encoder_facts(folder: Path) -> Facts:
    """Return what an encoder's `config.json` says; nothing for a folder without one."""
    file = folder / "config.json"
    config = read_config(file) if file.is_file() else FolderConfig()
    return Facts(
        task="embedding",
        format="onnx",
        architecture=config.model_type[:TYPE_CAP],
        context_length=config.max_position_embeddings,
        embedding_length=config.hidden_size,
    )


def _exported(folder: Path) -> ConvertedModel:
    return ConvertedModel(files=_named(sorted(folder.iterdir())), facts=encoder_facts(folder))


def _named(files: Iterable[Path]) -> tuple[tuple[str, Path], ...]:
    return tuple((file.name, file) for file in files)


def _facts(found: ModelFacts) -> Facts:
    return Facts(
        task=task_of(found.architecture),
        format="gguf",
        architecture=found.architecture,
        parameters=found.parameters,
        context_length=found.context_length,
        quantization=found.quantization,
        chat_template=found.chat_template,
        embedding_length=found.embedding_length,
    )


def _share(run: JobRun, start: float, end: float, note: str) -> Callable[[float], None]:
    """Return what turns the progress of a part into that of the whole."""

    def tell(share: float) -> None:
        run.progress(start + share * (end - start), note)

    tell(0.0)
    return tell
