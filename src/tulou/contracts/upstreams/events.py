"""Facts of upstreams."""

from tulou.kernel.message import message

UPSTREAM_CHANGED = "upstreams.upstream_changed"


@message
class UpstreamChanged:
    """An upstream or one of its credentials was made, changed or removed."""

    name: str
