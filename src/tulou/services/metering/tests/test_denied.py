"""Denied requests are told of together: one for each caller, model and reason, and the rest as one of nobody."""

from dataclasses import replace

from tulou.contracts.metering.messages import Entry
from tulou.services.metering.domain.denied import OTHER, together

DENIED = Entry(
    id="e0",
    at=100.0,
    request_id="req_0",
    tenant="red",
    project="web",
    principal="ana",
    key="key_1",
    endpoint="chat",
    model="tiny",
    status=403,
    code="policy_denied",
    refused_by="policy_denied",
)


def denied(number: int, **change: str) -> Entry:
    return replace(DENIED, id=f"e{number}", at=100.0 + number, **change)


def test_what_a_caller_is_denied_alike_is_one_with_its_number() -> None:
    told = together([denied(1), denied(2), denied(3, principal="bo"), denied(4), denied(5, code="limited")], most=10)
    assert [(one.id, dict(one.tags).get("count")) for one in told] == [("e1", "3"), ("e3", None), ("e5", None)]
    assert dict(told[0].tags) == {"count": "3", "first": "101", "last": "104"}


def test_callers_beyond_those_with_names_are_counted_and_named_no_more() -> None:
    told = together([denied(number, principal=f"p{number}") for number in range(10)], most=3)
    assert [one.principal for one in told] == ["p0", "p1", "p2", OTHER]
    assert (told[-1].tenant, told[-1].key, dict(told[-1].tags)["count"]) == ("", "", "7")


def test_sums_by_address_stay_as_they_are() -> None:
    strangers = [denied(number, tenant="", principal="", key="") for number in range(3)]
    assert together(strangers, most=10) == tuple(strangers)
