"""The registry: which version a model name means, where its files are, and whether they are what was signed."""

from typing import Protocol

from tulou.contracts.registry.messages import (
    GetSigningKey,
    ImportModel,
    ImportStarted,
    ListModels,
    ListVersions,
    Model,
    ModelPage,
    NameModel,
    NameVersion,
    PublishVersion,
    RemoveAlias,
    SetAlias,
    SigningKey,
    Verification,
    Version,
    VersionPage,
)
from tulou.kernel.message import Done


class Registry(Protocol):
    """Names, versions, files and signatures of models."""

    async def publish(self, request: PublishVersion) -> Version:
        """Make a version of files in the blob store and sign it; raise `InvalidError` for a file that is not there."""
        ...

    async def import_model(self, request: ImportModel) -> ImportStarted:
        """Enqueue an import; raise `InvalidError` at once for a path that is no model."""
        ...

    async def resolve(self, request: NameVersion) -> Version:
        """Return the version behind a number or alias; raise `NotFoundError` for an unknown name."""
        ...

    async def model(self, request: NameModel) -> Model:
        """Return a model; raise `NotFoundError` for an unknown name."""
        ...

    async def models(self, request: ListModels) -> ModelPage:
        """Return a page of models."""
        ...

    async def versions(self, request: ListVersions) -> VersionPage:
        """Return a page of a model's versions."""
        ...

    async def set_alias(self, request: SetAlias) -> Model:
        """Move an alias; raise `NotFoundError` for an unknown version."""
        ...

    async def remove_alias(self, request: RemoveAlias) -> Done:
        """Take an alias away; raise `NotFoundError` where there is none."""
        ...

    async def verify(self, request: NameVersion) -> Verification:
        """Read every file again and check digests and signature."""
        ...

    async def delete_version(self, request: NameVersion) -> Done:
        """Remove a version and files no other version holds; raise `ConflictError` while an alias names it."""
        ...

    async def signing_key(self, request: GetSigningKey) -> SigningKey:
        """Return the public key that the house's signatures are checked with."""
        ...
