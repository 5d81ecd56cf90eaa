"""Upstreams, reached over a transport."""

from dataclasses import dataclass

from tulou.contracts.transport import Transport
from tulou.contracts.upstreams.api import (
    ADD_CREDENTIAL,
    DELETE_CREDENTIAL,
    DELETE_UPSTREAM,
    DELETED_CREDENTIALS,
    OPEN,
    PROVIDERS,
    PUT_UPSTREAM,
    REPORT_CREDENTIAL,
    RESTORE_CREDENTIALS,
    REVIVE_CREDENTIAL,
    UPSTREAM,
    UPSTREAMS,
    VALIDATE_UPSTREAMS,
)
from tulou.contracts.upstreams.messages import (
    AddCredential,
    Credential,
    DeletedCredentials,
    ListDeletedCredentials,
    ListProviders,
    ListUpstreams,
    NameCredential,
    NameUpstream,
    OpenedUpstream,
    OpenUpstream,
    ProviderList,
    ReportCredential,
    RestoreCredentials,
    Upstream,
    UpstreamList,
    UpstreamSpec,
    ValidateUpstreams,
)
from tulou.kernel.message import Done, Rejections


@dataclass(frozen=True, slots=True)
class UpstreamsClient:
    """The contract's Protocol, each method one call over the transport."""

    transport: Transport

    async def providers(self, request: ListProviders) -> ProviderList:
        """Return the vendors that are known, as data."""
        return await self.transport.call(PROVIDERS, request)

    async def upstreams(self, request: ListUpstreams) -> UpstreamList:
        """Return all upstreams; no secret is in the reply."""
        return await self.transport.call(UPSTREAMS, request)

    async def upstream(self, request: NameUpstream) -> Upstream:
        """Return one; raise `NotFoundError` for an unknown name."""
        return await self.transport.call(UPSTREAM, request)

    async def put_upstream(self, request: UpstreamSpec) -> Upstream:
        """Make or replace an upstream; its credentials stay."""
        return await self.transport.call(PUT_UPSTREAM, request)

    async def delete_upstream(self, request: NameUpstream) -> Done:
        """Remove an upstream and its credentials."""
        return await self.transport.call(DELETE_UPSTREAM, request)

    async def add_credential(self, request: AddCredential) -> Credential:
        """Seal and keep a credential, or replace the one of that name."""
        return await self.transport.call(ADD_CREDENTIAL, request)

    async def revive_credential(self, request: NameCredential) -> Credential:
        """Use a retired credential again."""
        return await self.transport.call(REVIVE_CREDENTIAL, request)

    async def delete_credential(self, request: NameCredential) -> Done:
        """Forget a credential."""
        return await self.transport.call(DELETE_CREDENTIAL, request)

    async def report_credential(self, request: ReportCredential) -> Done:
        """Retire a credential that was refused; let one that was limited rest."""
        return await self.transport.call(REPORT_CREDENTIAL, request)

    async def open(self, request: OpenUpstream) -> OpenedUpstream:
        """Return address and opened credentials, for serving alone; never offered over REST."""
        return await self.transport.call(OPEN, request)

    async def deleted_credentials(self, request: ListDeletedCredentials) -> DeletedCredentials:
        """Return sealed credentials that were deleted and may come back."""
        return await self.transport.call(DELETED_CREDENTIALS, request)

    async def restore_credentials(self, request: RestoreCredentials) -> DeletedCredentials:
        """Bring deleted credentials back, in the state that they had; return those that came."""
        return await self.transport.call(RESTORE_CREDENTIALS, request)

    async def validate_upstreams(self, request: ValidateUpstreams) -> Rejections:
        """Say which accounts and credentials would be refused, and why."""
        return await self.transport.call(VALIDATE_UPSTREAMS, request)
