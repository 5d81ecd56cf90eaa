"""The [configuration] table of tulou.toml."""

from tulou.kernel.message import message


@message
class ConfigurationSettings:
    """How large a document may be, and how much is remembered; times in seconds.

    document_bytes: how large a document may be
    revisions: how many revisions are kept; the oldest are forgotten
    gather_s: how long changes that were made otherwise are gathered before they become one revision
    step_s: how long one change of an apply may take
    turn_s: how long an apply keeps its turn after a sign of life; so long the next waits after a crash
    wait_s: how long an apply waits for another to end before it gives up
    replay_requests: how many requests of the past a plan decides again at most
    """

    document_bytes: int = 1_000_000
    revisions: int = 1_000
    gather_s: float = 0.2
    step_s: float = 30.0
    turn_s: float = 45.0
    wait_s: float = 10.0
    replay_requests: int = 50_000
