"""The settings of a worker: the `[replica]` table of tulou.toml."""

from tulou.kernel.message import message


@message
class ReplicaSettings:
    """How a worker behaves.

    announce_every_s: seconds between two renewals of its lease
    lease_s: seconds after which discovery forgets a silent worker
    announce_timeout_s: how long one announcement may take
    warm_deadline_s: how long the first answer may take
    drain_deadline_s: how long running answers may take once it was asked to end
    queue_length: requests that may wait for a slot (engines without a server of their own)
    queue_wait_s: how long each of them may wait
    """

    announce_every_s: float = 0.5
    lease_s: float = 2.0
    announce_timeout_s: float = 1.5
    warm_deadline_s: float = 120.0
    drain_deadline_s: float = 30.0
    queue_length: int = 100
    queue_wait_s: float = 60.0
