"""One ask, from what was known before to the share that answers it."""

from tulou.contracts.limits.messages import Ask, Share
from tulou.rules.limits.terms import LimitTerms
from tulou.services.limits.domain.account import LendingTerms, LimitAccount, grant, settle, turn


def lend(
    account: LimitAccount, terms: LimitTerms, *, gateway: str, told: str, ask: Ask, now: float, lending: LendingTerms
) -> Share:
    """Let time pass, settle, and grant; a share's lease is the message that it was granted to."""
    turn(account, terms, now=now, skew_s=lending.skew_s)
    account.seen = max(account.seen, now)
    settle(account, terms, gateway, ask, now=now)
    given = grant(account, terms, gateway, ask, lease=told, now=now, lending=lending)
    return Share(
        limit=ask.limit,
        subject=ask.subject,
        lease=told if given.granted else "",
        granted=given.granted,
        until=given.until,
        left=given.left,
        resets_at=given.resets_at,
        retry_after_s=given.retry_after_s,
    )


def unknown(ask: Ask, now: float) -> Share:
    """Return the share of a limit that there is not."""
    return Share(
        limit=ask.limit, subject=ask.subject, lease="", granted=0, until=now, left=0, resets_at=now, unknown=True
    )


def full(ask: Ask, now: float, *, retry_after_s: float) -> Share:
    """Return what is said when nothing more can be counted now."""
    return Share(
        limit=ask.limit,
        subject=ask.subject,
        lease="",
        granted=0,
        until=now,
        left=0,
        resets_at=now + retry_after_s,
        retry_after_s=retry_after_s,
    )
