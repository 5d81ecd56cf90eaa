"""Refusals of the quota: 429 with what was reached and when to come back, 503 when nobody could say."""

from typing import ClassVar

from tulou.contracts.limits.measures import MEASURES
from tulou.contracts.limits.messages import Limit
from tulou.kernel.errors import LimitedError, TulouError, UnavailableError
from tulou.rules.limits.terms import in_amounts, terms_of
from tulou.rules.metering.currency import money

_FOR = {"key": "this key", "principal": "you", "project": "this project", "tenant": "this tenant", "house": "the house"}


CURRENCY = "\N{CURRENCY SIGN}"
"""Stands for the house's currency until `in_currency` names it; names of limits never have it."""


class QuotaError(LimitedError):
    """A limit is reached; `limit` is its name."""

    def __init__(self, message: str, *, limit: str, retry_after_s: float) -> None:
        super().__init__(message, retry_after_s=retry_after_s)
        self.limit = limit


class RateLimitedError(QuotaError):
    """Too much in too short a time."""

    code: ClassVar[str] = "rate_limit_exceeded"


class QuotaUsedUpError(QuotaError):
    """The quota of a day or a month is used up, or the budget is."""

    code: ClassVar[str] = "insufficient_quota"


class TooManyAtOnceError(QuotaError):
    """As many requests as may run at once do."""

    code: ClassVar[str] = "concurrency_exceeded"


class LimitsAwayError(UnavailableError):
    """Nobody could say whether a limit is reached, and this one refuses then."""

    code: ClassVar[str] = "limits_unavailable"

    def __init__(self, message: str, *, limit: str, retry_after_s: float = 1.0) -> None:
        super().__init__(message, retry_after_s=retry_after_s)
        self.limit = limit


def in_currency(error: TulouError, currency: str) -> None:
    """Name the currency of the amounts in a refusal."""
    error.args = tuple(text.replace(CURRENCY, currency) if isinstance(text, str) else text for text in error.args)


def reached(limit: Limit, *, need: int, left: int, retry_after_s: float) -> QuotaError:
    """Return the refusal of a request that needs more of a limit than is left."""
    told = f"{_told(limit)} is reached; try again in {_duration(retry_after_s)}"
    if 0 < left < need:
        told = f"{_left(limit, need=need, left=left)}; lower max_tokens, or try again in {_duration(retry_after_s)}"
    kind = {"rate": RateLimitedError, "window": QuotaUsedUpError, "places": TooManyAtOnceError}[terms_of(limit).kind]
    return kind(told, limit=limit.name, retry_after_s=retry_after_s)


def contended(limit: Limit, *, retry_after_s: float) -> LimitsAwayError:
    """Return the refusal of a request that has waited in vain, although enough of the limit is left."""
    told = f"{_told(limit)} is not reached, but no share of it came in time; try again in {_duration(retry_after_s)}"
    return LimitsAwayError(told, limit=limit.name, retry_after_s=retry_after_s)


def share_used(limit: Limit, *, retry_after_s: float) -> TulouError:
    """Return the refusal when this gateway's share of a limit is used up and nobody can be asked for more.

    A rate's share flows back, so its caller is to slow down; of a quota nobody knows that it is used up.
    """
    told = (
        f"{_told(limit)} cannot be checked now, and this gateway's share of it is used up; "
        f"try again in {_duration(retry_after_s)}"
    )
    match terms_of(limit).kind:
        case "rate":
            return RateLimitedError(told, limit=limit.name, retry_after_s=retry_after_s)
        case "places":
            return TooManyAtOnceError(told, limit=limit.name, retry_after_s=retry_after_s)
        case "window":
            return LimitsAwayError(told, limit=limit.name, retry_after_s=retry_after_s)


def too_large(limit: Limit, *, need: int) -> QuotaError:
    """Return the refusal of a request that asks for more than there ever is."""
    told = f"this request may take {_amount(limit, need)}, more than {_told(limit)} allows at all; lower max_tokens"
    kind = RateLimitedError if terms_of(limit).kind == "rate" else QuotaUsedUpError
    return kind(told, limit=limit.name, retry_after_s=60.0)


def unknown_now(limit: Limit) -> LimitsAwayError:
    """Return the refusal when nobody can be asked and the limit does not allow that."""
    told = f"{_told(limit)} cannot be checked now, and refuses then; try again in a moment"
    return LimitsAwayError(told, limit=limit.name)


def _told(limit: Limit) -> str:
    each = "at once" if terms_of(limit).kind == "places" else f"a {limit.period}"
    amount = _amount(limit, terms_of(limit).capacity)
    return f"the limit {limit.name!r} of {amount} {each} for {_FOR[limit.scope]}"


def _left(limit: Limit, *, need: int, left: int) -> str:
    return f"this request may take {_amount(limit, need)}, and {_told(limit)} has {_amount(limit, left)} left"


def _amount(limit: Limit, units: int) -> str:
    measure = MEASURES[limit.measure]
    return money(units, CURRENCY) if measure.money else f"{in_amounts(limit, units):.0f} {measure.words}"


def _duration(seconds: float) -> str:
    if seconds < 90:  # noqa: PLR2004 - up to here, seconds read best
        return f"{seconds:.1f} s"
    if seconds < 2 * 3600:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.0f} h"
