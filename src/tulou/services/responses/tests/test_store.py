"""Responses, what they take and which item lies in which, in a real database."""

from collections.abc import AsyncGenerator
from dataclasses import replace

import pytest

from tulou.contracts.files.messages import Owner
from tulou.contracts.responses.messages import StoredResponse
from tulou.kernel.errors import ConflictError
from tulou.ports.database import Database
from tulou.services.responses import store
from tulou.services.responses.component import COMPONENT
from tulou.services.responses.domain import size
from tulou.services.responses.tests.builders import OTHER, OWNER, items, response
from tulou.testing.house import SmallHouse, open_house
from tulou.testing.tables import differences


@pytest.fixture
async def house() -> AsyncGenerator[SmallHouse]:
    async with open_house(COMPONENT.migrations) as small:
        yield small


@pytest.fixture
async def database(house: SmallHouse) -> Database:
    async with house.database.transaction() as tx:
        await store.begin(tx, OWNER)
        await store.begin(tx, OTHER)
    return house.database


async def add(database: Database, *responses: StoredResponse) -> None:
    async with database.transaction() as tx:
        for one in responses:
            await store.add(tx, one)


async def find(database: Database, name: str, owner: Owner = OWNER, *, now: float = 10.0) -> StoredResponse | None:
    async with database.reading() as tx:
        return await store.find(tx, name, owner, now=now)


async def kept(database: Database, owner: Owner = OWNER) -> int:
    async with database.transaction() as tx:
        return await store.kept_bytes(tx, owner)


async def holders(database: Database, *names: str, owner: Owner = OWNER) -> dict[str, str]:
    async with database.reading() as tx:
        return await store.holders(tx, owner, names)


async def test_migrations_make_the_tables_that_are_declared(house: SmallHouse) -> None:
    assert await differences(house.database, store.METADATA) == []


async def test_a_response_is_found_as_it_was_kept_by_its_project_alone_and_in_its_time(database: Database) -> None:
    made = response(input='["é"]', request='{"x":1}', previous="resp_0", job="job_1", expires_at=20.0)
    await add(database, made)
    assert await find(database, "resp_1") == made
    assert await find(database, "resp_1", OTHER) is None
    assert await find(database, "resp_2") is None
    assert await find(database, "resp_1", now=19.9) == made
    assert await find(database, "resp_1", now=20.0) is None


async def test_two_responses_of_one_id_are_a_conflict(database: Database) -> None:
    await add(database, response())
    with pytest.raises(ConflictError):
        await add(database, response(owner=OTHER))
    assert (await kept(database), await kept(database, OTHER)) == (size(response()), 0)


async def test_the_bytes_of_a_project_follow_what_comes_changes_and_goes(database: Database) -> None:
    one, two = response("resp_1"), response("resp_2", output=items("long" * 20))
    await add(database, one, two, response("resp_3", owner=OTHER))
    assert await kept(database) == size(one) + size(two)

    longer = replace(one, body=one.body.replace("completed", "incomplete"), state="incomplete")
    async with database.transaction() as tx:
        await store.put(tx, longer, before=one)
    assert await kept(database) == size(longer) + size(two)
    assert await find(database, "resp_1") == longer

    async with database.transaction() as tx:
        assert await store.remove(tx, OWNER, store.named("resp_2")) == 1
        assert await store.remove(tx, OWNER, store.named("resp_3")) == 0, "it is another project's"
    assert (await kept(database), await kept(database, OTHER)) == (size(longer), size(response("resp_3")))


async def test_a_project_is_counted_once_it_has_begun_and_only_once(database: Database) -> None:
    new = replace(OWNER, project="new")
    async with database.reading() as tx:
        assert (await store.counted(tx, OWNER), await store.counted(tx, new)) == (True, False)
    assert await kept(database, new) == 0
    await add(database, response("resp_1"))
    async with database.transaction() as tx:
        await store.begin(tx, OWNER)
    assert await kept(database) == size(response("resp_1"))


async def test_items_are_found_once_their_answer_has_ended_and_by_the_last_that_holds_them(database: Database) -> None:
    making = response("resp_1", output=items("a", "b"), state="in_progress")
    await add(database, making)
    assert await holders(database, "a", "b") == {}

    async with database.transaction() as tx:
        await store.put(tx, replace(making, state="completed"), before=making)
    await add(database, response("resp_2", output=items("b", "c")))
    await add(database, response("resp_3", output=items("a"), owner=OTHER))
    assert await holders(database, "a", "b", "c", "d") == {"a": "resp_1", "b": "resp_2", "c": "resp_2"}
    assert await holders(database, "a", "b", owner=OTHER) == {"a": "resp_3"}


async def test_items_go_with_their_answer(database: Database) -> None:
    await add(database, response("resp_1", output=items("a")), response("resp_2", output=items("b")))
    async with database.transaction() as tx:
        await store.remove(tx, OWNER, store.named("resp_1"))
    assert await holders(database, "a", "b") == {"b": "resp_2"}


async def test_what_has_expired_goes_project_by_project(database: Database) -> None:
    await add(database, response("resp_1", expires_at=5.0), response("resp_2", expires_at=50.0))
    await add(database, response("resp_3", expires_at=6.0, owner=OTHER))
    async with database.reading() as tx:
        owners = await store.with_expired(tx, now=6.0, limit=10)
        assert {owner.project for owner in owners} == {"p", "q"}
        assert [owner.project for owner in await store.with_expired(tx, now=5.5, limit=10)] == ["p"]
        assert len(await store.with_expired(tx, now=6.0, limit=1)) == 1
    async with database.transaction() as tx:
        assert await store.remove(tx, OWNER, store.expired(6.0)) == 1
    assert (await find(database, "resp_1"), await find(database, "resp_2")) == (
        None,
        response("resp_2", expires_at=50.0),
    )
    assert await kept(database) == size(response("resp_2", expires_at=50.0))


async def test_what_is_being_made_is_counted_for_each_project(database: Database) -> None:
    await add(database, response("resp_1", state="queued"), response("resp_2", state="in_progress"))
    await add(database, response("resp_3"), response("resp_4", state="failed"), response("resp_5", state="cancelled"))
    await add(database, response("resp_6", state="queued", owner=OTHER))
    async with database.reading() as tx:
        assert (await store.count_unfinished(tx, OWNER), await store.count_unfinished(tx, OTHER)) == (2, 1)


async def test_a_response_is_held_whoever_s_it_is_and_none_where_there_is_none(database: Database) -> None:
    await add(database, response())
    async with database.transaction() as tx:
        assert await store.hold(tx, "resp_1") == response()
        assert await store.hold(tx, "resp_2") is None
