"""What the registry promises, however it is reached."""

from collections.abc import AsyncGenerator, AsyncIterator
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest

from tests.contracts.bindings import Binding, opened
from tulou.contracts.jobs.api import Jobs
from tulou.contracts.registry.api import Registry
from tulou.contracts.registry.messages import (
    ArtifactFile,
    Facts,
    GetSigningKey,
    ImportModel,
    ListModels,
    ListVersions,
    NameModel,
    NameVersion,
    PublishVersion,
    RemoveAlias,
    SetAlias,
)
from tulou.kernel.errors import ConflictError, InvalidError, NotFoundError
from tulou.ports.converter import Converter
from tulou.ports.exporter import Exporter
from tulou.services.jobs.component import COMPONENT as JOBS
from tulou.services.jobs.settings import JobsSettings
from tulou.services.registry.component import COMPONENT
from tulou.services.registry.settings import RegistrySettings
from tulou.services.registry.tests.fakes import CopyingConverter, CopyingExporter
from tulou.testing.house import SmallHouse


@pytest.fixture
async def registry(house: SmallHouse, binding: Binding) -> AsyncGenerator[Registry]:
    async with opened(JOBS, house, "direct", {JobsSettings: JobsSettings()}) as jobs:
        things = {
            Jobs: jobs,
            Converter: CopyingConverter(),
            Exporter: CopyingExporter(),
            RegistrySettings: RegistrySettings(),
        }
        async with opened(COMPONENT, house, binding, things) as reached:
            yield reached


async def publication(house: SmallHouse, content: bytes) -> PublishVersion:
    async def chunks() -> AsyncIterator[bytes]:
        yield content

    digest = sha256(content).hexdigest()
    await house.blobs.put(f"models/sha256/{digest}", chunks())
    file = ArtifactFile(name="model.gguf", digest=f"sha256:{digest}", size=len(content), blob=f"models/sha256/{digest}")
    facts = Facts(task="chat", format="gguf", parameters=7)
    return PublishVersion(
        model="demo", facts=facts, files=(file,), card="# Demo", lineage={"run": "run_1"}, aliases=("stable",)
    )


async def test_a_version_is_published_named_verified_and_removed(registry: Registry, house: SmallHouse) -> None:
    first = await registry.publish(await publication(house, b"one"))
    second = await registry.publish(await publication(house, b"two"))
    assert (first.number, second.number, second.facts.parameters) == (1, 2, 7)
    assert await registry.resolve(NameVersion(model="demo")) == second
    assert second.signature
    assert second.signature.key_id == (await registry.signing_key(GetSigningKey())).key_id
    model = await registry.set_alias(SetAlias(model="demo", alias="canary", version=1))
    assert dict(model.aliases) == {"canary": 1, "stable": 2}
    assert (await registry.verify(NameVersion(model="demo", reference="canary"))).valid
    await registry.remove_alias(RemoveAlias(model="demo", alias="canary"))
    await registry.delete_version(NameVersion(model="demo", reference="1"))
    assert (await registry.versions(ListVersions(model="demo"))).items == (second,)
    assert (await registry.models(ListModels())).items == (await registry.model(NameModel(model="demo")),)


async def test_an_unknown_model_is_not_found_however_it_is_reached(registry: Registry) -> None:
    with pytest.raises(NotFoundError, match="no model named 'ghost'") as refused:
        await registry.resolve(NameVersion(model="ghost"))
    assert refused.value.param == "model"


async def test_errors_keep_their_class_words_and_field(registry: Registry, house: SmallHouse) -> None:
    request = await publication(house, b"one")
    await registry.publish(request)
    with pytest.raises(ConflictError, match="demo 1 is named by stable; move that first"):
        await registry.delete_version(NameVersion(model="demo", reference="1"))
    with pytest.raises(InvalidError) as refused:
        await registry.publish(replace(request, files=(replace(request.files[0], size=9),)))
    assert refused.value.param == "files[0].blob"


async def test_an_import_is_a_job(registry: Registry, tmp_path: Path) -> None:
    weights = tmp_path / "small.gguf"
    weights.write_bytes(b"GGUF Q8_0 weights")
    request = ImportModel(path=str(weights), model="small")
    started = await registry.import_model(request)
    assert await registry.import_model(request) == started
    with pytest.raises(InvalidError, match="nothing is at"):
        await registry.import_model(replace(request, path="/no/such/file.gguf"))
