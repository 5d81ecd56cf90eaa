"""Limits that change concern those for whom they count, and nobody else."""

from dataclasses import replace

import pytest

from tulou.contracts.limits.messages import Limit
from tulou.contracts.routing.messages import Grant
from tulou.services.gateway.quota.holdings import FEW, HeldShares
from tulou.services.gateway.quota.rules import LimitRules

ANA = Grant(key="key_1", digest="01", tenant="acme", principal="ana", project="app", scopes=("inference",))
BEA = replace(ANA, key="key_2", digest="02", principal="bea", project="web")
CAI = replace(ANA, key="key_3", digest="03", tenant="other", principal="ana")
EVA = replace(ANA, key="key_4", digest="04", tenant="far", principal="eva", project="own", makers=("key_1",))
GRANTS = (ANA, BEA, CAI, EVA)


def limit(name: str, **changes: object) -> Limit:
    return replace(Limit(name=name, scope="key", measure="requests", amount=10, period="minute"), **changes)


def bound(holdings: HeldShares, grant: Grant) -> list[tuple[str, float]]:
    return [(one.limit.name, one.limit.amount) for one in holdings.bounds(grant, "m", 0.0).accounts]


@pytest.mark.parametrize(
    ("made", "concerned"),
    [
        (limit("l", subject="key_1"), {"key_1", "key_4"}),
        (limit("l", scope="principal", subject="acme/ana"), {"key_1"}),
        (limit("l", scope="project", subject="acme/web"), {"key_2"}),
        (limit("l", scope="tenant", subject="acme"), {"key_1", "key_2"}),
        (limit("l", tenant="other"), {"key_3"}),
        (limit("l", scope="house"), {"key_1", "key_2", "key_3", "key_4"}),
        (limit("l"), {"key_1", "key_2", "key_3", "key_4"}),
    ],
)
def test_a_limit_binds_whom_it_is_for_as_soon_as_it_is_made_and_no_longer_than_it_is_there(
    made: Limit, concerned: set[str]
) -> None:
    holdings, rules = HeldShares(most=100), LimitRules([limit("other", amount=3)])
    holdings.obey(rules)
    for amount in (10, 20, None):
        for grant in GRANTS:
            holdings.bounds(grant, "m", 0.0)  # what is remembered of them is what must be forgotten
        rules = rules.updated([replace(made, amount=amount)], ()) if amount else rules.updated((), [made.name])
        holdings.obey(rules)
        for grant in GRANTS:
            told = [("other", 3), ("l", amount)] if grant.key in concerned and amount else [("other", 3)]
            assert sorted(bound(holdings, grant)) == sorted(told)


def test_who_is_not_concerned_keeps_what_is_known_of_them() -> None:
    holdings, rules = HeldShares(most=100), LimitRules([limit("a", subject="key_1"), limit("b", subject="key_2")])
    holdings.obey(rules)
    mine, other = holdings.bounds(ANA, "m", 0.0), holdings.bounds(BEA, "m", 0.0)
    holdings.obey(rules.updated([limit("a", subject="key_1", amount=3)], ()))
    assert holdings.bounds(BEA, "m", 0.0) is other
    assert holdings.bounds(ANA, "m", 0.0) is not mine
    assert mine.accounts[0].terms.capacity == 3  # requests in flight are settled with the account that there is


def test_many_that_change_at_once_are_in_force_as_one_is() -> None:
    holdings, rules = (
        HeldShares(most=100),
        LimitRules([limit(f"l{number}", subject="key_1") for number in range(2 * FEW)]),
    )
    holdings.obey(rules)
    assert len(bound(holdings, ANA)) == 2 * FEW
    changed = [limit(f"l{number}", subject="key_2") for number in range(2 * FEW)]
    holdings.obey(rules.updated(changed, ()))
    assert (bound(holdings, ANA), len(bound(holdings, BEA))) == ([], 2 * FEW)


def test_limits_that_were_told_anew_as_a_whole_take_the_place_of_all() -> None:
    holdings = HeldShares(most=100)
    holdings.obey(LimitRules([limit("a"), limit("b")]))
    assert len(bound(holdings, ANA)) == 2
    holdings.obey(LimitRules([limit("b", amount=4)]))
    assert bound(holdings, ANA) == [("b", 4)]
