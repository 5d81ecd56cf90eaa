"""What may stand in `house.yaml`: one list for each kind of resource. Secrets stand there as references alone."""

from collections.abc import Mapping, Sequence
from dataclasses import field, replace
from typing import Any, Literal

from tulou.contracts.discovery.messages import UpstreamDialect
from tulou.contracts.governance.messages import Attribute, Policy
from tulou.contracts.identity.messages import PrincipalKind, RoleBinding
from tulou.contracts.limits.messages import Limit
from tulou.contracts.metering.messages import Tier
from tulou.contracts.routing.messages import Route, TrafficShare
from tulou.contracts.serving.messages import DeploymentSpec
from tulou.contracts.upstreams.messages import AuthStyle, Capability
from tulou.kernel.message import message

Entry = Any
"""One of the messages below, or of a contract."""

Resources = Mapping[str, Mapping[str, Entry]]
"""Entries by section and name."""


@message
class TenantEntry:
    """An owner of data."""

    name: str
    title: str = ""
    suspended: str = ""


@message
class ProjectEntry:
    """A part of a tenant."""

    name: str
    tenant: str = "default"
    title: str = ""


@message
class PrincipalEntry:
    """A person or a program; passwords and second factors are not declared."""

    name: str
    tenant: str = "default"
    kind: PrincipalKind = "user"
    title: str = ""
    email: str = ""
    roles: tuple[RoleBinding, ...] = ()
    attributes: Mapping[str, Attribute] = field(default_factory=dict[str, Attribute])
    suspended: str = ""


@message
class RoleEntry:
    """A role of this house; those that are built in are not declared."""

    name: str
    title: str = ""
    permissions: tuple[str, ...] = ()
    house: bool = False


@message
class PriceEntry:
    """A price from a moment on; versions of the book are not declared."""

    model: str
    provider: str = ""
    since: float = 0.0
    input: float = 0.0
    output: float = 0.0
    cached: float | None = None
    cache_written: float | None = None
    reasoning: float | None = None
    audio_input: float | None = None
    audio_output: float | None = None
    image: float = 0.0
    search: float = 0.0
    request: float = 0.0
    batch_factor: float = 1.0
    character: float = 0.0
    second: float = 0.0
    cache_written_hour: float | None = None
    tiers: tuple[Tier, ...] = ()


@message
class CredentialEntry:
    """Where a credential lies; those that are sealed in the house are not declared, and stay."""

    name: str
    reference: str


@message
class UpstreamEntry:
    """An account at a vendor, with the credentials that are references."""

    name: str
    provider: str
    base_url: str | None = None
    variables: Mapping[str, str] = field(default_factory=dict[str, str])
    dialect: UpstreamDialect | None = None
    auth: AuthStyle | None = None
    capabilities: tuple[Capability, ...] | None = None
    paths: Mapping[str, str] | None = None
    headers: tuple[tuple[str, str], ...] = ()
    credentials: tuple[CredentialEntry, ...] = ()


@message
class HouseDocument:
    """`house.yaml`. A list that is left out is not declared: what there is of its kind stays as it is."""

    version: Literal[1]
    tenants: tuple[TenantEntry, ...] | None = None
    projects: tuple[ProjectEntry, ...] | None = None
    roles: tuple[RoleEntry, ...] | None = None
    policies: tuple[Policy, ...] | None = None
    principals: tuple[PrincipalEntry, ...] | None = None
    upstreams: tuple[UpstreamEntry, ...] | None = None
    deployments: tuple[DeploymentSpec, ...] | None = None
    routes: tuple[Route, ...] | None = None
    prices: tuple[PriceEntry, ...] | None = None
    limits: tuple[Limit, ...] | None = None


SECTIONS = tuple(name for name in HouseDocument.__dataclass_fields__ if name != "version")
"""In the order in which they are made: what others need comes first."""

HELD: Mapping[str, str] = {**{section: section for section in SECTIONS}, "credentials": "upstreams"}
"""In which section of the document things of a noun stand; those of no other noun are in it."""

REMOVAL = (
    *("limits", "prices", "routes", "policies"),
    *("deployments", "upstreams", "principals", "roles", "projects", "tenants"),
)
"""In the order in which they are removed: what can be made again as it was comes first."""

IMPLICIT = "default"
"""The tenant of this name, and the project of each tenant, are always there."""


def name_of(section: str, entry: Entry) -> str:
    """Return what an entry is called among those of its section."""
    match section:
        case "projects" | "principals":
            return f"{entry.tenant}/{entry.name}"
        case "routes":
            return entry.model
        case "prices":
            return f"{entry.model} by {entry.provider or 'any'} since {entry.since:g}"
        case _:
            return entry.name


def is_implicit(section: str, entry: Entry) -> bool:
    """Say whether an entry says nothing that would not hold without it."""
    match section:
        case "tenants":
            return entry == TenantEntry(name=IMPLICIT)
        case "projects":
            return entry == ProjectEntry(name=IMPLICIT, tenant=entry.tenant)
        case "routes":
            return entry == Route(model=entry.model, shares=(TrafficShare(deployment=entry.model),))
        case _:
            return False


def stays(section: str, entry: Entry) -> bool:
    """Say whether an entry cannot be removed, whatever a document leaves out."""
    return section in ("tenants", "projects") and entry.name == IMPLICIT


def settled(section: str, entry: Entry) -> Entry:
    """Return an entry as its service will say it, so that saying it otherwise is no difference."""
    match section:
        case "deployments":
            return replace(entry, engine="remote") if entry.upstreams else entry
        case "principals":
            roles = sorted(entry.roles, key=lambda held: (held.project, held.role))
            return replace(entry, email=entry.email.strip().lower(), roles=tuple(roles))
        case _:
            return entry


def named(section: str, entries: Sequence[Entry]) -> Mapping[str, Entry]:
    """Return entries by name, without those that say nothing."""
    settling = (settled(section, entry) for entry in entries)
    return {name_of(section, entry): entry for entry in settling if not is_implicit(section, entry)}
