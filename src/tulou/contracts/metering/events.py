"""Facts of metering."""

from tulou.contracts.metering.messages import Entry
from tulou.kernel.message import message

PRICES_CHANGED = "metering.prices_changed"
REQUESTS_REFUSED = "metering.requests_refused"


@message
class PricesChanged:
    """The price book has a new version."""

    version: int


@message
class RequestsRefused:
    """Requests that were denied: no or a wrong key, no right, a limit, quota or budget."""

    entries: tuple[Entry, ...]
