"""Messages of the identity contract."""

from collections.abc import Mapping
from dataclasses import field
from typing import Literal

from tulou.contracts.governance.messages import Attribute, ProjectRoles
from tulou.kernel.message import message

Scope = Literal["inference", "admin"]
PrincipalKind = Literal["user", "service"]


@message
class CreateKey:
    """A key for a principal; `expires_at` in Unix seconds; `models` are names or patterns such as `demo-*`."""

    name: str
    principal: str = "admin"
    tenant: str = "default"
    scopes: tuple[Scope, ...] = ("inference",)
    models: tuple[str, ...] = ("*",)
    expires_at: float | None = None
    project: str = "default"


@message
class Key:
    """A key as it may be shown: `prefix` is the start of the secret, the secret itself is not kept.

    A key made for a `session` ends with it. `disabled` says why it opens nothing; `gone_with` names the deletion that
    revoked it, with which it may come back; limits of `makers`, the keys its principal made it with, bind it, too.
    """

    id: str
    name: str
    prefix: str
    tenant: str
    principal: str
    scopes: tuple[Scope, ...]
    models: tuple[str, ...]
    created_at: float
    expires_at: float | None = None
    revoked_at: float | None = None
    project: str = "default"
    session: str = ""
    disabled: str = ""
    gone_with: str = ""
    makers: tuple[str, ...] = ()


@message
class CreatedKey:
    """The only time the secret is said."""

    key: Key
    secret: str


@message
class NameKey:
    """Which key is meant, by id."""

    id: str


@message
class ListKeys:
    """A page of keys, newest first; `after` is the last id seen."""

    limit: int = 50
    after: str = ""
    revoked: bool = False
    tenant: str = ""
    project: str = ""
    principal: str = ""


@message
class KeyPage:
    """Keys, and the `next` to ask after; None at the end."""

    items: tuple[Key, ...]
    next: str | None = None


@message
class CreateSessionKey:
    """A key for inference that lives an hour and no longer than the session that asks; it replaces the one before."""


@message
class GetMe:
    """Ask who one is to this house."""


@message
class Me:
    """Who asks, by what (a `key` or a `session`, each by its id), and what they may: permissions as roles have them."""

    tenant: str
    principal: str
    project: str
    kind: PrincipalKind
    title: str
    email: str
    key: str
    session: str
    scopes: tuple[Scope, ...]
    roles: tuple[str, ...]
    permissions: tuple[str, ...]
    house: bool
    has_password: bool
    has_second_factor: bool


@message
class ChangePassword:
    """One's own password, proved by the old one; every other session of the principal ends."""

    old: str
    password: str


@message
class Authenticate:
    """The secret that came with a request."""

    secret: str


@message
class Identified:
    """Who a secret proves to be: a key's (then `key` is its id) or a session's (then `session` is).

    `roles` are those at the tenant and at the key's project; of these `tenant_roles` are held at the tenant as a whole.
    A session may act in further `projects`. A key asks the `models` that these names or patterns mean.
    """

    key: str
    tenant: str
    principal: str
    scopes: tuple[Scope, ...]
    session: str = ""
    project: str = "default"
    kind: PrincipalKind = "user"
    roles: tuple[str, ...] = ()
    attributes: Mapping[str, Attribute] = field(default_factory=dict[str, Attribute])
    tenant_roles: tuple[str, ...] = ()
    projects: tuple[ProjectRoles, ...] = ()
    models: tuple[str, ...] = ("*",)


@message
class ListGrants:
    """What is valid now: of some keys, of a principal, of a tenant, or all; a page of it, beyond the one seen last."""

    keys: tuple[str, ...] = ()
    tenant: str = ""
    principal: str = ""
    after: str = ""
    limit: int = 1_000


@message
class KeyGrant:
    """What the data plane needs of a valid key: SHA-256 of the secret in hex, whose it is, what it may."""

    key: str
    digest: str
    tenant: str
    principal: str
    scopes: tuple[Scope, ...]
    models: tuple[str, ...]
    expires_at: float | None
    project: str = "default"
    kind: PrincipalKind = "user"
    roles: tuple[str, ...] = ()
    attributes: Mapping[str, Attribute] = field(default_factory=dict[str, Attribute])
    blocked: str = ""
    disabled: bool = False
    makers: tuple[str, ...] = ()


@message
class GrantList:
    """Keys that are neither revoked nor expired; `next` is the last of them if there may be more."""

    items: tuple[KeyGrant, ...]
    next: str | None = None


@message
class Tenant:
    """An owner of data, apart from all others; `suspended` says why nobody of it may do anything (empty: they may)."""

    name: str
    title: str = ""
    suspended: str = ""
    created_at: float = 0.0


@message
class NameTenant:
    """Which tenant is meant."""

    name: str


@message
class ListTenants:
    """All tenants that the caller may see."""


@message
class TenantList:
    """By name."""

    items: tuple[Tenant, ...]


@message
class Project:
    """A part of a tenant to which keys, files and costs belong; each tenant has `default`."""

    tenant: str
    name: str
    title: str = ""
    created_at: float = 0.0


@message
class NameProject:
    """Which project is meant."""

    tenant: str
    name: str


@message
class ListProjects:
    """The projects of a tenant (empty: of all)."""

    tenant: str = ""


@message
class ProjectList:
    """By tenant and name."""

    items: tuple[Project, ...]


@message
class RoleBinding:
    """A role held at a tenant, or at one of its projects only."""

    role: str
    project: str = ""


@message
class PutPrincipal:
    """A person or a program that acts. `email` is what people sign in with, unique in the house.

    `password` sets one (None leaves it); it is kept as an argon2id hash alone. With `restore`, a Unix time, whoever had
    the name then and was deleted since comes back: with the same subject and the same keys, which are disabled, or with
    `whole` as they were; without password, second factor and sessions. An erased person does not come back.
    """

    tenant: str
    name: str
    kind: PrincipalKind = "user"
    title: str = ""
    email: str = ""
    roles: tuple[RoleBinding, ...] = ()
    attributes: Mapping[str, Attribute] = field(default_factory=dict[str, Attribute])
    suspended: str = ""
    password: str | None = None
    restore: float | None = None
    whole: bool = False


@message
class Principal:
    """A principal as it may be shown."""

    tenant: str
    name: str
    kind: PrincipalKind
    title: str
    email: str
    roles: tuple[RoleBinding, ...]
    attributes: Mapping[str, Attribute]
    suspended: str
    created_at: float
    has_password: bool = False
    has_second_factor: bool = False
    subject: str = ""
    seen_at: float | None = None


@message
class NamePrincipal:
    """Which principal is meant."""

    tenant: str
    name: str


@message
class ListPrincipals:
    """A page of a tenant's principals, by name; `after` is the last name seen."""

    tenant: str = ""
    limit: int = 50
    after: str = ""


@message
class PrincipalPage:
    """Principals, and the `next` to ask after."""

    items: tuple[Principal, ...]
    next: str | None = None


@message
class SignIn:
    """A password and, when asked for, a second factor: six digits of an authenticator, or a recovery code.

    `address` is where the request came from, for the limits on guessing; `agent` is shown in the list of sessions.
    `tenant` says which account is meant where several tenants have one for this e-mail address.
    """

    email: str
    password: str
    code: str = ""
    address: str = ""
    agent: str = ""
    tenant: str = ""


@message
class SignedIn:
    """A session (its `secret` said once), or that a second factor is needed; `secure`: browsers come over TLS alone."""

    secret: str = ""
    session: str = ""
    expires_at: float = 0.0
    second_factor: bool = False
    secure: bool = False


@message
class Session:
    """A signed-in browser or command line."""

    id: str
    tenant: str
    principal: str
    created_at: float
    expires_at: float
    seen_at: float
    address: str = ""
    agent: str = ""
    by: Literal["password", "oidc"] = "password"


@message
class ListSessions:
    """The sessions of a principal."""

    tenant: str
    principal: str


@message
class SessionList:
    """Newest first."""

    items: tuple[Session, ...]


@message
class NameSession:
    """Which session is meant."""

    id: str


@message
class EndSessions:
    """Sign a principal out everywhere, but for the session `keep`."""

    tenant: str
    principal: str
    keep: str = ""


@message
class BeginSecondFactor:
    """A principal wants an authenticator."""

    tenant: str
    principal: str


@message
class SecondFactor:
    """What an authenticator needs (`uri` is `otpauth://`, `svg` its QR code); it holds once a code has confirmed it."""

    secret: str
    uri: str
    svg: str


@message
class ConfirmSecondFactor:
    """The first code of a new authenticator."""

    tenant: str
    principal: str
    code: str


@message
class RecoveryCodes:
    """Ten codes that replace the authenticator once each; said once."""

    codes: tuple[str, ...]


@message
class RemoveSecondFactor:
    """Do without an authenticator from now on; one's own is removed by a fresh session, or with a `code` of it."""

    tenant: str
    principal: str
    code: str = ""


@message
class ListIdentityProviders:
    """The OpenID providers that this house trusts."""


@message
class IdentityProvider:
    """An OpenID provider as the sign-in page shows it."""

    name: str
    title: str


@message
class IdentityProviders:
    """In the order of the settings."""

    items: tuple[IdentityProvider, ...]
    passwords: bool = True


@message
class BeginFederated:
    """Somebody wants to sign in at a provider; `redirect_uri` is where the provider sends them back to."""

    provider: str
    redirect_uri: str
    return_to: str = "/"


@message
class Federated:
    """Where to send the browser; `state` comes back with it; `secure` as for a session."""

    location: str
    state: str
    secure: bool = False


@message
class FinishFederated:
    """What the provider sent back; `issuer` is its parameter `iss` (RFC 9207), where it sends one."""

    state: str
    code: str = ""
    error: str = ""
    issuer: str = ""
    address: str = ""
    agent: str = ""


@message
class FinishedFederated:
    """A session, and where the browser wanted to go."""

    signed_in: SignedIn
    return_to: str
