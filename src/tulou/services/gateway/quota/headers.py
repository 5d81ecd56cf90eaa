"""OpenAI's headers about limits: of requests and of tokens, by the limit that is tightest now."""

from collections.abc import Iterable

from tulou.chassis.http.request import Header
from tulou.services.gateway.quota.account import MEASURES, REQUESTS, Account

TOKENS = frozenset(MEASURES[name] for name in ("input_tokens", "output_tokens", "tokens"))
MINUTE_S = 60
HOUR_S = 3600


def rate_headers(accounts: Iterable[Account], now: float) -> list[Header]:
    """Return the headers, none for what has no limit."""
    requests: Account | None = None
    tokens: Account | None = None
    for account in accounts:
        if account.measure == REQUESTS:
            requests = _tighter(requests, account)
        elif account.measure in TOKENS:
            tokens = _tighter(tokens, account)
    headers: list[Header] = []
    if requests is not None:
        headers += _headers(requests, b"requests", now)
    if tokens is not None:
        headers += _headers(tokens, b"tokens", now)
    return headers


def remaining(account: Account) -> int:
    """Return what this process knows to be left, its own share with it."""
    return max(0, account.left + max(0, account.free))


def duration(seconds: float) -> bytes:
    """Write a time as OpenAI does: `20ms`, `1.5s`, `6m0s`, `2h0m0s`."""
    if seconds < 1:
        return b"%dms" % max(0, round(seconds * 1000))
    if seconds < MINUTE_S:
        return b"%gs" % round(seconds, 2)
    whole = round(seconds)
    minutes = b"%dm%ds" % (whole % HOUR_S // MINUTE_S, whole % MINUTE_S)
    return b"%dh%b" % (whole // HOUR_S, minutes) if whole >= HOUR_S else minutes


def _tighter(known: Account | None, other: Account) -> Account:
    if known is None:
        return other
    part, others = remaining(known) / known.terms.capacity, remaining(other) / other.terms.capacity
    return other if others < part else known


def _headers(account: Account, what: bytes, now: float) -> list[Header]:
    return [
        (b"x-ratelimit-limit-" + what, b"%d" % account.terms.capacity),
        (b"x-ratelimit-remaining-" + what, b"%d" % remaining(account)),
        (b"x-ratelimit-reset-" + what, duration(account.resets_at - now)),
    ]
