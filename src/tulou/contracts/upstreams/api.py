"""Upstreams: accounts at vendors, with their credentials sealed."""

from typing import Protocol

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


class Upstreams(Protocol):
    """Vendors, accounts and credentials."""

    async def providers(self, request: ListProviders) -> ProviderList:
        """Return the vendors that are known, as data."""
        ...

    async def upstreams(self, request: ListUpstreams) -> UpstreamList:
        """Return all upstreams; no secret is in the reply."""
        ...

    async def upstream(self, request: NameUpstream) -> Upstream:
        """Return one; raise `NotFoundError` for an unknown name."""
        ...

    async def put_upstream(self, request: UpstreamSpec) -> Upstream:
        """Make or replace an upstream; its credentials stay."""
        ...

    async def delete_upstream(self, request: NameUpstream) -> Done:
        """Remove an upstream and its credentials."""
        ...

    async def add_credential(self, request: AddCredential) -> Credential:
        """Seal and keep a credential, or replace the one of that name."""
        ...

    async def revive_credential(self, request: NameCredential) -> Credential:
        """Use a retired credential again."""
        ...

    async def delete_credential(self, request: NameCredential) -> Done:
        """Forget a credential."""
        ...

    async def report_credential(self, request: ReportCredential) -> Done:
        """Retire a credential that the probe found refused, suspect one that a request did; let a limited one rest."""
        ...

    async def open(self, request: OpenUpstream) -> OpenedUpstream:
        """Return address and opened credentials, for serving alone; never offered over REST."""
        ...

    async def deleted_credentials(self, request: ListDeletedCredentials) -> DeletedCredentials:
        """Return sealed credentials that were deleted and may come back."""
        ...

    async def restore_credentials(self, request: RestoreCredentials) -> DeletedCredentials:
        """Bring deleted credentials back, in the state that they had; return those that came."""
        ...

    async def validate_upstreams(self, request: ValidateUpstreams) -> Rejections:
        """Say which accounts and credentials would be refused, and why."""
        ...
