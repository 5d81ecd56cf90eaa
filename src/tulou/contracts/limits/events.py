"""Facts of limits."""

from tulou.kernel.message import message

LIMIT_CHANGED = "limits.limit_changed"
LIMIT_WARNED = "limits.limit_warned"


@message
class LimitChanged:
    """A limit was made, replaced or removed."""

    name: str


@message
class LimitWarned:
    """A share of a limit's amount is used up; said once a period for each of the limit's `warn_at`."""

    name: str
    subject: str
    share: float
