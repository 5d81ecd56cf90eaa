"""Messages of the metering contract: the ledger's entries, prices, and what was used."""

from collections.abc import Iterable
from typing import Literal, Protocol

import msgspec

from tulou.kernel.message import message

Counted = Literal["reported", "tokenizer", "estimate", "none"]
Bucket = Literal["minute", "hour", "day", "month", "all"]
Order = Literal["time", "cost", "tokens", "requests"]
PricedBy = Literal["", "model", "deployment", "route", "list", "none"]
"""What a price was found by: the model that answered, else its deployment's or its route's name, else the built-in
list."""
Dimension = Literal[
    "tenant", "project", "principal", "key", "model", "served_by", "provider", "endpoint", "batch", "upstream_model"
]

MILLION = 1_000_000
"""Money is counted in millionths of the house's currency, in whole numbers, so that sums are exact."""


@message
class Units:
    """What a request used. `input` includes `cached`, `cache_written`, `audio_input`; `output` the other token counts.

    `cache_written_hour` is that part of `cache_written` which stays for an hour, the rest stays for five minutes.

    Audio is in tokens where the upstream counts so, else in `seconds`; images, searches and characters are pieces.
    """

    input: int = 0
    output: int = 0
    cached: int = 0
    cache_written: int = 0
    reasoning: int = 0
    audio_input: int = 0
    audio_output: int = 0
    images: int = 0
    searches: int = 0
    characters: int = 0
    seconds: int = 0
    cache_written_hour: int = 0


class Amounts(Protocol):
    """What has the same amounts as `Units`, in whatever is cheapest to make."""

    @property
    def input(self) -> int: ...  # noqa: D102 - as in Units
    @property
    def output(self) -> int: ...  # noqa: D102
    @property
    def cached(self) -> int: ...  # noqa: D102
    @property
    def cache_written(self) -> int: ...  # noqa: D102
    @property
    def reasoning(self) -> int: ...  # noqa: D102
    @property
    def audio_input(self) -> int: ...  # noqa: D102
    @property
    def audio_output(self) -> int: ...  # noqa: D102
    @property
    def images(self) -> int: ...  # noqa: D102
    @property
    def searches(self) -> int: ...  # noqa: D102
    @property
    def characters(self) -> int: ...  # noqa: D102
    @property
    def seconds(self) -> int: ...  # noqa: D102
    @property
    def cache_written_hour(self) -> int: ...  # noqa: D102


@message
class Entry:
    """One attempt that used something, or one request that was refused; written before the answer ends.

    `id` is unique in the house, whatever clients send as `request_id`. `counted` says who counted; `status` 499 is a
    client that left. `cost` is in millionths by `price` (a version of the price book), as the gateway knew it. `final`
    is false for an attempt that another one followed: its units and cost count, but it is no request of its own.

    `model` is what was asked for, `served_by` the route that answered (a fallback's, where one did), `upstream_model`
    the model as its vendor or the registry calls it. `priced_by` is empty where nothing was to be priced, and in
    entries from before it was noted, as `upstream_model` is. `own` says whether the house served it itself, where the
    provider does not say so: another house has the provider `tulou`, too.
    """

    id: str
    at: float
    request_id: str
    tenant: str
    project: str
    principal: str
    key: str
    endpoint: str
    model: str
    status: int
    served_by: str = ""
    deployment: str = ""
    replica: str = ""
    provider: str = ""
    attempt: int = 1
    code: str = ""
    stream: bool = False
    took_ms: float = 0.0
    first_token_ms: float | None = None
    units: Units = Units()
    counted: Counted = "none"
    cost: int = 0
    price: int = 0
    refused_by: str = ""
    batch: bool = False
    tags: tuple[tuple[str, str], ...] = ()
    final: bool = True
    upstream_model: str = ""
    priced_by: PricedBy = ""
    own: bool | None = None


@message
class Unread:
    """What stands in a ledger as an entry and could not be sent as one: its text, and why it was refused."""

    body: str
    reason: str


@message
class IngestEntries:
    """Entries of one gateway, each the JSON of an `Entry`, as it stands in that gateway's ledger.

    Gateways need not read them to ship them. Those that are known already change nothing; what is no entry, or one that
    no ledger can hold, is set aside, as is all that comes `unread`.
    """

    gateway: str
    entries: tuple[msgspec.Raw, ...] = ()
    unread: tuple[Unread, ...] = ()

    @classmethod
    def of(cls, gateway: str, entries: Iterable[Entry]) -> "IngestEntries":
        """Return the message that brings these entries."""
        return cls(gateway=gateway, entries=tuple(msgspec.Raw(msgspec.json.encode(entry)) for entry in entries))


@message
class Ingested:
    """How many were new, and how many no ledger can hold and so were set aside with the reason."""

    new: int
    known: int
    quarantined: int = 0


@message
class Settlement:
    """What became of an entry that was set aside: `entry` is what was put in its place, None if it was discarded."""

    at: float
    by: str
    why: str
    entry: Entry | None = None


@message
class SetAside:
    """What came as an entry and no ledger can hold: `body` is what came, `reason` why it is here, `digest` its name.

    The first eight digits or more of a digest name it too, where no other begins so. One that was settled stays to be
    looked at as it came, so that it is not counted when it is shipped once more.
    """

    digest: str
    received_at: float
    gateway: str
    reason: str
    body: str
    settled: Settlement | None = None


@message
class ListQuarantine:
    """A page of what waits in quarantine, newest first, or of what was `settled`; `after` is the `next` of the last."""

    limit: int = 100
    after: str = ""
    settled: bool = False


@message
class QuarantinePage:
    """Entries that were set aside, the `next` to ask after, and how many wait in all."""

    items: tuple[SetAside, ...]
    waiting: int
    next: str | None = None


@message
class Requeue:
    """Take an entry that was set aside again, or, where none is named, all of them."""

    digest: str = ""


@message
class Requeued:
    """How many were new and are counted now, how many were known already, and how many still cannot be held."""

    new: int = 0
    known: int = 0
    left: int = 0


@message
class CorrectEntry:
    """Put an entry in the place of one that was set aside, and count it."""

    digest: str
    entry: Entry
    reason: str = ""


@message
class DiscardEntry:
    """Never count an entry that was set aside."""

    digest: str
    reason: str


@message
class Tier:
    """What a whole request costs whose input is more than `above` tokens; None: the price's own rate."""

    above: int
    input: float | None = None
    output: float | None = None
    cached: float | None = None
    cache_written: float | None = None
    cache_written_hour: float | None = None
    reasoning: float | None = None


@message
class Price:
    """What a model costs from `since` on (Unix seconds) until a later price of the same model and provider.

    `model` is a name or a pattern of the model that answers, as its vendor or the registry calls it; only where no
    price fits that, of the deployment's name, then of the route's. `provider` is one too, or empty for any; the most
    exact match holds. Each rate is money a million units (a million images, searches, characters, seconds or requests
    too), of batch requests times `batch_factor`. None: the rate of plain input or output holds; what is written to a
    cache for an hour costs as `cache_written` then. Of `tiers` the highest that a request's input exceeds holds.
    """

    model: str
    provider: str = ""
    since: float = 0.0
    input: float = 0.0
    output: float = 0.0
    cached: float | None = None
    cache_written: float | None = None
    reasoning: float | None = None
    audio_input: float | None = None
    audio_output: float | None = None
    image: float = 0.0
    search: float = 0.0
    request: float = 0.0
    batch_factor: float = 1.0
    version: int = 0
    character: float = 0.0
    second: float = 0.0
    cache_written_hour: float | None = None
    tiers: tuple[Tier, ...] = ()


@message
class ValidatePrices:
    """Prices that are to be made or changed."""

    items: tuple[Price, ...]


@message
class PutPrices:
    """Prices to add or replace together, all of them or none."""

    items: tuple[Price, ...]


@message
class PricesPut:
    """The version that the book has now, and how many of the prices were news to it."""

    version: int
    changed: int


@message
class NamePrice:
    """Which price is meant."""

    model: str
    provider: str = ""
    since: float = 0.0


@message
class ListPrices:
    """The price book; with `at`, only what holds then."""

    at: float | None = None


@message
class PriceList:
    """Prices by model, provider and time; `version` grows with every change.

    `built_in` are the prices that come with the package, in the same currency, looked up at `built_in_date`: they hold
    where none of the house's own does.
    """

    items: tuple[Price, ...]
    version: int
    currency: str = "USD"
    built_in: tuple[Price, ...] = ()
    built_in_date: str = ""


@message
class UsageQuery:
    """Sums from `start` to `end` (Unix seconds), for each bucket and each combination of `group_by`.

    Filters name a value for a dimension; several values for one dimension mean any of them. `after` continues a long
    report. A span is whole hours (minutes, for minutes), widened where it is not; minutes are kept for the last day.
    Rows come by time and group, or those first that have most of what `order` names.
    """

    start: float
    end: float
    bucket: Bucket = "day"
    group_by: tuple[Dimension, ...] = ()
    filters: tuple[tuple[Dimension, str], ...] = ()
    limit: int = 1000
    after: str = ""
    order: Order = "time"


@message
class UsageRow:
    """Sums of one bucket and group; `group` has a value for each of the query's `group_by`.

    `requests` are all that came, `refused` those that were denied, `failed` those that ended badly (4xx, 5xx or a
    client that left). `start` is the bucket's beginning in UTC. `unpriced` are the attempts that used something of a
    vendor which no price fits, `unpriced_tokens` the tokens of these; `priced_by_name` are those whose price fits only
    the name of a deployment or a route.
    """

    start: float
    group: tuple[str, ...]
    requests: int
    refused: int
    failed: int
    units: Units
    cost: int
    unpriced: int = 0
    unpriced_tokens: int = 0
    priced_by_name: int = 0


@message
class UsageReport:
    """Rows in the order asked for, and the `next` to ask after."""

    rows: tuple[UsageRow, ...]
    next: str | None = None
    currency: str = "USD"


@message
class ListEntries:
    """A page of raw entries, newest first; `after` is the `next` of the page before. For audits and for replays."""

    limit: int = 100
    after: str = ""
    start: float | None = None
    end: float | None = None
    filters: tuple[tuple[Dimension, str], ...] = ()


@message
class EntryPage:
    """Entries, and the `next` to ask after."""

    items: tuple[Entry, ...]
    next: str | None = None


@message
class Recompute:
    """Price the entries of a span anew with the price book as it is now."""

    start: float
    end: float
    model: str = ""


@message
class Recomputing:
    """The job that does it."""

    job: str
