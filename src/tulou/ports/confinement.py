"""A process of its own in which a module of ours reads what strangers have written."""

from typing import Protocol

from tulou.kernel.message import message

GIB = 1 << 30


@message
class ProcessBounds:
    """Seconds of a processor, bytes of memory, and seconds in all that a process may take."""

    cpu_s: int = 10
    memory: int = 4 * GIB
    wall_s: int = 120


@message
class ProcessEnd:
    """How a process ended: its exit code, or less than 0 the signal; what it wrote out, and its log, each cut."""

    code: int
    output: bytes
    log: str


class Confinement(Protocol):
    """Runs modules within bounds, with nothing of the environment but what says how programs run."""

    async def run(self, module: str, *arguments: str, given: bytes = b"", bounds: ProcessBounds) -> ProcessEnd:
        """Run a module as `python -m` does, with *given* on its standard input, to its end.

        Raise `DeadlineError` when that does not come in time. The process, and what it has started, is ended when the
        caller is cancelled, and ends by itself, if late, when this process is killed.
        """
        ...
