"""One training from its recipe to the published version, in a folder that is gone afterwards."""

from tulou.chassis.artifact_files import store_file
from tulou.chassis.job_folders import JobFolders
from tulou.chassis.jobs import JobRun
from tulou.contracts.registry.api import Registry
from tulou.contracts.registry.messages import Facts, PublishVersion, Version
from tulou.contracts.training.messages import Run
from tulou.kernel.message import message
from tulou.ports.blobs import Blobs
from tulou.ports.converter import ModelFacts
from tulou.services.training.builder import BuiltModel, ModelBuilder, Tell
from tulou.services.training.domain.recipes import SizedRecipe


@message
class PublishedModel:
    """What was published, and how it was made."""

    version: Version
    cooked: BuiltModel


class ModelPublisher:
    """Cooks, stores and publishes; the registry signs, as it does for every other version."""

    def __init__(self, kitchen: ModelBuilder, folders: JobFolders, *, blobs: Blobs, registry: Registry) -> None:
        self._kitchen = kitchen
        self._folders = folders
        self._blobs = blobs
        self._registry = registry

    async def make(self, run: Run, dish: SizedRecipe, attempt: JobRun, tell: Tell) -> PublishedModel:
        """Return the published version; nothing is published unless all of it succeeded."""
        async with self._folders.folder(attempt.job.id) as folder:
            cooked = await self._kitchen.cook(dish, folder, attempt, tell)
            attempt.progress(0.95, "publishing")
            files = [await store_file(path, name, self._blobs, attempt) for name, path in cooked.files]
            request = PublishVersion(
                model=run.model,
                facts=_facts(cooked.facts),
                files=tuple(files),
                description=dish.sheet.summary,
                card=cooked.card,
                lineage=_lineage(run, dish, cooked),
            )
            return PublishedModel(version=await self._registry.publish(request), cooked=cooked)


def _facts(found: ModelFacts) -> Facts:
    return Facts(
        task="chat",
        format="gguf",
        architecture=found.architecture,
        parameters=found.parameters,
        context_length=found.context_length,
        quantization=found.quantization,
        chat_template=found.chat_template,
        embedding_length=found.embedding_length,
    )


def _lineage(run: Run, dish: SizedRecipe, cooked: BuiltModel) -> dict[str, str]:
    return {
        "run": run.id,
        "recipe": run.recipe,
        "profile": run.profile,
        "seed": str(cooked.trained.seed),
        "data": f"sha256:{cooked.trained.data_digest}",
        "license": dish.sheet.license,
    }
