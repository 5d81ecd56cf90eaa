"""What is told to whoever counts: nothing is told for ever, and no ask holds up another."""

from collections.abc import Callable, Mapping, Sequence

from prometheus_client import CollectorRegistry

from tulou.contracts.limits.messages import Ask, LeaseShares, Limit, Share, Shares
from tulou.kernel.errors import InvalidError, TulouError, UnavailableError
from tulou.ports.allowances import Level
from tulou.rules.limits.soundness import UNITS_CAP
from tulou.services.gateway.quota.account import ShareAccount
from tulou.services.gateway.quota.counters import QuotaCounters
from tulou.services.gateway.quota.line import TRIES, AllowanceLine
from tulou.services.gateway.quota.rules import LimitRules
from tulou.testing.clock import ManualClock

TOKENS = Limit(name="few", scope="key", measure="tokens", amount=1_000, period="day")
SUBJECTS = ("key_1", "key_2", "bad", "key_3", "key_4")


class Authority:
    """Counts, unless a message has the ask that it fails at."""

    def __init__(self, fault: Callable[[Ask], TulouError | None]) -> None:
        self.fault = fault
        self.used: dict[str, int] = {}
        self.told: list[LeaseShares] = []

    async def lease(self, request: LeaseShares, limits: Mapping[str, Limit]) -> Shares:
        del limits
        self.told.append(request)
        for ask in request.asks:
            if (error := self.fault(ask)) is not None:
                raise error
        for ask in request.asks:
            self.used[ask.subject] = self.used.get(ask.subject, 0) + ask.used + ask.over
        return Shares(items=tuple(share(ask) for ask in request.asks))

    async def levels(self, limits: Sequence[Limit]) -> Sequence[Level]:
        raise NotImplementedError

    async def forget(self, limit: str) -> None:
        raise NotImplementedError


def share(ask: Ask, refused: str = "") -> Share:
    return Share(
        limit=ask.limit, subject=ask.subject, lease="", granted=0, until=0.0, left=9, resets_at=0.0, refused=refused
    )


def bad(error: TulouError) -> Callable[[Ask], TulouError | None]:
    return lambda ask: error if ask.subject == "bad" else None


def spoken(authority: Authority) -> tuple[AllowanceLine, list[ShareAccount]]:
    """Return a line on which accounts tell that each of them has used five tokens."""
    clock = ManualClock()
    line = AllowanceLine(authority, clock=clock, counters=QuotaCounters(CollectorRegistry()))
    accounts = [ShareAccount(TOKENS, subject, clock.monotonic()) for subject in SUBJECTS]
    for account in accounts:
        account.begin_loose(0.0)
        account.end_loose(5)
    line.put(accounts, LimitRules([TOKENS]), give_back=())
    return line, accounts


async def test_an_ask_that_the_authority_refuses_is_dropped_and_the_others_are_counted() -> None:
    authority = Authority(bad(InvalidError("used is absurd")))
    line, accounts = spoken(authority)

    await line.tell()

    assert authority.used == {subject: 5 for subject in SUBJECTS if subject != "bad"}
    assert not line.pending
    assert not line.away
    assert [account.over for account in accounts] == [0] * len(SUBJECTS)
    assert len({request.told for request in authority.told}) == len(authority.told)
    assert [request.told for request in authority.told] == sorted(request.told for request in authority.told)


async def test_a_share_that_says_why_nothing_was_counted_ends_the_ask() -> None:
    authority = Authority(lambda _: None)
    line, accounts = spoken(authority)
    real = authority.lease

    async def lease(request: LeaseShares, limits: Mapping[str, Limit]) -> Shares:
        shares = await real(request, limits)
        items = tuple(share(ask, "absurd" if ask.subject == "bad" else "") for ask in request.asks)
        return Shares(items=items, at=shares.at)

    authority.lease = lease
    await line.tell()

    assert len(authority.told) == 1
    assert not any(account.over or account.asking for account in accounts)


async def test_an_ask_at_which_the_authority_fails_is_set_aside_with_what_it_says() -> None:
    authority = Authority(bad(TulouError("a bug")))
    line, accounts = spoken(authority)

    tries = 0
    while line.pending:
        await line.tell_once()
        tries += 1
        assert tries <= TRIES * 2 * len(SUBJECTS), "it is not told for ever"

    assert authority.used == {subject: 5 for subject in SUBJECTS if subject != "bad"}
    (aside,) = [account for account in accounts if account.subject == "bad"]
    assert aside.aside_until > 0
    assert aside.over == 5, "it is told again, later"


async def test_a_message_is_told_again_unchanged_while_nobody_is_there() -> None:
    errors = [UnavailableError("away")] * 20
    authority = Authority(lambda _: errors.pop() if errors else None)
    line, _ = spoken(authority)

    while line.pending:
        await line.tell_once()

    assert len({request.told for request in authority.told}) == 1
    assert authority.used == dict.fromkeys(SUBJECTS, 5)


async def test_an_answer_with_too_few_shares_is_none() -> None:
    authority = Authority(lambda _: None)
    line, _ = spoken(authority)

    async def lease(request: LeaseShares, limits: Mapping[str, Limit]) -> Shares:
        del request, limits
        return Shares(items=())

    authority.lease = lease

    assert not await line.tell_once()
    assert line.pending


async def test_what_is_told_is_bounded_and_the_rest_is_told_later() -> None:
    authority = Authority(lambda _: None)
    clock = ManualClock()
    line = AllowanceLine(authority, clock=clock, counters=QuotaCounters(CollectorRegistry()))
    account = ShareAccount(TOKENS, "key_1", clock.monotonic())
    account.begin_loose(0.0)
    account.end_loose(3 * UNITS_CAP)
    for _ in range(3):
        line.put([account], LimitRules([TOKENS]), give_back=())
        await line.tell()

    assert all(0 <= ask.over <= UNITS_CAP for request in authority.told for ask in request.asks)
    assert authority.used == {"key_1": 3 * UNITS_CAP}
    assert account.over == 0
