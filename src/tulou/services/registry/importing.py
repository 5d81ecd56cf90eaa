"""An import: from a path on the control machine to a publication whose files lie in the blob store."""

import asyncio

from tulou.chassis.artifact_files import store_file
from tulou.chassis.job_folders import JobFolders
from tulou.chassis.jobs import JobRun
from tulou.contracts.registry.messages import ArtifactFile, ImportModel, PublishVersion
from tulou.kernel.errors import InvalidError
from tulou.ports.blobs import Blobs
from tulou.ports.converter import Converter
from tulou.ports.exporter import Exporter
from tulou.services.registry.architectures import Architectures
from tulou.services.registry.cards import read_card, write_card
from tulou.services.registry.conversion import ConvertedModel, ModelConversion
from tulou.services.registry.domain import DESCRIPTION_CAP, UNQUANTIZED, check_alias
from tulou.services.registry.settings import RegistrySettings
from tulou.services.registry.sources import ModelSource, recognise

_WORK_PER_BYTE = {"gguf": 1, "language model": 2, "encoder": 2, "onnx": 0}
"""How much disk a conversion may need, for each byte it reads."""

NOTHING_READS = (
    "this installation imports no models; `pip install 'tulou[convert]'` where the control plane runs, "
    "and start it again"
)


class Importer:
    """Makes publications of what lies at paths."""

    def __init__(
        self,
        blobs: Blobs,
        *,
        converter: Converter,
        exporter: Exporter,
        folders: JobFolders,
        settings: RegistrySettings,
    ) -> None:
        self._blobs = blobs
        self._quantizations = (*converter.quantizations, UNQUANTIZED)
        self._known = Architectures(
            language_models=converter.architectures,
            encoders=exporter.architectures,
            encoder_types=exporter.model_types,
        )
        self._conversion = ModelConversion(converter, exporter)
        self._folders = folders
        self._settings = settings

    async def check(self, request: ImportModel) -> ModelSource:
        """Raise `InvalidError` at once for what cannot be imported here."""
        if not self._known.language_models:
            raise InvalidError(NOTHING_READS)
        if request.quantization and request.quantization not in self._quantizations:
            known = ", ".join(self._quantizations)
            raise InvalidError(
                f"no quantization {request.quantization[:80]!r}; there are {known}", param="quantization"
            )
        if len(request.description) > DESCRIPTION_CAP:
            raise InvalidError(f"description is longer than {DESCRIPTION_CAP} characters", param="description")
        for alias in request.aliases:
            check_alias(alias)
        source = await asyncio.to_thread(recognise, request.path, self._known, self._settings.import_roots)
        if request.quantization and source.kind in ("encoder", "onnx"):
            raise InvalidError("text encoders are kept in full precision; leave quantization out", param="quantization")
        return source

    async def prepare(self, request: ImportModel, run: JobRun) -> PublishVersion:
        """Convert what must be, and store all files; raise `UnavailableError` when the disk is full."""
        source = await self.check(request)
        needs = source.size * _WORK_PER_BYTE[source.kind] if self._converts(source, request) else 0
        async with self._folders.folder(run.job.id, needs=needs) as folder:
            made = await self._conversion.make(source, self._quantization(source, request), folder, run)
            files = await self._stored(made, run)
            card = await asyncio.to_thread(read_card, source.card) if source.card else ""
        return PublishVersion(
            model=request.model,
            facts=made.facts,
            files=files,
            description=request.description,
            card=card or write_card(request.model, made.facts, source.path.name),
            lineage={"imported_from": source.path.name, "kind": source.kind, "job": run.job.id},
            aliases=request.aliases,
        )

    def _converts(self, source: ModelSource, request: ImportModel) -> bool:
        return source.kind != "gguf" or bool(request.quantization)

    def _quantization(self, source: ModelSource, request: ImportModel) -> str:
        default = self._settings.quantization if source.kind == "language model" else ""
        return request.quantization or default

    async def _stored(self, made: ConvertedModel, run: JobRun) -> tuple[ArtifactFile, ...]:
        stored: list[ArtifactFile] = []
        for place, (name, path) in enumerate(made.files):
            run.progress(0.7 + 0.3 * place / len(made.files), f"storing {name}")
            stored.append(await store_file(path, name, self._blobs, run))
        return tuple(stored)
