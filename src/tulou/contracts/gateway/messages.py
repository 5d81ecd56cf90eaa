"""Messages of the gateway contract."""

from tulou.kernel.message import message


@message
class GetStatus:
    """Ask how this gateway stands."""


@message
class BreakerStatus:
    """A breaker that is not closed."""

    replica: str
    state: str
    since: float


@message
class GatewayStatus:
    """What a gateway process lives from; `snapshot_age_s` counts from when the control plane was last heard."""

    gateway: str
    revision: int
    snapshot_age_s: float
    connected: bool
    in_flight: int
    breakers: tuple[BreakerStatus, ...]
