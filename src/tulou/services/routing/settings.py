"""The settings of routing: the `[routing]` table of tulou.toml."""

from tulou.kernel.message import message


@message
class RoutingSettings:
    """How snapshots are made.

    settle_s: seconds after a start in which replicas may announce themselves before the first snapshot is made
    gather_s: seconds that changes are gathered for, so that many at once make one snapshot
    refresh_s: seconds in which everything is looked at again, news or none; at least a second per 1,000 keys or limits
    watchers: how many gateways may watch
    changes: how many changes of keys, and of limits, are remembered; a gateway that missed more is told everything
    """

    settle_s: float = 1.5
    gather_s: float = 0.005
    refresh_s: float = 30.0
    watchers: int = 256
    changes: int = 10_000
