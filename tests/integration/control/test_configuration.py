"""The house's document on PostgreSQL, where several control processes apply at once."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack

import pytest
import yaml

from tests.contracts.test_configuration import FULL, Stage
from tests.contracts.whole import NAMES, opened
from tests.integration.control.conftest import open_on
from tulou.assembly.catalogue import CATALOGUE
from tulou.contracts.configuration.api import Configuration
from tulou.contracts.configuration.messages import (
    Applied,
    Apply,
    Compare,
    Export,
    ListRevisions,
    MakePlan,
    Revision,
    Rollback,
)
from tulou.kernel.errors import ConflictError, NotFoundError
from tulou.testing.house import SmallHouse
from tulou.testing.servers.postgres import PostgresServer

PROCESSES = 2
APPLIES = 6
NAMED = 4
PARTS = {name: CATALOGUE[name] for name in NAMES}


@pytest.fixture
async def house(postgres: PostgresServer) -> AsyncGenerator[SmallHouse]:
    """A house with the tables of all services that declare something."""
    async with open_on(postgres, *(part.migrations for part in PARTS.values() if part.migrations)) as small:
        yield small


@pytest.fixture
async def processes(house: SmallHouse) -> AsyncGenerator[list[Stage]]:
    """Several control processes over one database, started at once."""
    async with AsyncExitStack() as stack:
        wholes = [await stack.enter_async_context(opened(house, PARTS)) for _ in range(PROCESSES)]
        stages = [Stage(whole[Configuration], whole) for whole in wholes]
        await asyncio.gather(*(stage.started() for stage in stages))
        yield stages


def numbered(number: int) -> str:
    """Return a document of which half would show: a role and several limits that all say the same number."""
    limits = [
        {"name": f"limit-{place}", "scope": "key", "measure": "requests", "amount": number, "period": "minute"}
        for place in range(NAMED)
    ]
    roles = [{"name": f"role-{number}", "permissions": ["models:use"]}]
    return yaml.safe_dump({"version": 1, "roles": roles, "limits": limits})


def number_of(text: str) -> int:
    """Return the number that a whole document says; fail for one that is half of another."""
    document = yaml.safe_load(text)
    numbers = {int(limit["amount"]) for limit in document["limits"]}
    numbers |= {int(role["name"].removeprefix("role-")) for role in document["roles"]}
    assert (len(document["limits"]), len(document["roles"]), len(numbers)) == (NAMED, 1, 1), text
    return numbers.pop()


async def history(stage: Stage) -> list[Revision]:
    """Return all revisions, oldest first."""
    return list((await stage.configuration.revisions(ListRevisions(limit=100))).items)[::-1]


async def test_a_document_is_applied_rolled_back_and_remembered(processes: list[Stage]) -> None:
    one, other = processes
    first = (await one.configuration.apply(Apply(text=FULL, reason="the first"))).revision
    text = (await one.configuration.export(Export())).text
    await other.configuration.apply(Apply(text=FULL.replace("amount: 60", "amount: 5"), reason="tighter"))
    back = (await one.configuration.rollback(Rollback(revision=first.number, reason="too tight"))).revision

    assert (await other.configuration.plan(MakePlan(text=FULL))).changes == ()
    assert (await other.configuration.export(Export(revision=back.number))).text == text
    told = [(each.number, each.source, each.reason) for each in await history(other)]
    assert told == [
        (1, "start", "as it was found at the start"),
        (2, "apply", "the first"),
        (3, "apply", "tighter"),
        (4, "rollback", "back to revision 2: too tight"),
    ]
    [changed] = (await other.configuration.compare(Compare(base=2, to=3))).changes
    assert (changed.kind, changed.name, changed.fields) == ("update", "calm", ("amount",))
    with pytest.raises(NotFoundError, match="no revision 9"):
        await other.configuration.rollback(Rollback(revision=9))


async def test_what_fails_in_the_middle_leaves_everything_as_it_was(processes: list[Stage]) -> None:
    one, other = processes
    await one.configuration.apply(Apply(text=numbered(1)))
    wrong = yaml.safe_load(numbered(2)) | {"deployments": [{"name": "lost", "model": "no-such-model"}]}

    with pytest.raises(NotFoundError, match="everything is as it was"):
        await one.configuration.apply(Apply(text=yaml.safe_dump(wrong)))

    assert number_of((await other.configuration.export(Export())).text) == 1
    assert [each.number for each in await history(other)] == [1, 2]


async def test_applies_of_several_processes_take_turns_and_each_is_whole(processes: list[Stage]) -> None:
    applies = [
        processes[number % PROCESSES].configuration.apply(Apply(text=numbered(number), reason=f"number {number}"))
        for number in range(1, APPLIES + 1)
    ]
    made = [applied.revision for applied in await asyncio.gather(*applies)]

    kept = await history(processes[0])
    assert [each.number for each in kept] == list(range(1, APPLIES + 2))
    assert sorted(each.number for each in made) == list(range(2, APPLIES + 2))
    for number, revision in enumerate(made, start=1):
        text = (await processes[0].configuration.export(Export(revision=revision.number))).text
        assert (number_of(text), kept[revision.number - 1].reason) == (number, f"number {number}")
    newest = (await processes[0].configuration.export(Export(revision=kept[-1].number))).text
    assert (await processes[1].configuration.export(Export())).text == newest


async def test_of_those_who_planned_for_the_same_revision_one_applies_and_the_others_are_refused(
    processes: list[Stage],
) -> None:
    base = (await processes[0].newest()).number
    applies = [
        processes[number % PROCESSES].configuration.apply(Apply(text=numbered(number), base=base))
        for number in range(1, APPLIES + 1)
    ]
    results = await asyncio.gather(*applies, return_exceptions=True)

    [winner] = [number for number, result in enumerate(results, start=1) if isinstance(result, Applied)]
    refused = [str(result) for result in results if isinstance(result, ConflictError)]
    assert len(refused) == APPLIES - 1
    assert all("plan again" in words for words in refused)
    assert number_of((await processes[1].configuration.export(Export())).text) == winner
    assert [each.number for each in await history(processes[1])] == [base, base + 1]
