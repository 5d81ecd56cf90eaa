"""The identity service as its contract has it: each operation is one use case's."""

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
from tulou.services.identity.service.authentication import Authentication
from tulou.services.identity.service.context import UseCaseContext
from tulou.services.identity.service.grants import grants
from tulou.services.identity.service.keys import ApiKeys
from tulou.services.identity.service.tenants import Tenants
from tulou.services.identity.service.use_cases import SignInNeeds, UseCases
from tulou.services.identity.service.validating import validated


class IdentityService:
    """Tenants, people, keys and sessions, kept in the database; implements `contracts.identity.Identity`.

    Nothing is cached here: every answer is the database's of this moment, so what was revoked is refused at once.
    """

    def __init__(self, room: UseCaseContext, outside: SignInNeeds) -> None:
        self._room = room
        self._parts = UseCases.of(room, outside)
        self._keys = ApiKeys(room)
        self._proving = Authentication(room)
        self._tenants = Tenants(room)

    async def sweep(self) -> int:
        """Remove sessions whose time is over, and for ever what was deleted long ago; return how many."""
        return await self._parts.sessions.sweep() + await self._parts.people.deletions.sweep()

    async def create_key(self, request: CreateKey) -> CreatedKey:
        """Make a key; its secret is in the reply and nowhere else."""
        return await self._keys.create(request)

    async def create_session_key(self, request: CreateSessionKey) -> CreatedKey:  # noqa: ARG002 - the contract's shape
        """Make the key of the session that asks; raise `ForbiddenError` for a caller without one."""
        return await self._keys.create_for_session()

    async def key(self, request: NameKey) -> Key:
        """Return a key; raise `NotFoundError` for an unknown id."""
        return await self._keys.key(request)

    async def keys(self, request: ListKeys) -> KeyPage:
        """Return a page of keys; those that were revoked only when asked for."""
        return await self._keys.keys(request)

    async def revoke_key(self, request: NameKey) -> Key:
        """End a key for ever; ending it twice is no error."""
        return await self._keys.revoke(request)

    async def enable_key(self, request: NameKey) -> Key:
        """Let a disabled key in again; raise `ConflictError` for one that was revoked."""
        return await self._keys.enable(request)

    async def authenticate(self, request: Authenticate) -> Identified:
        """Return who a key or a session proves to be."""
        return await self._proving.authenticate(request)

    async def me(self, request: GetMe) -> Me:  # noqa: ARG002 - the contract's shape
        """Return who asks and what they may; raise `UnauthenticatedError` where nobody does."""
        return await self._proving.me()

    async def grants(self, request: ListGrants) -> GrantList:
        """Return a page of valid keys for the data plane."""
        return await grants(self._room, request)

    async def tenant(self, request: NameTenant) -> Tenant:
        """Return a tenant; raise `NotFoundError` for an unknown one."""
        return await self._tenants.tenant(request)

    async def tenants(self, request: ListTenants) -> TenantList:  # noqa: ARG002 - the contract's shape
        """Return the tenants that the caller may see."""
        return await self._tenants.tenants()

    async def put_tenant(self, request: Tenant) -> Tenant:
        """Make or change a tenant; a new one gets the project `default`."""
        return await self._tenants.put_tenant(request)

    async def validate_identity(self, request: ValidateIdentity) -> Rejections:
        """Say which tenants, projects and principals would be refused for what they say themselves, and why."""
        return validated(request)

    async def delete_tenant(self, request: NameTenant) -> Done:
        """Remove a tenant; raise `ConflictError` while it has valid keys or principals."""
        return await self._tenants.delete_tenant(request)

    async def project(self, request: NameProject) -> Project:
        """Return a project; raise `NotFoundError` for an unknown one."""
        return await self._tenants.project(request)

    async def projects(self, request: ListProjects) -> ProjectList:
        """Return projects."""
        return await self._tenants.projects(request)

    async def put_project(self, request: Project) -> Project:
        """Make or change a project; raise `NotFoundError` for an unknown tenant."""
        return await self._tenants.put_project(request)

    async def delete_project(self, request: NameProject) -> Done:
        """Remove a project; raise `ConflictError` while it has valid keys."""
        return await self._tenants.delete_project(request)

    async def principals(self, request: ListPrincipals) -> PrincipalPage:
        """Return a page of principals."""
        return await self._parts.people.principals(request)

    async def principal(self, request: NamePrincipal) -> Principal:
        """Return a principal; raise `NotFoundError` for an unknown one."""
        return await self._parts.people.principal(request)

    async def put_principal(self, request: PutPrincipal) -> Principal:
        """Make or change a principal."""
        return await self._parts.people.put(request)

    async def delete_principal(self, request: NamePrincipal) -> Done:
        """Remove a principal, with its sessions and keys."""
        return await self._parts.people.delete(request)

    async def sign_in(self, request: SignIn) -> SignedIn:
        """Open a session; raise `UnauthenticatedError` for a wrong word of any kind, `LimitedError` after too many."""
        return await self._parts.signing_in.sign_in(request)

    async def sign_out(self, request: NameSession) -> Done:
        """End a session; ending it twice is no error."""
        return await self._parts.sessions.sign_out(request)

    async def sessions(self, request: ListSessions) -> SessionList:
        """Return the sessions of a principal."""
        return await self._parts.sessions.sessions(request)

    async def end_sessions(self, request: EndSessions) -> Done:
        """Sign a principal out everywhere."""
        return await self._parts.sessions.end_all(request)

    async def change_password(self, request: ChangePassword) -> Done:
        """Change the caller's own password; raise `InvalidError` if the old one is wrong."""
        return await self._parts.signing_in.change_password(request)

    async def begin_second_factor(self, request: BeginSecondFactor) -> SecondFactor:
        """Make the secret of an authenticator."""
        return await self._parts.factors.begin(request)

    async def confirm_second_factor(self, request: ConfirmSecondFactor) -> RecoveryCodes:
        """Ask for the second factor from now on."""
        return await self._parts.factors.confirm(request)

    async def remove_second_factor(self, request: RemoveSecondFactor) -> Done:
        """Ask for no second factor any more."""
        return await self._parts.factors.remove(request)

    async def identity_providers(self, request: ListIdentityProviders) -> IdentityProviders:  # noqa: ARG002 - the contract's shape
        """Return the ways to sign in."""
        return self._parts.federation.providers.listed()

    async def begin_federated(self, request: BeginFederated) -> Federated:
        """Begin an authorization code flow with PKCE."""
        return await self._parts.federation.begin(request)

    async def finish_federated(self, request: FinishFederated) -> FinishedFederated:
        """End it: check what came back, and open a session."""
        return await self._parts.federation.finish(request)

    async def deleted(self, request: ListDeleted) -> DeletedPrincipals:
        """Return principals that were deleted and may come back."""
        return await self._parts.people.deletions.listed(request)

    async def erase_principal(self, request: NamePrincipal) -> Done:
        """Remove a principal, deleted or not, for ever: what is known of them goes, and nothing brings it back."""
        return await self._parts.people.erase(request)

    async def erased(self, request: ListErased) -> ErasedPrincipals:
        """Return which of some principals were erased."""
        return await self._parts.people.deletions.erased(request)
