"""Facts of routing."""

from tulou.kernel.message import message

ROUTE_CHANGED = "routing.route_changed"
BREAKERS_RESET = "routing.breakers_reset"


@message
class RouteChanged:
    """A route was made, replaced or removed."""

    model: str


@message
class BreakersReset:
    """Every breaker of every gateway is to be closed."""
