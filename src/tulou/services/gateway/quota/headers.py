"""OpenAI's headers about limits: of requests and of tokens, by the limit that is tightest now."""

from tulou.chassis.http.request import Header
from tulou.services.gateway.quota.account import ShareAccount
from tulou.services.gateway.quota.holdings import BindingAccounts

MINUTE_S = 60
HOUR_S = 3600


Names = tuple[bytes, bytes, bytes]

REQUESTS: Names = (b"x-ratelimit-limit-requests", b"x-ratelimit-remaining-requests", b"x-ratelimit-reset-requests")
TOKENS: Names = (b"x-ratelimit-limit-tokens", b"x-ratelimit-remaining-tokens", b"x-ratelimit-reset-tokens")
SHOWN_S = 0.1
"""For so long the same time until all is there again will do."""


def rate_headers(bounds: BindingAccounts, now: float) -> list[Header]:
    """Return the headers, none for what has no limit."""
    headers: list[Header] = []
    if bounds.requests:
        _tell(headers, bounds.requests, REQUESTS, now)
    if bounds.tokens:
        _tell(headers, bounds.tokens, TOKENS, now)
    return headers


def duration(seconds: float) -> bytes:
    """Write a time as OpenAI does: `20ms`, `1.5s`, `6m0s`, `2h0m0s`."""
    if seconds < 1:
        return b"%dms" % max(0, round(seconds * 1000))
    if seconds < MINUTE_S:
        return b"%gs" % round(seconds, 2)
    whole = round(seconds)
    minutes = b"%dm%ds" % (whole % HOUR_S // MINUTE_S, whole % MINUTE_S)
    return b"%dh%b" % (whole // HOUR_S, minutes) if whole >= HOUR_S else minutes


def _tell(headers: list[Header], accounts: tuple[ShareAccount, ...], names: Names, now: float) -> None:
    account = accounts[0] if len(accounts) == 1 else min(accounts, key=_part)
    if now >= account.shown_until:
        limit, _, reset = names
        account.shown = (limit, b"%d" % account.terms.capacity), (reset, duration(account.resets_at - now))
        account.shown_until = now + SHOWN_S
    headers += (account.shown[0], (names[1], b"%d" % account.remaining), account.shown[1])


def _part(account: ShareAccount) -> float:
    return account.remaining / account.terms.capacity
