"""What has expired, broke off, or was half removed by a crash does not stay."""

from collections.abc import AsyncGenerator

import pytest

from tulou.contracts.files.messages import AppendPiece, BeginFile, FinishFile, ListFiles, Owner
from tulou.services.files.service import FilesService
from tulou.services.files.settings import FilesSettings
from tulou.testing.house import SmallHouse, open_house

OWNER = Owner(tenant="default", project="default")


@pytest.fixture
async def house() -> AsyncGenerator[SmallHouse]:
    async with open_house("tulou.services.files.migrations") as small:
        yield small


@pytest.fixture
def files(house: SmallHouse) -> FilesService:
    settings = FilesSettings(arrival_s=100)
    return FilesService(house.database, house.blobs, clock=house.clock, settings=settings)


async def left(house: SmallHouse) -> list[str]:
    return [facts.key async for facts in house.blobs.list("files/")]


async def arriving(files: FilesService, *, expires_after_s: float | None = None) -> str:
    asked = BeginFile(owner=OWNER, name="a", purpose="batch", expires_after_s=expires_after_s)
    file = await files.begin(asked)
    await files.append(AppendPiece(owner=OWNER, id=file.id, number=0, data=b"a"))
    return file.id


async def test_an_upload_that_broke_off_is_removed_once_it_cannot_go_on(house: SmallHouse, files: FilesService) -> None:
    await arriving(files)

    await files.sweep()
    assert len(await left(house)) == 1, "it may still go on"

    house.clock.advance(101)
    await files.sweep()
    assert await left(house) == []


async def test_a_piece_that_is_told_twice_counts_once(files: FilesService) -> None:
    file = await arriving(files)

    await files.append(AppendPiece(owner=OWNER, id=file, number=0, data=b"a"))

    finished = await files.finish(FinishFile(owner=OWNER, id=file, pieces=1, digest="d"))
    assert finished.size == 1


async def test_a_file_whose_time_is_over_is_removed_with_its_content(house: SmallHouse, files: FilesService) -> None:
    file = await arriving(files, expires_after_s=3600)
    await files.finish(FinishFile(owner=OWNER, id=file, pieces=1, digest="d"))

    house.clock.advance(3600)
    await files.sweep()

    assert await left(house) == []
    assert not (await files.files(ListFiles(owner=OWNER))).items
