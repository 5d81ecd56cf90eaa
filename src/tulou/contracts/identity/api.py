"""Identity: who is behind a key, and what it may do."""

from typing import Protocol

from tulou.contracts.identity.deletions import DeletedPrincipals, ErasedPrincipals, ListDeleted, ListErased
from tulou.contracts.identity.messages import (
    Authenticate,
    BeginFederated,
    BeginSecondFactor,
    ChangePassword,
    ConfirmSecondFactor,
    CreatedKey,
    CreateKey,
    CreateSessionKey,
    EndSessions,
    Federated,
    FinishedFederated,
    FinishFederated,
    GetMe,
    GrantList,
    Identified,
    IdentityProviders,
    Key,
    KeyPage,
    ListGrants,
    ListIdentityProviders,
    ListKeys,
    ListPrincipals,
    ListProjects,
    ListSessions,
    ListTenants,
    Me,
    NameKey,
    NamePrincipal,
    NameProject,
    NameSession,
    NameTenant,
    Principal,
    PrincipalPage,
    Project,
    ProjectList,
    PutPrincipal,
    RecoveryCodes,
    RemoveSecondFactor,
    SecondFactor,
    SessionList,
    SignedIn,
    SignIn,
    Tenant,
    TenantList,
)
from tulou.contracts.identity.validation import ValidateIdentity
from tulou.kernel.message import Done, Rejections


class Identity(Protocol):
    """Keys and those they stand for."""

    async def create_key(self, request: CreateKey) -> CreatedKey:
        """Make a key; its secret is in the reply and nowhere else."""
        ...

    async def key(self, request: NameKey) -> Key:
        """Return a key; raise `NotFoundError` for an unknown id."""
        ...

    async def keys(self, request: ListKeys) -> KeyPage:
        """Return a page of keys."""
        ...

    async def revoke_key(self, request: NameKey) -> Key:
        """End a key for ever; ending it twice is no error."""
        ...

    async def authenticate(self, request: Authenticate) -> Identified:
        """Return who a key or a session proves to be.

        Raise `UnauthenticatedError` if it is unknown, expired or revoked, `ForbiddenError` if its owner is suspended.
        """
        ...

    async def grants(self, request: ListGrants) -> GrantList:
        """Return a page of valid keys for the data plane; `next` begins the page after."""
        ...

    async def create_session_key(self, request: CreateSessionKey) -> CreatedKey:
        """Make the key of the session that asks; raise `ForbiddenError` for a caller without one."""
        ...

    async def me(self, request: GetMe) -> Me:
        """Return who asks and what they may; raise `UnauthenticatedError` where nobody does."""
        ...

    async def tenant(self, request: NameTenant) -> Tenant:
        """Return a tenant; raise `NotFoundError` for an unknown one."""
        ...

    async def tenants(self, request: ListTenants) -> TenantList:
        """Return the tenants that the caller may see."""
        ...

    async def put_tenant(self, request: Tenant) -> Tenant:
        """Make or change a tenant; a new one gets the project `default`."""
        ...

    async def delete_tenant(self, request: NameTenant) -> Done:
        """Remove a tenant; raise `ConflictError` while it has valid keys or principals. Its records stay."""
        ...

    async def project(self, request: NameProject) -> Project:
        """Return a project; raise `NotFoundError` for an unknown one."""
        ...

    async def projects(self, request: ListProjects) -> ProjectList:
        """Return projects."""
        ...

    async def put_project(self, request: Project) -> Project:
        """Make or change a project; raise `NotFoundError` for an unknown tenant."""
        ...

    async def delete_project(self, request: NameProject) -> Done:
        """Remove a project; raise `ConflictError` while it has valid keys."""
        ...

    async def principals(self, request: ListPrincipals) -> PrincipalPage:
        """Return a page of principals."""
        ...

    async def principal(self, request: NamePrincipal) -> Principal:
        """Return a principal; raise `NotFoundError` for an unknown one."""
        ...

    async def put_principal(self, request: PutPrincipal) -> Principal:
        """Make or change a principal."""
        ...

    async def delete_principal(self, request: NamePrincipal) -> Done:
        """Remove a principal, with its sessions and keys."""
        ...

    async def sign_in(self, request: SignIn) -> SignedIn:
        """Open a session; raise `UnauthenticatedError` for a wrong word of any kind, `LimitedError` after too many."""
        ...

    async def sign_out(self, request: NameSession) -> Done:
        """End a session; ending it twice is no error."""
        ...

    async def end_sessions(self, request: EndSessions) -> Done:
        """Sign a principal out everywhere."""
        ...

    async def change_password(self, request: ChangePassword) -> Done:
        """Change the caller's own password; raise `InvalidError` if the old one is wrong."""
        ...

    async def sessions(self, request: ListSessions) -> SessionList:
        """Return the sessions of a principal."""
        ...

    async def begin_second_factor(self, request: BeginSecondFactor) -> SecondFactor:
        """Make the secret of an authenticator."""
        ...

    async def confirm_second_factor(self, request: ConfirmSecondFactor) -> RecoveryCodes:
        """Ask for the second factor from now on."""
        ...

    async def remove_second_factor(self, request: RemoveSecondFactor) -> Done:
        """Ask for no second factor any more."""
        ...

    async def identity_providers(self, request: ListIdentityProviders) -> IdentityProviders:
        """Return the ways to sign in."""
        ...

    async def begin_federated(self, request: BeginFederated) -> Federated:
        """Begin an authorization code flow with PKCE."""
        ...

    async def finish_federated(self, request: FinishFederated) -> FinishedFederated:
        """End it: check what came back, and open a session."""
        ...

    async def enable_key(self, request: NameKey) -> Key:
        """Let a disabled key in again; raise `ConflictError` for one that was revoked."""
        ...

    async def deleted(self, request: ListDeleted) -> DeletedPrincipals:
        """Return principals that were deleted and may come back."""
        ...

    async def erase_principal(self, request: NamePrincipal) -> Done:
        """Remove a principal, deleted or not, for ever: what is known of them goes, and nothing brings it back."""
        ...

    async def erased(self, request: ListErased) -> ErasedPrincipals:
        """Return which of some principals were erased."""
        ...

    async def validate_identity(self, request: ValidateIdentity) -> Rejections:
        """Say which tenants, projects and principals would be refused for what they say themselves, and why."""
        ...
