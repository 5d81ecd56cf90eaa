"""Folders of jobs: gone with their job, and after a crash with the next start, but never while the job may go on."""

import asyncio
import errno
import shutil
from pathlib import Path
from typing import cast

import pytest
import structlog

from tulou.chassis.job_folders import JobFolders
from tulou.contracts.jobs.api import Jobs
from tulou.contracts.jobs.messages import Job, NameJob
from tulou.kernel.context import CONTEXT, HouseActor
from tulou.kernel.errors import NotFoundError, UnavailableError
from tulou.testing.eventually import eventually


def job(job_id: str, *, ended: float | None) -> Job:
    return Job(
        id=job_id,
        kind="a.b",
        payload="null",
        state="running" if ended is None else "succeeded",
        attempt=1,
        attempts=3,
        progress=0.0,
        note="",
        result="null",
        error="",
        created_at=0.0,
        started_at=0.0,
        finished_at=ended,
    )


class Queue:
    """Knows when each job ended; None while it has not. May be away."""

    def __init__(self, ended: dict[str, float | None], *, away: bool = False) -> None:
        self.ended = ended
        self.away = away
        self.asked: list[str] = []
        self.actors: set[object] = set()

    async def job(self, request: NameJob) -> Job:
        self.asked.append(request.id)
        self.actors.add(CONTEXT.get().actor)
        if self.away:
            raise UnavailableError("the queue is not up yet")
        if request.id not in self.ended:
            raise NotFoundError(f"no job {request.id!r}")
        return job(request.id, ended=self.ended[request.id])


class Stuck(Queue):
    """Never answers."""

    async def job(self, request: NameJob) -> Job:
        self.asked.append(request.id)
        await asyncio.Event().wait()
        raise AssertionError


def names(root: Path) -> list[str]:
    return sorted(path.name for path in root.iterdir()) if root.exists() else []


async def broken(folders: JobFolders) -> None:
    async with folders.folder("job_1") as place:
        (place / "half.gguf").write_bytes(b"half")
        raise KeyError


@pytest.fixture
def folders(tmp_path: Path) -> JobFolders:
    return JobFolders(tmp_path / "work")


async def test_a_folder_is_there_for_as_long_as_the_job_works_however_it_ends(
    folders: JobFolders, tmp_path: Path
) -> None:
    async with folders.folder("job_1") as place:
        (place / "half.gguf").write_bytes(b"half")
        assert names(tmp_path / "work") == ["job_1"]
    assert names(tmp_path / "work") == []

    with pytest.raises(KeyError):
        await broken(folders)
    assert names(tmp_path / "work") == []


async def test_a_second_attempt_finds_what_a_killed_one_left(folders: JobFolders, tmp_path: Path) -> None:
    (tmp_path / "work" / "job_1").mkdir(parents=True)
    (tmp_path / "work" / "job_1" / "half.gguf").write_bytes(b"half")

    async with folders.folder("job_1") as place:
        assert (place / "half.gguf").read_bytes() == b"half"


async def test_what_has_no_room_does_not_begin(
    folders: JobFolders, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    little = shutil.disk_usage(tmp_path)._replace(free=100 << 20)

    def nearly_full(_: object) -> object:
        return little

    monkeypatch.setattr(shutil, "disk_usage", nearly_full)

    async with folders.folder("job_1", needs=1 << 20):
        pass
    with pytest.raises(UnavailableError, match=r"needs up to 99 MiB in .*work, and 100 MiB are free; make room"):
        async with folders.folder("job_1", needs=99 << 20):
            raise AssertionError
    assert names(tmp_path / "work") == []


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (OSError(errno.ENOSPC, "No space left on device", "F16.gguf"), "disk that holds F16.gguf is full"),
        (OSError(errno.EDQUOT, "Disk quota exceeded"), "disk that holds .*work is full"),
        (OSError(errno.EACCES, "Permission denied", "F16.gguf"), "F16.gguf: Permission denied"),
    ],
)
async def test_what_the_disk_refuses_may_be_tried_again(folders: JobFolders, error: OSError, said: str) -> None:
    with pytest.raises(UnavailableError, match=said):
        async with folders.folder("job_1"):
            raise error


async def test_only_folders_of_jobs_that_will_not_be_tried_again_are_cleared(
    folders: JobFolders, tmp_path: Path
) -> None:
    for job in ("ended", "forgotten", "going"):
        (tmp_path / "work" / job).mkdir(parents=True)
    queue = Queue({"ended": 1.0, "going": None})

    async with folders.clearing(cast("Jobs", queue), service="registry"):
        await eventually(lambda: names(tmp_path / "work") == ["going"])
    assert all(isinstance(actor, HouseActor) for actor in queue.actors)


async def test_while_the_queue_is_away_all_is_kept_and_said_once(folders: JobFolders, tmp_path: Path) -> None:
    for job in ("a", "b"):
        (tmp_path / "work" / job).mkdir(parents=True)
    queue = Queue({}, away=True)

    with structlog.testing.capture_logs() as logs:
        async with folders.clearing(cast("Jobs", queue), service="registry"):
            await eventually(lambda: logs)
    assert [log["event"] for log in logs] == ["job_folders_kept"]
    assert len(queue.asked) == 1
    assert names(tmp_path / "work") == ["a", "b"]


async def test_a_service_that_closes_does_not_wait_for_what_is_cleared(folders: JobFolders, tmp_path: Path) -> None:
    (tmp_path / "work" / "a").mkdir(parents=True)
    queue = Stuck({})

    async with asyncio.timeout(10), folders.clearing(cast("Jobs", queue), service="registry"):
        await eventually(lambda: queue.asked == ["a"])
    assert names(tmp_path / "work") == ["a"]
