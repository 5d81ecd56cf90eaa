"""What an account holds, without anybody to ask."""

from tulou.contracts.limits.messages import Limit, Share
from tulou.services.gateway.quota.account import ShareAccount

LIMIT = Limit(name="few", scope="key", measure="requests", amount=10, period="minute")


def let_through(account: ShareAccount, tries: int, now: float) -> int:
    return [account.local(gateways=1).take(1, now) for _ in range(tries)].count(True)


def test_a_local_share_of_a_rate_goes_on_where_it_was_when_somebody_answered_in_between() -> None:
    account = ShareAccount(LIMIT, "key_1", 0.0)
    assert let_through(account, 15, 0.0) == 10
    account.ask(0.0)
    answer = Share(limit="few", subject="key_1", lease="", granted=0, until=0.0, left=10, resets_at=0.0)
    account.answer(answer, sent_at=0.0, said_at=0.0, now=0.0)
    assert let_through(account, 5, 0.0) == 0
    assert let_through(account, 5, 13.0) == 2  # what has flowed back: one each six seconds


def test_a_limit_that_was_changed_begins_anew() -> None:
    account = ShareAccount(LIMIT, "key_1", 0.0)
    assert let_through(account, 15, 0.0) == 10
    account.define(Limit(name="few", scope="key", measure="requests", amount=4, period="minute"))
    assert let_through(account, 15, 0.0) == 4
