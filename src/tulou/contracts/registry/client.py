"""Registry, reached over a transport."""

from dataclasses import dataclass

from tulou.contracts.registry.api import (
    DELETE,
    IMPORT,
    MODEL,
    MODELS,
    PUBLISH,
    REMOVE_ALIAS,
    RESOLVE,
    SET_ALIAS,
    SIGNING_KEY,
    VERIFY,
    VERSIONS,
)
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
from tulou.contracts.transport import Transport
from tulou.kernel.message import Done


@dataclass(frozen=True, slots=True)
class RegistryClient:
    """The contract's Protocol, each method one call over the transport."""

    transport: Transport

    async def publish(self, request: PublishVersion) -> Version:
        """Make a version of files in the blob store and sign it; raise `InvalidError` for a file that is not there."""
        return await self.transport.call(PUBLISH, request)

    async def import_model(self, request: ImportModel) -> ImportStarted:
        """Enqueue an import; raise `InvalidError` at once for a path that is no model."""
        return await self.transport.call(IMPORT, request)

    async def resolve(self, request: NameVersion) -> Version:
        """Return the version behind a number or alias; raise `NotFoundError` for an unknown name."""
        return await self.transport.call(RESOLVE, request)

    async def model(self, request: NameModel) -> Model:
        """Return a model; raise `NotFoundError` for an unknown name."""
        return await self.transport.call(MODEL, request)

    async def models(self, request: ListModels) -> ModelPage:
        """Return a page of models."""
        return await self.transport.call(MODELS, request)

    async def versions(self, request: ListVersions) -> VersionPage:
        """Return a page of a model's versions."""
        return await self.transport.call(VERSIONS, request)

    async def set_alias(self, request: SetAlias) -> Model:
        """Move an alias; raise `NotFoundError` for an unknown version."""
        return await self.transport.call(SET_ALIAS, request)

    async def remove_alias(self, request: RemoveAlias) -> Done:
        """Take an alias away; raise `NotFoundError` where there is none."""
        return await self.transport.call(REMOVE_ALIAS, request)

    async def verify(self, request: NameVersion) -> Verification:
        """Read every file again and check digests and signature."""
        return await self.transport.call(VERIFY, request)

    async def delete_version(self, request: NameVersion) -> Done:
        """Remove a version and files no other version holds; raise `ConflictError` while an alias names it."""
        return await self.transport.call(DELETE, request)

    async def signing_key(self, request: GetSigningKey) -> SigningKey:
        """Return the public key that the house's signatures are checked with."""
        return await self.transport.call(SIGNING_KEY, request)
