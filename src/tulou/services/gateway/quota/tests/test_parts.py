"""The parts of the quota that need nobody to ask."""

from dataclasses import replace

import pytest

from tulou.contracts.limits.messages import Limit
from tulou.contracts.metering.messages import Price, PriceList
from tulou.contracts.routing.messages import Grant
from tulou.rules.limits.terms import terms_of
from tulou.rules.metering.book import PriceBook
from tulou.services.gateway.quota.headers import duration
from tulou.services.gateway.quota.local import LocalShare
from tulou.services.gateway.quota.price import UpperPrice, free
from tulou.services.gateway.quota.refusals import QuotaUsedUpError, RateLimitedError, TooManyAtOnceError, reached
from tulou.services.gateway.quota.rules import LimitRules
from tulou.testing.clock import ManualClock

RATE = Limit(name="rate", scope="key", measure="requests", amount=10, period="minute")


def granted() -> Grant:
    return Grant(
        key="key_1", digest="00", tenant="acme", principal="ana", project="app", scopes=("inference",), models=("*",)
    )


def bound(limits: tuple[Limit, ...], grant: Grant, model: str = "m") -> list[tuple[str, str]]:
    return [(limit.name, subject) for limit, subject in LimitRules(limits).binding(grant, model)]


def limit(name: str, **changes: object) -> Limit:
    return replace(RATE, name=name, **changes)


def test_each_scope_counts_for_its_own_subject() -> None:
    limits = tuple(limit(scope, scope=scope) for scope in ("key", "principal", "project", "tenant", "house"))
    assert bound(limits, granted()) == [
        ("key", "key_1"),
        ("principal", "acme/ana"),
        ("project", "acme/app"),
        ("tenant", "acme"),
        ("house", "house"),
    ]


def test_a_limit_binds_its_subject_its_tenant_and_its_models_only() -> None:
    limits = (
        limit("mine", subject="key_1"),
        limit("of-another-key", subject="key_2"),
        limit("of-another-tenant", tenant="other"),
        limit("of-my-tenant", tenant="acme"),
        limit("of-the-model", models=("a", "big-*")),
    )
    assert bound(limits, granted(), "m") == [("mine", "key_1"), ("of-my-tenant", "key_1")]
    assert bound(limits, granted(), "big-one")[-1] == ("of-the-model", "key_1")


def test_a_key_that_was_made_with_another_counts_for_that_one_too() -> None:
    limits = (
        limit("first", subject="key_0"),
        limit("mine", subject="key_1"),
        limit("each"),
        limit("theirs", subject="x"),
    )
    made = replace(granted(), makers=("key_0", "key_half"))
    assert sorted(bound(limits, made)) == [("each", "key_0"), ("first", "key_0"), ("mine", "key_1")]


def test_a_request_is_priced_by_the_dearest_that_may_answer_now() -> None:
    prices = (
        Price(model="cheap", input=1.0),
        Price(model="dear", provider="x", input=5.0),
        Price(model="cheap", input=0.0, output=0.3, request=7.0, since=2_000_000_000.0),
    )
    book = PriceBook.compile(PriceList(items=prices, version=1))
    clock = ManualClock()
    served = {"m": (("cheap", "", "a", "m"), ("dear", "x", "b", "m"))}
    price = UpperPrice(book, served, clock=clock)
    assert price("m", 10, 0, batch=False) == 50
    assert price("cheap", 10, 1, batch=False) == 10
    clock.advance(2_000_000_000.0 - clock.now())
    assert price("m", 10, 0, batch=False) == 50
    assert price("cheap", 10, 1, batch=False) == 8
    assert free("m", 10, 0, batch=False) == 0


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(-1, b"0ms"), (0.02, b"20ms"), (1.5, b"1.5s"), (59.999, b"60s"), (360, b"6m0s"), (7201, b"2h0m1s")],
)
def test_times_are_written_as_openai_writes_them(seconds: float, text: bytes) -> None:
    assert duration(seconds) == text


def test_a_local_share_of_a_rate_flows_in_proportion() -> None:
    share = LocalShare(terms_of(RATE), left=10, gateways=5)
    assert [share.take(1, now=100.0) for _ in range(3)] == [True, True, False]
    assert share.take(1, now=130.1)


def test_a_local_share_of_a_quota_is_a_part_of_what_was_left_and_never_more() -> None:
    share = LocalShare(terms_of(limit("q", period="day", amount=1000)), left=10, gateways=2)
    assert share.take(5, now=0.0)
    assert not share.take(1, now=90_000.0)


def test_a_local_share_of_places_comes_back_with_them() -> None:
    share = LocalShare(terms_of(limit("p", measure="concurrency", period="none", amount=4)), left=4, gateways=2)
    assert [share.take(1, now=0.0) for _ in range(3)] == [True, True, False]
    share.back(1)
    assert share.take(1, now=0.0)


@pytest.mark.parametrize(
    ("changes", "kind", "words"),
    [
        ({}, RateLimitedError, "the limit 'l' of 10 requests a minute for this key is reached; try again in 2.0 s"),
        (
            {"measure": "cost", "period": "month", "amount": 2.5, "scope": "project"},
            QuotaUsedUpError,
            "the limit 'l' of 2.50 \N{CURRENCY SIGN} a month for this project is reached; try again in 2.0 s",
        ),
        (
            {"measure": "concurrency", "period": "none"},
            TooManyAtOnceError,
            "the limit 'l' of 10 requests at once for this key is reached; try again in 2.0 s",
        ),
    ],
)
def test_a_refusal_says_which_limit_how_much_and_when(
    changes: dict[str, object], kind: type[Exception], words: str
) -> None:
    error = reached(limit("l", **changes), need=1, left=0, retry_after_s=2.0)
    assert (type(error), str(error), error.limit, error.status) == (kind, words, "l", 429)


def test_a_refusal_says_when_less_would_have_been_served() -> None:
    error = reached(limit("l", measure="tokens"), need=8, left=3, retry_after_s=2.0)
    assert str(error).startswith("this request may take 8 tokens, and the limit 'l' of 10 tokens a minute for this key")
    assert "has 3 tokens left; lower max_tokens" in str(error)
