"""Messages of the configuration contract: the house's resources as one document, in revisions."""

from typing import Literal

from tulou.kernel.message import message

ChangeKind = Literal["create", "update", "delete"]


@message
class Document:
    """`house.yaml`: YAML or JSON text."""

    text: str


@message
class Export:
    """The document of a revision; None means as it is now."""

    revision: int | None = None


@message
class Change:
    """One resource that differs; `before` and `after` are its JSON, empty where there is none."""

    kind: ChangeKind
    resource: str
    name: str
    before: str = ""
    after: str = ""
    fields: tuple[str, ...] = ()


@message
class MakePlan:
    """What would change, of `only` some, each `<kind>/<name>`.

    With `replay_s`: which requests of the last seconds would have been decided differently.
    """

    text: str
    replay_s: float = 3600.0
    prune: bool = True
    only: tuple[str, ...] = ()


@message
class PlanRollback:
    """What a rollback would change; `only` as in `Rollback`."""

    revision: int
    only: tuple[str, ...] = ()
    replay_s: float = 0.0


@message
class Different:
    """A past request whose decision would be another."""

    request_id: str
    at: float
    tenant: str
    project: str
    principal: str
    key: str
    model: str
    was: str
    would_be: str
    why: str


@message
class Plan:
    """Changes in the order in which they are made; `base` is the revision they are made against.

    Whoever names that `base` when they make it so gets what was planned, or a refusal. `warnings` say what goes and
    what of it does not come back, `returns` what else comes back: keys and credentials, which no document holds.
    """

    base: int
    changes: tuple[Change, ...]
    replayed: int = 0
    different: int = 0
    examples: tuple[Different, ...] = ()
    warnings: tuple[str, ...] = ()
    returns: tuple[str, ...] = ()


@message
class Apply:
    """Make it so, of `only` some changes. `base`, when given, must still be the newest revision."""

    text: str
    reason: str = ""
    base: int | None = None
    prune: bool = True
    only: tuple[str, ...] = ()


@message
class Revision:
    """A state of the document: who made it, by way of what, why, and how it differs from the one before."""

    number: int
    at: float
    author: str
    reason: str
    source: Literal["apply", "rollback", "console", "start"]
    changes: tuple[Change, ...] = ()
    via: str = ""


@message
class Applied:
    """The revision that holds now, which is the old one when nothing differed."""

    revision: Revision


@message
class Rollback:
    """Make the document what it was; that is a new revision.

    Of `only` some changes, each `<kind>/<name>` as in `principals/acme/ann`. `base`, when given, must still be the
    newest revision.
    """

    revision: int
    reason: str = ""
    base: int | None = None
    only: tuple[str, ...] = ()


@message
class ListRevisions:
    """A page of revisions, newest first; `after` is the last number seen (0: from the newest)."""

    limit: int = 50
    after: int = 0


@message
class RevisionPage:
    """Revisions, and the number to ask `after`."""

    items: tuple[Revision, ...]
    next: int | None = None


@message
class Compare:
    """How two revisions differ; `to` None means as it is now."""

    base: int
    to: int | None = None


@message
class Note:
    """Something was changed otherwise (console, command line, REST): record the state as a revision if it differs.

    `noun` says of what kind that was, as in its permission.
    """

    author: str
    reason: str
    via: str = ""
    noun: str = ""
