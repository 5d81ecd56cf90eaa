"""The [discovery] table of tulou.toml."""

from tulou.kernel.message import message


@message
class DiscoverySettings:
    """How leases are kept.

    sweep_s: how often leases are looked through for those that ended, in seconds
    replicas: the most replicas that may be under lease at once
    watchers: the most that may watch at once
    remembered: how many withdrawn or draining names are remembered after their lease is gone
    """

    sweep_s: float = 0.25
    replicas: int = 4096
    watchers: int = 256
    remembered: int = 16384
