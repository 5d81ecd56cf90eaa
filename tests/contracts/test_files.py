"""Files behave the same whether the service is the object itself, a loopback of bytes, or another process."""

from collections.abc import AsyncGenerator, AsyncIterator
from hashlib import sha256

import pytest

from tests.contracts.bindings import Binding, opened
from tulou.chassis.uploads import PIECE_BYTES, write_file
from tulou.contracts.files.api import Files
from tulou.contracts.files.messages import BeginFile, FinishFile, ListFiles, NameFile, Owner
from tulou.kernel.errors import InvalidError, LimitedError, NotFoundError, TooLargeError
from tulou.services.files.component import COMPONENT as FILES
from tulou.services.files.settings import FilesSettings
from tulou.testing.house import SmallHouse, open_house

OURS = Owner(tenant="default", project="default", key="key_1", principal="ana")
THEIRS = Owner(tenant="other", project="default")
BIG = 5 * 1024 * 1024


@pytest.fixture
async def house() -> AsyncGenerator[SmallHouse]:
    async with open_house(FILES.migrations) as small:
        yield small


@pytest.fixture
async def files(house: SmallHouse, binding: Binding) -> AsyncGenerator[Files]:
    settings = {FilesSettings: FilesSettings(file_bytes=2 * BIG, project_files=3)}
    async with opened(FILES, house, binding, settings) as service:
        yield service


def begin(name: str = "lines.jsonl", owner: Owner = OURS) -> BeginFile:
    return BeginFile(owner=owner, name=name, purpose="batch")


async def content(files: Files, file: str, owner: Owner = OURS) -> bytes:
    return b"".join([chunk.data async for chunk in files.content(NameFile(owner=owner, id=file))])


async def chunks(size: int) -> AsyncIterator[bytes]:
    for start in range(0, size, 1_000_003):
        yield bytes(min(1_000_003, size - start))


async def test_a_file_of_several_pieces_comes_back_as_it_was_sent(files: Files) -> None:
    written = await write_file(files, begin(), chunks(BIG))

    assert (written.size, written.digest) == (BIG, sha256(bytes(BIG)).hexdigest())
    assert await content(files, written.id) == bytes(BIG)
    assert BIG > PIECE_BYTES


async def test_an_empty_file_is_a_file(files: Files) -> None:
    written = await write_file(files, begin(), chunks(0))

    assert (written.size, await content(files, written.id)) == (0, b"")


async def test_nobody_else_sees_that_a_file_exists(files: Files) -> None:
    written = await write_file(files, begin(), chunks(10))
    asked = NameFile(owner=THEIRS, id=written.id)

    with pytest.raises(NotFoundError):
        await files.file(asked)
    with pytest.raises(NotFoundError):
        await content(files, written.id, THEIRS)
    with pytest.raises(NotFoundError):
        await files.delete(asked)
    assert not (await files.files(ListFiles(owner=THEIRS))).items
    assert await content(files, written.id) == bytes(10)


async def test_a_file_is_not_seen_before_it_is_whole(files: Files) -> None:
    file = await files.begin(begin())

    with pytest.raises(NotFoundError):
        await files.file(NameFile(owner=OURS, id=file.id))
    with pytest.raises(InvalidError, match="0 of 2 pieces"):
        await files.finish(FinishFile(owner=OURS, id=file.id, pieces=2, digest=""))


async def test_a_file_beyond_the_cap_is_refused_and_never_seen(files: Files) -> None:
    with pytest.raises(TooLargeError, match="file_bytes"):
        await write_file(files, begin(), chunks(2 * BIG + 1))

    assert not (await files.files(ListFiles(owner=OURS))).items


async def test_a_project_has_room_for_so_many_files(files: Files) -> None:
    for number in range(3):
        await write_file(files, begin(f"{number}.txt"), chunks(1))

    with pytest.raises(LimitedError, match="project_files"):
        await files.begin(begin())


async def test_pages_go_from_the_newest_to_the_oldest_and_back(files: Files) -> None:
    written = [(await write_file(files, begin(f"{number}.txt"), chunks(1))).id for number in range(3)]

    newest = await files.files(ListFiles(owner=OURS, limit=2))
    rest = await files.files(ListFiles(owner=OURS, limit=2, after=newest.items[-1].id))
    oldest = await files.files(ListFiles(owner=OURS, limit=1, ascending=True))

    assert [file.id for file in (*newest.items, *rest.items)] == written[::-1]
    assert (newest.more, rest.more, oldest.more) == (True, False, True)
    assert oldest.items[0].id == written[0]


async def test_what_is_deleted_is_gone(files: Files, house: SmallHouse) -> None:
    written = await write_file(files, begin(), chunks(BIG))

    await files.delete(NameFile(owner=OURS, id=written.id))

    with pytest.raises(NotFoundError):
        await files.file(NameFile(owner=OURS, id=written.id))
    assert [facts async for facts in house.blobs.list("files/")] == []


async def test_a_file_ends_with_its_time(files: Files, house: SmallHouse) -> None:
    asked = BeginFile(owner=OURS, name="a", purpose="user_data", expires_after_s=3600)
    written = await write_file(files, asked, chunks(1))

    house.clock.advance(3601)

    with pytest.raises(NotFoundError):
        await files.file(NameFile(owner=OURS, id=written.id))


@pytest.mark.parametrize("name", ["", "x" * 256, "a\nb"])
async def test_a_name_that_is_none_is_refused(files: Files, name: str) -> None:
    with pytest.raises(InvalidError, match="name"):
        await files.begin(begin(name))
