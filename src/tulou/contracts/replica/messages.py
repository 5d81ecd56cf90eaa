"""Messages of the replica contract, and the exit codes of its process."""

from enum import IntEnum
from typing import Literal

from tulou.kernel.message import message

Phase = Literal["fetching", "choosing", "loading", "warming", "serving", "draining", "stopping", "ended"]


class WorkerExit(IntEnum):
    """How a worker ended; where sysexits.h has a number for it, that one. A signal's number is below zero."""

    OK = 0
    CRASHED = 1
    USAGE = 2
    BAD_ARTIFACT = 65
    NO_ARTIFACT = 69
    OUT_OF_MEMORY = 71
    BAD_ENGINE = 78


HOPELESS = frozenset({WorkerExit.USAGE, WorkerExit.BAD_ARTIFACT, WorkerExit.BAD_ENGINE})
"""After these a new worker would end the same way: do not restart, show why."""


@message
class GetReplicaStatus:
    """Ask a worker how it is."""


@message
class ReplicaReport:
    """A worker's own view: `why` explains the phase, `since` is Unix time, `url` is empty before it serves."""

    id: str
    deployment: str
    generation: int
    model: str
    version: int
    engine: str
    phase: Phase
    why: str
    since: float
    url: str = ""
    running: int = 0
    waiting: int = 0
