"""Messages of the governance contract: roles, policies, decisions, and the audit trail."""

from collections.abc import Mapping
from dataclasses import field
from typing import Literal

from tulou.kernel.message import message

Attribute = str | int | bool
Outcome = Literal["done", "denied", "failed"]


@message
class Role:
    """What its holders may do: permissions are `<noun>:<verb>`, either part may be `*` (`keys:*`, `*:read`).

    One that begins with `-` takes away from the others of its role (`-audit:*`). A role with `house` reaches over all
    tenants; else it ends at the tenant of its holder. `built_in` cannot change.
    """

    name: str
    title: str = ""
    permissions: tuple[str, ...] = ()
    house: bool = False
    built_in: bool = False


@message
class NameRole:
    """Which role is meant."""

    name: str


@message
class ListRoles:
    """All roles, built-in ones first."""


@message
class RoleList:
    """Roles by name."""

    items: tuple[Role, ...]


@message
class Policy:
    """Cedar policies under one name; what a role permits, a `forbid` here still forbids."""

    name: str
    text: str
    description: str = ""
    enabled: bool = True


@message
class NamePolicy:
    """Which policy is meant."""

    name: str


@message
class ListPolicies:
    """All policies."""


@message
class PolicyList:
    """Policies by name."""

    items: tuple[Policy, ...]


@message
class ProjectRoles:
    """The roles that somebody holds at one project, beside those at its tenant."""

    project: str
    roles: tuple[str, ...]


@message
class Subject:
    """Who asks, with what roles and attributes say of it.

    `roles` count where it acts, which is `project`. Of these `tenant_roles` are held at the tenant as a whole; None
    says that all are. Further `projects` are those that it may act in as well, as somebody who has signed in may.
    """

    tenant: str
    principal: str
    project: str = ""
    kind: str = "user"
    key: str = ""
    roles: tuple[str, ...] = ()
    attributes: Mapping[str, Attribute] = field(default_factory=dict[str, Attribute])
    tenant_roles: tuple[str, ...] | None = None
    projects: tuple[ProjectRoles, ...] = ()


@message
class Resource:
    """What is asked about: its kind (`model`, `key`, `limit` ...), its name, and whose it is."""

    kind: str
    name: str = ""
    tenant: str = ""
    attributes: Mapping[str, Attribute] = field(default_factory=dict[str, Attribute])


@message
class Decide:
    """May this subject do `<noun>:<verb>` to this resource? `context` is what is known of the request."""

    subject: Subject
    action: str
    resource: Resource
    context: Mapping[str, Attribute] = field(default_factory=dict[str, Attribute])


@message
class Decision:
    """Allowed or not; `policies` name those that decided, `why` is for people.

    With `house` what was allowed reaches over all tenants, with `tenant_wide` over the subject's own, else over
    `projects` of it and no further.
    """

    allowed: bool
    policies: tuple[str, ...] = ()
    why: str = ""
    house: bool = False
    tenant_wide: bool = False
    projects: tuple[str, ...] = ()


@message
class PolicySet:
    """All that the data plane needs to decide on its own; `contextual` policies look at more than who and what.

    `text` is empty when no policy can change a decision about inference: then nothing is evaluated.
    """

    text: str = ""
    roles: tuple[Role, ...] = ()
    contextual: bool = False


@message
class GetPolicySet:
    """Ask for the policies in force."""


@message
class PolicyCase:
    """A question and the answer that is expected."""

    name: str
    ask: Decide
    expect: Literal["allow", "deny"]


@message
class TryPolicies:
    """Decide the cases with these policies in place of those in force (None: with those in force)."""

    cases: tuple[PolicyCase, ...]
    policies: tuple[Policy, ...] | None = None
    roles: tuple[Role, ...] | None = None


@message
class PolicyResult:
    """How one case went."""

    name: str
    passed: bool
    decision: Decision


@message
class PolicyResults:
    """All cases in their order."""

    items: tuple[PolicyResult, ...]


@message
class AuditEntry:
    """Something that was done or refused; `id` makes it count once however often it is told. `detail` is JSON."""

    id: str
    at: float
    tenant: str
    principal: str
    action: str
    resource: str
    outcome: Outcome
    code: str = ""
    key: str = ""
    request_id: str = ""
    reason: str = ""
    detail: str = "{}"


@message
class RecordAudit:
    """Entries to append, each once."""

    entries: tuple[AuditEntry, ...]


@message
class AuditRecord:
    """An entry in its place: `hash` is SHA-256 over the entry's canonical JSON, `sequence` and `previous`.

    One that `removed` so many stands for refusals that are kept no longer, the last of them at `sequence` with `hash`;
    `previous` is of the record before the first, and `proof` says that the house itself removed them.
    """

    sequence: int
    entry: AuditEntry
    previous: str
    hash: str
    removed: int = 0
    proof: str = ""


@message
class ListAudit:
    """A page, newest first; `after` is the last sequence seen (0: from the newest). Empty filters mean any.

    With `oldest_first` it is the other way round, as an export has it. With `changes` only what
    was to change something. With `removed`, `oldest_first` and no filter but times, what stands for removed refusals
    is there too.
    """

    limit: int = 50
    after: int = 0
    tenant: str = ""
    principal: str = ""
    action: str = ""
    outcome: Outcome | None = None
    since: float | None = None
    until: float | None = None
    oldest_first: bool = False
    changes: bool = False
    removed: bool = False


@message
class AuditPage:
    """Records, and the sequence to ask `after`; None at the end."""

    items: tuple[AuditRecord, ...]
    next: int | None = None


@message
class VerifyAudit:
    """Walk the chain from its start, or on from the record `after` whose hash was `head`.

    At `most` so many records; 0 means to its end.
    """

    after: int = 0
    head: str = ""
    most: int = 0


@message
class AuditVerdict:
    """Whether every link holds; `broken_at` is the first sequence that does not, `head` the last hash that was seen.

    `records` were walked. `next` is the sequence to go on after, None at the end. `sealed` is the sequence up to which
    the seal that is kept beside the database vouches; None where there is no seal. `removed` refusals were met that are
    kept no longer.
    """

    intact: bool
    records: int
    head: str
    broken_at: int | None = None
    why: str = ""
    next: int | None = None
    sealed: int | None = None
    removed: int = 0


@message
class ValidateRoles:
    """Roles that are to be made or changed."""

    items: tuple[Role, ...]
