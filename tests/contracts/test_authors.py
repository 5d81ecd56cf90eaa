"""Whoever changes something is its author, whenever the house happened to be looked at meanwhile."""

from collections.abc import Sequence

from tests.contracts.whole import NAMES, Whole, open_whole, opened
from tulou.assembly.catalogue import CATALOGUE
from tulou.contracts.configuration.api import Configuration
from tulou.contracts.configuration.messages import Apply, ListRevisions, MakePlan, Note, Revision
from tulou.contracts.limits.api import Limits
from tulou.contracts.limits.messages import Limit
from tulou.services.configuration import store
from tulou.services.configuration.history import FOUND, START
from tulou.services.configuration.store import LockState
from tulou.testing.clock import ManualClock
from tulou.testing.eventually import eventually
from tulou.testing.house import open_house

NOTE = Note(author="bea", reason="ticket 7", via="console", noun="limits")
NOTHING = "version: 1\n"


async def changed(whole: Whole, name: str = "calm") -> None:
    await whole[Limits].put_limit(Limit(name=name, scope="key", measure="requests", amount=1, period="second"))


async def revisions(whole: Whole) -> Sequence[Revision]:
    return (await whole[Configuration].revisions(ListRevisions())).items


async def by_bea(whole: Whole) -> Revision:
    """Return the revision of which Bea is the author, once there is one."""
    found: list[Revision] = []

    async def there() -> bool:
        found[:] = [one for one in await revisions(whole) if one.author == "bea"]
        return bool(found)

    await eventually(there)
    (one,) = found
    assert (one.reason, one.source, one.via) == ("ticket 7", "console", "console")
    assert [change.name for change in one.changes if change.resource == "limits"] == ["calm"]
    return one


async def test_a_change_that_is_made_as_soon_as_the_house_is_open_has_its_author() -> None:
    async with open_whole(clock=ManualClock()) as whole:
        (first,) = await revisions(whole)
        assert (first.author, first.reason, first.source) == ("house", START, "start")
        await changed(whole)
        await whole[Configuration].note(NOTE)
        assert (await by_bea(whole)).number == 2


async def test_a_change_before_the_state_at_the_start_could_be_recorded_has_its_author() -> None:
    """The turn is that of a process that died: for a moment nothing can be recorded, and the house is open."""
    parts = {name: CATALOGUE[name] for name in NAMES}
    migrations = [part.migrations for part in parts.values() if part.migrations]
    async with open_house(*migrations) as house:
        async with house.database.transaction() as tx:
            dead = LockState(holder="turn_dead", until=house.clock.now() + 0.5, restore=0)
            assert await store.begin_turn(tx, dead, before=None)
        async with opened(house, parts, clock=house.clock) as whole:
            assert await revisions(whole) == ()
            await changed(whole)
            await whole[Configuration].note(NOTE)
            house.clock.advance(0.5)
            assert (await by_bea(whole)).number == 1


async def test_a_plan_between_a_change_and_its_note_does_not_make_the_change_nobody_s() -> None:
    async with open_whole(clock=ManualClock()) as whole:
        await changed(whole)
        assert (await whole[Configuration].plan(MakePlan(text=NOTHING))).base == 2
        assert (await revisions(whole))[0].reason == FOUND
        await whole[Configuration].note(NOTE)
        assert (await by_bea(whole)).number == 2
        assert len(await revisions(whole)) == 2


async def test_a_note_of_what_is_in_no_document_makes_nobody_the_author_of_what_was_found() -> None:
    """A new key: what is noted of it is looked at when the house closes, at the latest."""
    parts = {name: CATALOGUE[name] for name in NAMES}
    clock = ManualClock()
    async with open_house(*(part.migrations for part in parts.values() if part.migrations), clock=clock) as house:
        async with opened(house, parts, clock=clock) as whole:
            await changed(whole)
            await whole[Configuration].plan(MakePlan(text=NOTHING))
            await whole[Configuration].note(Note(author="bea", reason="a key for ci", via="cli", noun="keys"))
        async with opened(house, parts, clock=clock) as again:
            found = await revisions(again)
    assert [(one.author, one.reason) for one in found] == [("house", FOUND), ("house", START)]


async def test_an_apply_between_a_change_and_its_note_keeps_its_own_author_alone() -> None:
    async with open_whole(clock=ManualClock()) as whole:
        await changed(whole)
        text = f"{NOTHING}tenants: [{{name: acme}}, {{name: default}}]"
        applied = await whole[Configuration].apply(Apply(text=text, reason="a tenant"))
        await whole[Configuration].note(NOTE)
        assert (await by_bea(whole)).number == applied.revision.number - 1
        newest, *_ = await revisions(whole)
        assert (newest.author, newest.reason, newest.source) == ("house", "a tenant", "apply")
