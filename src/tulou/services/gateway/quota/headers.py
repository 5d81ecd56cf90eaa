"""OpenAI's headers about limits: of requests and of tokens, by the limit that is tightest now."""

from tulou.chassis.http.request import Header
from tulou.services.gateway.quota.account import Account
from tulou.services.gateway.quota.holdings import Bounds

MINUTE_S = 60
HOUR_S = 3600


def rate_headers(bounds: Bounds, now: float) -> list[Header]:
    """Return the headers, none for what has no limit."""
    headers: list[Header] = []
    if bounds.requests:
        account = _tightest(bounds.requests)
        headers += (
            (b"x-ratelimit-limit-requests", account.capacity_text),
            (b"x-ratelimit-remaining-requests", b"%d" % account.remaining),
            (b"x-ratelimit-reset-requests", _reset(account, now)),
        )
    if bounds.tokens:
        account = _tightest(bounds.tokens)
        headers += (
            (b"x-ratelimit-limit-tokens", account.capacity_text),
            (b"x-ratelimit-remaining-tokens", b"%d" % account.remaining),
            (b"x-ratelimit-reset-tokens", _reset(account, now)),
        )
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


def _tightest(accounts: tuple[Account, ...]) -> Account:
    if len(accounts) == 1:
        return accounts[0]
    return min(accounts, key=_part)


def _part(account: Account) -> float:
    return account.remaining / account.terms.capacity


def _reset(account: Account, now: float) -> bytes:
    """Write when all is there again; for a tenth of a second the same text will do."""
    if now >= account.reset_text_until:
        account.reset_text = duration(account.resets_at - now)
        account.reset_text_until = now + 0.1
    return account.reset_text
