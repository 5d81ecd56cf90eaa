"""What holds while nobody can be asked: each limit says it for itself."""

from collections.abc import Sequence

from tulou.contracts.limits.measures import MEASURES
from tulou.contracts.limits.messages import Limit
from tulou.rules.limits.terms import terms_of
from tulou.services.gateway.quota.account import ShareAccount
from tulou.services.gateway.quota.refusals import share_used, unknown_now

RETRY_S = 1.0


def take_locally(
    accounts: Sequence[ShareAccount], needs: Sequence[int], *, now: float, gateways: int
) -> frozenset[int]:
    """Return the places of the accounts that a request may run without a share of; raise what refuses it.

    `local_share`: this process's part of the amount. `refuse`: nothing, which is also what a hard budget in money does
    unless it says `allow`.
    """
    loose = [place for place, account in enumerate(accounts) if account.short(needs[place], now)]
    for place in loose:
        if refuses(accounts[place].limit):
            raise unknown_now(accounts[place].limit)
    taken: list[ShareAccount] = []
    for place in loose:
        account = accounts[place]
        if account.limit.away == "allow":
            continue
        if not account.local(gateways).take(needs[place], now):
            _give_back(taken, gateways)
            raise share_used(account.limit, retry_after_s=RETRY_S)
        taken.append(account)
    return frozenset(loose)


def refuses(limit: Limit) -> bool:
    """Say whether a limit lets nothing through while it cannot be checked."""
    if limit.away == "refuse":
        return True
    hard_budget = MEASURES[limit.measure].money and terms_of(limit).kind == "window" and limit.edge == "hard"
    return hard_budget and limit.away != "allow"


def _give_back(taken: Sequence[ShareAccount], gateways: int) -> None:
    for account in taken:
        if account.measure.charged == "never":
            account.local(gateways).back(1)
