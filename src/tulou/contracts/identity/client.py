"""Identity, reached over a transport."""

from dataclasses import dataclass

from tulou.contracts.identity.api import (
    AUTHENTICATE,
    BEGIN_FEDERATED,
    BEGIN_SECOND_FACTOR,
    CHANGE_PASSWORD,
    CONFIRM_SECOND_FACTOR,
    CREATE_KEY,
    CREATE_SESSION_KEY,
    DELETE_PRINCIPAL,
    DELETE_PROJECT,
    DELETE_TENANT,
    DELETED,
    ENABLE_KEY,
    END_SESSIONS,
    ERASE_PRINCIPAL,
    ERASED,
    FINISH_FEDERATED,
    GRANTS,
    IDENTITY_PROVIDERS,
    KEY,
    KEYS,
    ME,
    PRINCIPAL,
    PRINCIPALS,
    PROJECT,
    PROJECTS,
    PUT_PRINCIPAL,
    PUT_PROJECT,
    PUT_TENANT,
    REMOVE_SECOND_FACTOR,
    REVOKE_KEY,
    SESSIONS,
    SIGN_IN,
    SIGN_OUT,
    TENANT,
    TENANTS,
    VALIDATE_IDENTITY,
)
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
from tulou.contracts.transport import Transport
from tulou.kernel.message import Done, Rejections


@dataclass(frozen=True, slots=True)
class IdentityClient:
    """The contract's Protocol, each method one call over the transport."""

    transport: Transport

    async def create_key(self, request: CreateKey) -> CreatedKey:
        """Make a key; its secret is in the reply and nowhere else."""
        return await self.transport.call(CREATE_KEY, request)

    async def key(self, request: NameKey) -> Key:
        """Return a key; raise `NotFoundError` for an unknown id."""
        return await self.transport.call(KEY, request)

    async def keys(self, request: ListKeys) -> KeyPage:
        """Return a page of keys."""
        return await self.transport.call(KEYS, request)

    async def revoke_key(self, request: NameKey) -> Key:
        """End a key for ever; ending it twice is no error."""
        return await self.transport.call(REVOKE_KEY, request)

    async def authenticate(self, request: Authenticate) -> Identified:
        """Return who a key or a session proves to be.

        Raise `UnauthenticatedError` if it is unknown, expired or revoked, `ForbiddenError` if its owner is suspended.
        """
        return await self.transport.call(AUTHENTICATE, request)

    async def grants(self, request: ListGrants) -> GrantList:
        """Return a page of valid keys for the data plane; `next` begins the page after."""
        return await self.transport.call(GRANTS, request)

    async def create_session_key(self, request: CreateSessionKey) -> CreatedKey:
        """Make the key of the session that asks; raise `ForbiddenError` for a caller without one."""
        return await self.transport.call(CREATE_SESSION_KEY, request)

    async def me(self, request: GetMe) -> Me:
        """Return who asks and what they may; raise `UnauthenticatedError` where nobody does."""
        return await self.transport.call(ME, request)

    async def tenant(self, request: NameTenant) -> Tenant:
        """Return a tenant; raise `NotFoundError` for an unknown one."""
        return await self.transport.call(TENANT, request)

    async def tenants(self, request: ListTenants) -> TenantList:
        """Return the tenants that the caller may see."""
        return await self.transport.call(TENANTS, request)

    async def put_tenant(self, request: Tenant) -> Tenant:
        """Make or change a tenant; a new one gets the project `default`."""
        return await self.transport.call(PUT_TENANT, request)

    async def delete_tenant(self, request: NameTenant) -> Done:
        """Remove a tenant; raise `ConflictError` while it has valid keys or principals."""
        return await self.transport.call(DELETE_TENANT, request)

    async def project(self, request: NameProject) -> Project:
        """Return a project; raise `NotFoundError` for an unknown one."""
        return await self.transport.call(PROJECT, request)

    async def projects(self, request: ListProjects) -> ProjectList:
        """Return projects."""
        return await self.transport.call(PROJECTS, request)

    async def put_project(self, request: Project) -> Project:
        """Make or change a project; raise `NotFoundError` for an unknown tenant."""
        return await self.transport.call(PUT_PROJECT, request)

    async def delete_project(self, request: NameProject) -> Done:
        """Remove a project; raise `ConflictError` while it has valid keys."""
        return await self.transport.call(DELETE_PROJECT, request)

    async def principals(self, request: ListPrincipals) -> PrincipalPage:
        """Return a page of principals."""
        return await self.transport.call(PRINCIPALS, request)

    async def principal(self, request: NamePrincipal) -> Principal:
        """Return a principal; raise `NotFoundError` for an unknown one."""
        return await self.transport.call(PRINCIPAL, request)

    async def put_principal(self, request: PutPrincipal) -> Principal:
        """Make or change a principal."""
        return await self.transport.call(PUT_PRINCIPAL, request)

    async def delete_principal(self, request: NamePrincipal) -> Done:
        """Remove a principal, with its sessions and keys."""
        return await self.transport.call(DELETE_PRINCIPAL, request)

    async def sign_in(self, request: SignIn) -> SignedIn:
        """Open a session; raise `UnauthenticatedError` for a wrong word of any kind, `LimitedError` after too many."""
        return await self.transport.call(SIGN_IN, request)

    async def sign_out(self, request: NameSession) -> Done:
        """End a session; ending it twice is no error."""
        return await self.transport.call(SIGN_OUT, request)

    async def end_sessions(self, request: EndSessions) -> Done:
        """Sign a principal out everywhere."""
        return await self.transport.call(END_SESSIONS, request)

    async def change_password(self, request: ChangePassword) -> Done:
        """Change the caller's own password; raise `InvalidError` if the old one is wrong."""
        return await self.transport.call(CHANGE_PASSWORD, request)

    async def sessions(self, request: ListSessions) -> SessionList:
        """Return the sessions of a principal."""
        return await self.transport.call(SESSIONS, request)

    async def begin_second_factor(self, request: BeginSecondFactor) -> SecondFactor:
        """Make the secret of an authenticator."""
        return await self.transport.call(BEGIN_SECOND_FACTOR, request)

    async def confirm_second_factor(self, request: ConfirmSecondFactor) -> RecoveryCodes:
        """Ask for the second factor from now on."""
        return await self.transport.call(CONFIRM_SECOND_FACTOR, request)

    async def remove_second_factor(self, request: RemoveSecondFactor) -> Done:
        """Ask for no second factor any more."""
        return await self.transport.call(REMOVE_SECOND_FACTOR, request)

    async def identity_providers(self, request: ListIdentityProviders) -> IdentityProviders:
        """Return the ways to sign in."""
        return await self.transport.call(IDENTITY_PROVIDERS, request)

    async def begin_federated(self, request: BeginFederated) -> Federated:
        """Begin an authorization code flow with PKCE."""
        return await self.transport.call(BEGIN_FEDERATED, request)

    async def finish_federated(self, request: FinishFederated) -> FinishedFederated:
        """End it: check what came back, and open a session."""
        return await self.transport.call(FINISH_FEDERATED, request)

    async def enable_key(self, request: NameKey) -> Key:
        """Let a disabled key in again; raise `ConflictError` for one that was revoked."""
        return await self.transport.call(ENABLE_KEY, request)

    async def deleted(self, request: ListDeleted) -> DeletedPrincipals:
        """Return principals that were deleted and may come back."""
        return await self.transport.call(DELETED, request)

    async def erase_principal(self, request: NamePrincipal) -> Done:
        """Remove a principal, deleted or not, for ever: what is known of them goes, and nothing brings it back."""
        return await self.transport.call(ERASE_PRINCIPAL, request)

    async def erased(self, request: ListErased) -> ErasedPrincipals:
        """Return which of some principals were erased."""
        return await self.transport.call(ERASED, request)

    async def validate_identity(self, request: ValidateIdentity) -> Rejections:
        """Say which tenants, projects and principals would be refused for what they say themselves, and why."""
        return await self.transport.call(VALIDATE_IDENTITY, request)
