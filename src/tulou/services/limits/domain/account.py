"""What is used and held of one limit by one subject. Nothing here reads a clock: `now` is the authority's.

One rule holds for every measure: what is used and what gateways hold is never more than the capacity. What is used
differs: a rate drains (GCRA, ITU-T I.371, in its form of virtual scheduling), a window forgets at its end, places are
only ever held. What is held does not drain: a unit is charged when it is told, and stays held until then.
"""

from dataclasses import dataclass, field
from math import floor

from tulou.contracts.limits.messages import Ask
from tulou.rules.limits.terms import LimitTerms
from tulou.services.limits.domain.dividing import divide

ROUNDING = 1e-6
"""Units: times are Unix seconds in floats, exact to a quarter of a microsecond."""

PLACE_RETRY_S = 1.0
"""When to ask again for a place: nobody knows when a request ends."""

LENT_RETRY_S = 1.0
"""When to ask again for what other gateways hold and may not need."""

SET_BACK_S = 1.0
"""A clock that is more than this behind what an account has seen was set back; less are readings that crossed."""

OWED_S = 31 * 86_400.0
"""What a rate is owed at most is gone after this time, however much was used beyond it."""

USED_CAP = 4 * 10**18
"""The most that a window counts, so that every database can hold it."""

EARLY_S = 3600.0
"""A window that begins within this time has begun already, before the clock was set back a little."""


@dataclass(slots=True, kw_only=True)
class GatewayShare:
    """What one gateway was given, to spend until `until`.

    `presumed`: its time ran out untold, so all of it counts as used unless the gateway says otherwise in this window.
    """

    lease: str
    granted: int
    until: float
    presumed: bool = False


@dataclass(slots=True, kw_only=True)
class LimitAccount:
    """`at` is a rate's theoretical arrival time, or the beginning of a window; `held` is by gateway.

    `seen` is the latest time at which anybody spoke of it.
    """

    at: float = 0.0
    used: int = 0
    seen: float = 0.0
    held: dict[str, GatewayShare] = field(default_factory=dict[str, GatewayShare])

    @property
    def holding(self) -> int:
        """What all gateways hold."""
        return sum(held.granted for held in self.held.values() if not held.presumed)

    def level(self, terms: LimitTerms, now: float) -> float:
        """Return what counts as used, in units."""
        if terms.kind == "rate":
            return max(0.0, self.at - now) / terms.unit_s
        return float(self.used)


@dataclass(frozen=True, slots=True, kw_only=True)
class LendingTerms:
    """Shares are lent for `lease_s`, presumed used `skew_s` after that, and divided among so many gateways."""

    lease_s: float
    skew_s: float
    gateways: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class GrantedShare:
    """What comes of an ask; see `contracts.limits.messages.Share`."""

    granted: int
    until: float
    left: int
    resets_at: float
    retry_after_s: float


def turn(account: LimitAccount, terms: LimitTerms, *, now: float, skew_s: float) -> None:
    """Let time pass: begin a new window, and presume what was not told in time.

    A rate's presumed units are charged as if used then; a window's are used until told otherwise; places come back.
    """
    if account.seen - now > SET_BACK_S:
        _set_back(account, terms, now)
    if terms.kind == "window":
        _turn_window(account, terms, now)
    for gateway, held in tuple(account.held.items()):
        if held.presumed or now < held.until + skew_s:
            continue
        _charge(account, terms, held.granted, held.until + skew_s)
        if terms.kind == "window":
            held.presumed = True
        else:
            del account.held[gateway]


def settle(account: LimitAccount, terms: LimitTerms, gateway: str, ask: Ask, *, now: float) -> None:
    """Take back what a gateway holds and charge what it used.

    A lease that is not known any more was charged in full when its time ran out, or belongs to a window that is over.
    """
    held = account.held.pop(gateway, None)
    if held is None:
        _charge(account, terms, ask.over if ask.lease else ask.over + ask.used, now)
        return
    if held.presumed:
        account.used -= held.granted
    used = ask.used if held.lease == ask.lease else held.granted
    _charge(account, terms, used + ask.over, now)


def grant(
    account: LimitAccount, terms: LimitTerms, gateway: str, ask: Ask, *, lease: str, now: float, lending: LendingTerms
) -> GrantedShare:
    """Hold what the gateway keeps, and as much more as is fair; after `settle`."""
    level, others = account.level(terms, now), account.holding
    free = max(0, floor(terms.capacity - level - others - ask.keep + ROUNDING))
    extra = divide(free, ask, gateways=lending.gateways) if terms.hard else max(ask.want, ask.need)
    held = ask.keep + extra
    until = now + lending.lease_s
    if terms.kind == "window":
        until = min(until, terms.ends(account.at))
    if held:
        account.held[gateway] = GatewayShare(lease=lease, granted=held, until=until)
    short = level + others + held + ask.least - terms.capacity
    return GrantedShare(
        granted=held,
        until=until,
        left=max(0, free - extra) if terms.hard else terms.capacity,
        resets_at=resets_at(account, terms, now),
        retry_after_s=0.0 if extra >= ask.need else _retry_after(terms, short, others, account, now),
    )


def resets_at(account: LimitAccount, terms: LimitTerms, now: float) -> float:
    """Return when all of the capacity is there again, if nothing more is used."""
    match terms.kind:
        case "rate":
            return max(account.at, now) + account.holding * terms.unit_s
        case "window":
            return terms.ends(max(account.at, now))
        case "places":
            return now


def _set_back(account: LimitAccount, terms: LimitTerms, now: float) -> None:
    """Go back with the clock: all is owed and held for as long as it was when it was spoken of last, and no longer."""
    back_s = account.seen - now
    account.seen = now
    if terms.kind == "rate":
        account.at -= back_s
    for held in account.held.values():
        held.until -= back_s


def _turn_window(account: LimitAccount, terms: LimitTerms, now: float) -> None:
    """Begin a new window; return to an earlier one, to which the clock was set back, with all that is used and held."""
    begun = terms.begins(now)
    if begun > account.at:
        account.at, account.used = begun, 0
        account.held.clear()
    elif account.at > now + EARLY_S:
        account.at = begun


def _retry_after(terms: LimitTerms, short: float, others: int, account: LimitAccount, now: float) -> float:
    match terms.kind:
        case "rate":
            return min(max(short * terms.unit_s, terms.unit_s, 0.001), terms.period_s)
        case "window":
            ends_s = max(0.001, terms.ends(max(account.at, now)) - now)
            return min(ends_s, LENT_RETRY_S) if short <= others else ends_s
        case "places":
            return PLACE_RETRY_S


def _charge(account: LimitAccount, terms: LimitTerms, units: int, now: float) -> None:
    if terms.kind == "rate":
        account.at = min(max(account.at, now) + units * terms.unit_s, now + OWED_S)
    elif terms.kind == "window":
        account.used = min(account.used + units, USED_CAP)
