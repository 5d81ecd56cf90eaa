"""Messages of the upstreams contract: vendors as data, the upstreams of this house, and their credentials."""

from collections.abc import Mapping
from dataclasses import field
from typing import Literal

from tulou.contracts.discovery.messages import UpstreamDialect
from tulou.contracts.endpoints import VendorEndpoint
from tulou.kernel.message import message

AuthStyle = Literal["bearer", "x-api-key", "api-key", "x-goog-api-key", "aws", "google", "none"]
Capability = Literal[
    VendorEndpoint,
    "stream",
    "tools",
    "parallel_tools",
    "images",
    "json_object",
    "json_schema",
    "reasoning",
    "logprobs",
    "seed",
    "n",
]
CredentialState = Literal["active", "cooling", "retired"]


@message
class Provider:
    """A vendor, as data: how it is reached, how it is spoken to, and what it can.

    `paths` map an endpoint (`chat`, `chat.stream`, `embeddings`, `models` ...) to a path after the base URL, in which
    `{model}` is replaced; those that are not there are the dialect's own. `variables` are names that `base_url` holds
    in braces and an upstream fills (`{resource}`, `{region}`). `probe` is what is asked, for nothing, to see whether it
    answers: `models`, a path, or `connect`. With `auth` "none" no credential is needed, and one that is given is a
    bearer token. `named_tools` says that a `tool_choice` which names its tools is understood. `max_tokens_field` is
    what the cap on output is called there; when empty, as the client calls it. `developer_role`: messages of the role
    `developer` are known to be taken; anybody else is told `system`.

    `paths` may hold variables as well. `regions` are addresses that are not as `base_url` says for some values of the
    variable `location`. `extra_body` is merged into each body, and the fields of `omit` are not sent. With `auth`
    "google" a credential is an API key, or the JSON of a service account, for which tokens are asked.
    """

    name: str
    title: str
    base_url: str
    dialect: UpstreamDialect = "openai"
    auth: AuthStyle = "bearer"
    capabilities: tuple[Capability, ...] = ()
    paths: Mapping[str, str] = field(default_factory=dict[str, str])
    headers: tuple[tuple[str, str], ...] = ()
    variables: tuple[str, ...] = ()
    environment: str = ""
    probe: str = "models"
    max_tokens_field: Literal["max_tokens", "max_completion_tokens", ""] = "max_tokens"
    named_tools: bool = True
    developer_role: bool = False
    regions: Mapping[str, str] = field(default_factory=dict[str, str])
    extra_body: Mapping[str, object] = field(default_factory=dict[str, object])
    omit: tuple[str, ...] = ()


@message
class ListProviders:
    """All vendors that are known."""


@message
class ProviderList:
    """By name."""

    items: tuple[Provider, ...]


@message
class UpstreamSpec:
    """An account at a vendor (or any compatible server): overrides of the provider's data are those not None."""

    name: str
    provider: str
    base_url: str | None = None
    variables: Mapping[str, str] = field(default_factory=dict[str, str])
    dialect: UpstreamDialect | None = None
    auth: AuthStyle | None = None
    capabilities: tuple[Capability, ...] | None = None
    paths: Mapping[str, str] | None = None
    headers: tuple[tuple[str, str], ...] = ()


@message
class AddCredential:
    """A secret for an upstream: itself (sealed at once and never shown again), or a reference to where it lies."""

    upstream: str
    name: str
    secret: str = ""
    reference: str = ""


@message
class ValidateUpstreams:
    """Accounts that are to be made or changed, and credentials that are to be added; `total` would be there then."""

    items: tuple[UpstreamSpec, ...]
    credentials: tuple[AddCredential, ...] = ()
    total: int = 0


@message
class Credential:
    """A credential as it may be shown; `hint` is the end of the secret. `why` tells why it is cooling or retired."""

    id: str
    upstream: str
    name: str
    state: CredentialState
    hint: str = ""
    reference: str = ""
    why: str = ""
    created_at: float = 0.0
    changed_at: float = 0.0


@message
class Upstream:
    """What was asked for, what it comes to with the provider's data, and its credentials."""

    spec: UpstreamSpec
    provider: Provider
    credentials: tuple[Credential, ...] = ()


@message
class NameUpstream:
    """Which upstream is meant."""

    name: str


@message
class ListUpstreams:
    """All upstreams of the house."""


@message
class UpstreamList:
    """By name."""

    items: tuple[Upstream, ...]


@message
class NameCredential:
    """Which credential is meant."""

    id: str


@message
class ReportCredential:
    """How a credential was received: refused (401, 402, 403), or limited (429).

    A refusal of a request is a suspicion, since it may concern the request alone; `probed` says that what was refused
    asked for nothing but whether the credential is taken. `served`: requests with it have been answered well; `named`:
    the vendor's words name the credential.
    """

    id: str
    outcome: Literal["refused", "limited"]
    status: int
    retry_after_s: float | None = None
    gateway: str = ""
    probed: bool = False
    served: bool = False
    named: bool = False


@message
class OpenUpstream:
    """Ask for what it takes to call an upstream. Only for serving: the reply holds secrets."""

    name: str
    model: str


@message
class OpenedCredential:
    """The headers that prove a credential."""

    id: str
    headers: tuple[tuple[str, str], ...]


@message
class OpenedUpstream:
    """All that a replica record needs; `revision` grows with every change of the upstream or its credentials."""

    provider: Provider
    base_url: str
    headers: tuple[tuple[str, str], ...]
    credentials: tuple[OpenedCredential, ...]
    revision: int


@message
class ListDeletedCredentials:
    """Sealed credentials that were deleted since a time, and may come back; empty `upstream` means of any."""

    upstream: str = ""
    since: float = 0.0


@message
class DeletedCredential:
    """A sealed credential that may come back until `kept_until`, under the same id."""

    id: str
    upstream: str
    name: str
    hint: str
    deleted_at: float
    kept_until: float


@message
class DeletedCredentials:
    """Those that may come back, or that did."""

    items: tuple[DeletedCredential, ...]


@message
class RestoreCredentials:
    """Bring back the sealed credentials of an upstream that were deleted since a time, unless their name is taken."""

    upstream: str
    since: float
