"""Messages of the jobs contract."""

from typing import Literal

from msgspec import UNSET, UnsetType

from tulou.kernel.context import Actor
from tulou.kernel.message import message

JobState = Literal["queued", "running", "succeeded", "failed", "cancelled"]


@message
class EnqueueJob:
    """Work to be done at least once: `kind` is `<service>.<verb>`, `payload` the JSON of the handler's message.

    With a `dedup_key`, enqueuing again while such a job is queued or running returns that one. A lease of `lease_s`
    seconds is renewed while the handler lives; when it runs out, another attempt begins, up to `attempts`.
    """

    kind: str
    payload: str = "{}"
    dedup_key: str = ""
    attempts: int = 3
    lease_s: float = 30.0
    deadline_s: float = 86_400.0


@message
class Job:
    """A piece of durable work; `progress` from 0 to 1, `note` says what it is at, `result` is JSON."""

    id: str
    kind: str
    payload: str
    state: JobState
    attempt: int
    attempts: int
    progress: float
    note: str
    result: str
    error: str
    created_at: float
    started_at: float | None
    finished_at: float | None
    created_by: str = ""
    cancelling: bool = False


@message
class NameJob:
    """Which job is meant."""

    id: str


@message
class ListJobs:
    """A page of jobs, newest first; `after` is the last id seen; empty `kind` or `state` means any."""

    limit: int = 50
    after: str = ""
    kind: str = ""
    state: JobState | None = None


@message
class JobPage:
    """Jobs, and the `next` to ask after; None at the end."""

    items: tuple[Job, ...]
    next: str | None = None


@message
class LeaseJob:
    """A runner that can do these kinds asks for work."""

    runner: str
    kinds: tuple[str, ...]


@message
class LeasedJob:
    """A job to do now, or None; `lease` must come with everything said about it; `steps` were recorded before.

    The lease holds for `lease_s` seconds from now, or from its last renewal. `actor` is who asked for the job; None
    where nobody is known to have. A queue of the version before actors says nothing of it: then it is unset.
    """

    job: Job | None
    lease: str = ""
    steps: tuple[tuple[str, str], ...] = ()
    lease_s: float = 30.0
    actor: Actor | UnsetType | None = UNSET


@message
class RenewLease:
    """The runner lives and has come so far."""

    id: str
    lease: str
    progress: float = 0.0
    note: str = ""


@message
class Renewed:
    """The lease goes on; `cancelling` asks the runner to stop."""

    cancelling: bool = False


@message
class RecordStep:
    """A part that is done and must not be done again on the next attempt; `value` is JSON."""

    id: str
    lease: str
    step: str
    value: str = "null"


@message
class FinishJob:
    """The attempt is over: `error` empty means success; a `final` error is not tried again.

    `released` gives the job back because the runner goes away: the attempt does not count.
    """

    id: str
    lease: str
    result: str = "null"
    error: str = ""
    final: bool = False
    cancelled: bool = False
    released: bool = False
