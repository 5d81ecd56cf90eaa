"""An apply that an owner would refuse changes nothing, and is refused as its plan says."""

from collections.abc import AsyncGenerator

import pytest
from sqlalchemy import func, select

from tests.contracts.test_configuration import REFUSED
from tests.contracts.whole import Whole, open_whole
from tulou.chassis.outbox.tables import FACTS
from tulou.contracts.configuration.api import Configuration
from tulou.contracts.configuration.messages import Apply, MakePlan, Rollback
from tulou.contracts.identity.api import Identity
from tulou.contracts.identity.messages import ListTenants
from tulou.kernel.errors import ConflictError, InvalidError, LimitedError, TulouError

GOOD = "tenants: [{name: acme}, {name: default}]"


@pytest.fixture
async def whole() -> AsyncGenerator[Whole]:
    async with open_whole() as opened:
        yield opened


async def facts(whole: Whole) -> int:
    """Return how many facts were ever published."""
    async with whole.house.database.reading() as tx:
        (row,) = await tx.rows(select(func.max(FACTS.c.sequence).label("last")))
    return int(row["last"] or 0)


async def refused(whole: Whole, text: str) -> TulouError:
    """Return the error of an apply that changes nothing."""
    before = await facts(whole)
    with pytest.raises(TulouError) as caught:
        await whole[Configuration].apply(Apply(text=text, prune=False))
    assert await facts(whole) == before, "nobody was asked to change anything"
    assert [one.name for one in (await whole[Identity].tenants(ListTenants())).items] == ["default"]
    return caught.value


@pytest.mark.parametrize("words", REFUSED)
async def test_what_an_owner_would_refuse_is_refused_before_anything_is_changed(whole: Whole, words: str) -> None:
    text = f"version: 1\n{REFUSED[words]}"
    text += "" if "tenants:" in text else f"\n{GOOD}"
    error = await refused(whole, text)
    assert words in str(error)
    assert str(error).endswith("nothing was changed")
    plan = await whole[Configuration].plan(MakePlan(text=text, prune=False))
    assert any(words in warning for warning in plan.warnings)


async def test_policies_that_cannot_be_read_are_refused_before_anything_is_changed(whole: Whole) -> None:
    error = await refused(whole, f"version: 1\n{GOOD}\npolicies: [{{name: p, text: 'forbid (('}}]")
    assert "the policy p, line 1" in str(error)


async def test_an_apply_that_is_refused_keeps_the_class_and_the_field_of_its_owner(whole: Whole) -> None:
    bad = "limits: [{name: l, scope: house, measure: requests, amount: 0.5, period: minute}]"
    error = await refused(whole, f"version: 1\n{GOOD}\n{bad}")
    assert (type(error), error.param) == (InvalidError, "limits.l.amount")
    accounts = ", ".join(f"{{name: a{number}, provider: openai}}" for number in range(201))
    error = await refused(whole, f"version: 1\n{GOOD}\nupstreams: [{accounts}]")
    assert (type(error), error.param) == (LimitedError, "upstreams")
    role = "roles: [{name: viewer, permissions: ['models:use']}]"
    assert isinstance(await refused(whole, f"version: 1\n{GOOD}\n{role}"), ConflictError)


async def test_of_many_refusals_an_error_tells_some_and_counts_the_rest(whole: Whole) -> None:
    limits = ", ".join(
        f"{{name: l{number:02}, scope: house, measure: requests, amount: 0.5, period: minute}}" for number in range(30)
    )
    error = await refused(whole, f"version: 1\n{GOOD}\nlimits: [{limits}]")
    assert "limits 'l09': " in str(error)
    assert "limits 'l10': " not in str(error)
    assert str(error).endswith("; and 20 more; nothing was changed")


async def test_what_is_there_already_is_not_asked_for_again(whole: Whole) -> None:
    """An entry that a stricter version would refuse holds up no apply that leaves it alone."""
    configuration = whole[Configuration]
    text = "version: 1\nupstreams: [{name: a, provider: openai}]\n"
    first = (await configuration.apply(Apply(text=text))).revision.number
    more = f"{text}limits: [{{name: l, scope: house, measure: requests, amount: 1, period: minute}}]\n"
    assert (await configuration.apply(Apply(text=more))).revision.number == first + 1
    assert (await configuration.rollback(Rollback(revision=first))).revision.number == first + 2
