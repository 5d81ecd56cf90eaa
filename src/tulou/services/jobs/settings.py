"""Settings of the jobs service: the [jobs] table."""

from tulou.kernel.message import message


@message
class JobsSettings:
    """How the queue waits, tries again, and forgets.

    wait_s: how long a runner's question for work is kept open, in seconds
    poll_s: how often such a question looks for jobs that other control processes put in, in seconds
    backoff_s: the wait before the second attempt, in seconds; doubled for each attempt after it
    backoff_cap_s: the longest wait between attempts, in seconds
    sweep_s: how often jobs past their deadline are ended and old ones forgotten, in seconds
    keep_finished: how many finished jobs are kept
    keep_s: how long a finished job is kept, in seconds
    max_active: how many jobs may be queued or running at once
    """

    wait_s: float = 10.0
    poll_s: float = 2.0
    backoff_s: float = 1.0
    backoff_cap_s: float = 300.0
    sweep_s: float = 15.0
    keep_finished: int = 1_000
    keep_s: float = 7 * 86_400.0
    max_active: int = 10_000
