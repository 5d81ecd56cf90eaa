"""Messages of the limits contract: limits, quotas and budgets, and the leases by which gateways spend them."""

from typing import Literal

from tulou.contracts.limits.measures import Measure, Period
from tulou.contracts.metering.messages import Units
from tulou.kernel.message import message

Scope = Literal["key", "principal", "project", "tenant", "house"]
Edge = Literal["hard", "soft"]
Away = Literal["local_share", "refuse", "allow"]


@message
class Limit:
    """So much of a measure in a period, for each (`subject` empty) or one (its id) of a scope's subjects.

    A rate (second, minute, hour) is a GCRA bucket of one period's burst. A quota or budget (day, month) is a window of
    the calendar in UTC. `concurrency` has the period `none`. `amount` of `cost` is money in the house's currency.
    `models` are names or patterns; all of them share the amount. A `soft` edge only warns. `away` says what holds while
    the shared store cannot be asked: a share of the amount, refusal (what a hard budget does), or no limit.
    """

    name: str
    scope: Scope
    measure: Measure
    amount: float
    period: Period
    subject: str = ""
    models: tuple[str, ...] = ("*",)
    edge: Edge = "hard"
    away: Away = "local_share"
    warn_at: tuple[float, ...] = (0.8,)
    tenant: str = ""


@message
class ValidateLimits:
    """Limits that are to be made or changed."""

    items: tuple[Limit, ...]


@message
class NameLimit:
    """Which limit is meant."""

    name: str


@message
class ListLimits:
    """All limits of a tenant (empty: of all)."""

    tenant: str = ""


@message
class LimitList:
    """Limits by name."""

    items: tuple[Limit, ...]


@message
class ReadLimits:
    """Limits as they are now: some by name, or a page of all, beyond the name seen last."""

    names: tuple[str, ...] = ()
    after: str = ""
    limit: int = 1_000


@message
class LimitPage:
    """Limits by name; `next` is what to ask beyond for the next page, None after the last."""

    items: tuple[Limit, ...]
    next: str | None = None


@message
class Ask:
    """A gateway tells what it has used of what it was given, says what it keeps, and wants more.

    Amounts are whole units: requests, tokens, places, or millionths of the currency. Of what `lease` gave, `used` is
    used up and `keep` still held, free or for requests in flight; the rest goes back. `want` is what more would be
    welcome; requests wait for `need` of it, and the smallest of them is served by `least`. `over` was used beyond any
    lease: of a soft limit, or while nobody could be asked.
    """

    limit: str
    subject: str
    want: int
    lease: str = ""
    used: int = 0
    keep: int = 0
    need: int = 0
    least: int = 1
    over: int = 0


@message
class LeaseShares:
    """The asks of one gateway process, one for each limit and subject at most.

    `gateway` is of this one life of the process. `told` sorts after those told before; told again, a message counts
    once and is answered as it was. One message at a time: the next is sent when the last has been answered.
    """

    gateway: str
    told: str
    asks: tuple[Ask, ...]


@message
class Share:
    """What a gateway now holds of a limit, `keep` included, and may spend until `until` (Unix seconds).

    `left` is what all gateways may still take, until `resets_at`; `retry_after_s` says when there will be more if not
    enough was left. `unknown`: there is no such limit any more. `refused` says why nothing of the ask was counted: its
    amounts cannot be.
    """

    limit: str
    subject: str
    lease: str
    granted: int
    until: float
    left: int
    resets_at: float
    retry_after_s: float = 0.0
    unknown: bool = False
    refused: str = ""


@message
class Shares:
    """One for each ask, in order; `at` is the time by the clock that counts, `gateways` how many share now."""

    items: tuple[Share, ...]
    at: float = 0.0
    gateways: int = 1


@message
class GetStanding:
    """How limits stand for a scope's subject; empty means all that the caller's tenant has."""

    tenant: str = ""
    limit: str = ""
    subject: str = ""


@message
class Standing:
    """A limit for one subject now: `used` is settled, `held` is reserved by gateways; a budget also has a forecast.

    Amounts are in the limit's own unit (money as money); `forecast` is the use expected at the end of the period.
    """

    limit: Limit
    subject: str
    used: float
    held: float
    resets_at: float
    forecast: float | None = None
    state: Literal["ok", "warning", "reached"] = "ok"


@message
class StandingList:
    """By limit and subject."""

    items: tuple[Standing, ...]


@message
class PastRequest:
    """A request that was made: enough to decide it again under other limits.

    `cost` is in millionths. `makers` are the keys that its key was made with, whose limits bind it beside its own.
    `units` are all that was counted; whoever says none has counted tokens alone.
    """

    id: str
    at: float
    took_s: float
    key: str
    principal: str
    project: str
    tenant: str
    model: str
    input_tokens: int
    output_tokens: int
    cost: int
    refused_by: str = ""
    makers: tuple[str, ...] = ()
    units: Units | None = None


@message
class ReplayLimits:
    """Decide past requests again, in the order of time, from full buckets."""

    limits: tuple[Limit, ...]
    requests: tuple[PastRequest, ...]


@message
class Replayed:
    """The limit that refuses each request, empty for those let through."""

    refused_by: tuple[str, ...]
