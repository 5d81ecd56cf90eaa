"""A revision says who made it; one of which nobody knows that is given to who says so in time, and to nobody else."""

from collections.abc import AsyncGenerator
from dataclasses import replace

import pytest

from tulou.contracts.limits.messages import Limit
from tulou.kernel.errors import NotFoundError
from tulou.services.configuration.component import COMPONENT
from tulou.services.configuration.domain.document import SECTIONS, Resources
from tulou.services.configuration.history import (
    AUTHOR_CAP,
    FOUND,
    REASON_CAP,
    START,
    UNKNOWN_AMONG,
    VIA_CAP,
    RecordedChange,
    RevisionHistory,
)
from tulou.services.configuration.settings import ConfigurationSettings
from tulou.services.configuration.store import METADATA
from tulou.testing.house import SmallHouse, open_house
from tulou.testing.tables import differences

KEPT = 15
SOMEBODY = RecordedChange(
    author="bea", reason="ticket 7", source="console", via="console", sections=frozenset({"limits"})
)
NOBODY = RecordedChange(author="house", reason=FOUND, source="console")


@pytest.fixture
async def house() -> AsyncGenerator[SmallHouse]:
    async with open_house(COMPONENT.migrations) as small:
        yield small


@pytest.fixture
def history(house: SmallHouse) -> RevisionHistory:
    return RevisionHistory(house.database, clock=house.clock, settings=ConfigurationSettings(revisions=KEPT))


def having(*names: str) -> Resources:
    limits = {name: Limit(name=name, scope="key", measure="requests", amount=1, period="second") for name in names}
    return {**{section: {} for section in SECTIONS}, "limits": limits}


async def test_migrations_make_the_tables_that_are_declared(house: SmallHouse) -> None:
    assert await differences(house.database, METADATA) == []


async def test_only_what_differs_is_a_new_revision(history: RevisionHistory) -> None:
    assert await history.newest() == 0
    first = await history.record(having(), replace(NOBODY, reason=START, source="start"))
    assert (first.number, first.changes) == (1, ()), "the first is one, whatever there is"
    assert (await history.record(having(), SOMEBODY)) == first
    second = await history.record(having("a", "b"), SOMEBODY)
    assert (second.number, second.author, second.reason, second.via) == (2, "bea", "ticket 7", "console")
    assert [(one.kind, one.resource, one.name) for one in second.changes] == [
        ("create", "limits", "a"),
        ("create", "limits", "b"),
    ]
    assert (await history.newest(), await history.find(2)) == (2, second)


async def test_a_revision_holds_the_document_as_it_was(history: RevisionHistory) -> None:
    await history.record(having("a"), SOMEBODY)
    await history.record(having("b"), SOMEBODY)
    assert await history.resources(1) == having("a")
    assert await history.resources(2) == having("b")
    assert "name: a" in await history.text(1)


async def test_without_a_reason_a_revision_says_what_changed(history: RevisionHistory) -> None:
    made = await history.record(having("a", "b", "c", "d", "e"), replace(SOMEBODY, reason=""))
    assert made.reason == "create limits/a, create limits/b, create limits/c and 2 more"


async def test_what_somebody_says_of_themselves_is_one_line_of_bounded_length(history: RevisionHistory) -> None:
    said = RecordedChange(author="be\na" * 200, reason="why\r\n" * 1_000, source="console", via="con\tsole" * 20)
    made = await history.record(having("a"), said)
    assert (made.author[:5], made.reason[:8], made.via[:9]) == ("be ab", "why why ", "con solec")
    assert (len(made.author), len(made.reason), len(made.via)) == (AUTHOR_CAP, REASON_CAP, VIA_CAP)


async def test_the_oldest_revisions_are_forgotten(history: RevisionHistory) -> None:
    for number in range(KEPT + 3):
        await history.record(having(f"l{number}"), SOMEBODY)
    assert (await history.find(4)).number == 4
    for gone in (3, 1):
        with pytest.raises(NotFoundError, match=f"no revision {gone}; `tulou revisions`"):
            await history.find(gone)
        with pytest.raises(NotFoundError):
            await history.resources(gone)


@pytest.mark.parametrize("number", [0, -1, 99, 2**31, 2**70])
async def test_a_revision_that_never_was_is_not_found(history: RevisionHistory, number: int) -> None:
    await history.record(having("a"), SOMEBODY)
    with pytest.raises(NotFoundError):
        await history.text(number)


@pytest.mark.parametrize("reason", [FOUND, START])
async def test_what_nobody_knows_whose_it_is_becomes_theirs_who_say_so_in_time(
    history: RevisionHistory, house: SmallHouse, reason: str
) -> None:
    await history.record(having("a"), SOMEBODY)
    found = await history.record(having("b"), RecordedChange(author="house", reason=reason, source="start"))
    assert found.author == "house"
    now = house.clock.now()
    ours = replace(SOMEBODY, author="ann", since=now - 0.2, noted=now)
    named = await history.record(having("b"), ours)
    assert (named.number, named.author, named.reason, named.source, named.at) == (
        *(2, "ann", "ticket 7", "console"),
        found.at,
    )
    assert named.changes == found.changes
    assert (await history.find(1)).author == "bea"
    again = await history.record(having("b"), replace(ours, author="eve"))
    assert again.author == "ann", "once it is somebody's it stays so"


@pytest.mark.parametrize("reason", [FOUND, START])
async def test_what_was_made_elsewhere_than_what_was_found_does_not_take_it_over(
    history: RevisionHistory, house: SmallHouse, reason: str
) -> None:
    await history.record(having("a"), RecordedChange(author="house", reason=reason, source="start"))
    now = house.clock.now()
    for sections in ((), ("routes",)):
        made = replace(SOMEBODY, since=now, noted=now, sections=frozenset(sections))
        assert (await history.record(having("a"), made)).author == "house"


async def test_the_state_at_the_start_is_nobodys_unless_it_was_recorded_after_the_note(
    history: RevisionHistory, house: SmallHouse
) -> None:
    await history.record(having("a"), RecordedChange(author="house", reason=START, source="start"))
    noted = house.clock.now() + 0.1
    assert (await history.record(having("a"), replace(SOMEBODY, since=noted - 1, noted=noted))).author == "house"


async def test_who_comes_too_late_or_does_not_know_when_is_not_the_author(
    history: RevisionHistory, house: SmallHouse
) -> None:
    await history.record(having("a"), NOBODY)
    house.clock.advance(5)
    late = replace(SOMEBODY, since=house.clock.now() - 0.2)
    assert (await history.record(having("a"), late)).author == "house"
    assert (await history.record(having("a"), SOMEBODY)).author == "house"


async def test_who_changed_something_else_is_its_author_alone(history: RevisionHistory, house: SmallHouse) -> None:
    await history.record(having("a"), NOBODY)
    await history.record(having("b"), replace(SOMEBODY, since=house.clock.now() - 0.2))
    assert ((await history.find(1)).author, (await history.find(2)).author) == ("house", "bea")


async def test_only_among_the_newest_revisions_is_one_that_nobody_made_looked_for(
    history: RevisionHistory, house: SmallHouse
) -> None:
    since = house.clock.now()
    await history.record(having("a"), NOBODY)
    for number in range(UNKNOWN_AMONG):
        await history.record(having(f"l{number}"), SOMEBODY)
    await history.record(having(f"l{UNKNOWN_AMONG - 1}"), replace(SOMEBODY, author="ann", since=since))
    assert (await history.find(1)).author == "house"
    assert {(await history.find(number)).author for number in range(2, UNKNOWN_AMONG + 2)} == {"bea"}


async def test_a_takeover_without_a_reason_says_what_changed(history: RevisionHistory, house: SmallHouse) -> None:
    await history.record(having("a"), NOBODY)
    made = await history.record(having("a"), replace(SOMEBODY, reason="", since=house.clock.now()))
    assert made.reason == "create limits/a"
