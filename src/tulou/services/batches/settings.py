"""Settings of the batches service: the [batches] table of tulou.toml."""

from tulou.kernel.message import message


@message
class BatchesSettings:
    """How batches are worked through.

    at_once: requests of one batch that are asked at the same time
    lines: how many requests a batch may have
    line_bytes: the largest request, in bytes
    answer_s: seconds that one answer may take; the deadlines of its route hold within them
    tries: how often a request is asked that finds the gate busy, limited or broken
    pause_s: seconds before the second try; each further pause is twice as long, up to a minute
    project_batches: how many batches of a project may be unfinished at once
    """

    at_once: int = 4
    lines: int = 50_000
    line_bytes: int = 10 * 1024 * 1024
    answer_s: float = 3600.0
    tries: int = 8
    pause_s: float = 1.0
    project_batches: int = 100
