"""Files that are replaced whole: nobody ever reads half of one, and nothing is left beside it."""

import errno
import os
from pathlib import Path
from threading import Thread

import pytest

from tulou.chassis.whole_files import replace_file


def names(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


@pytest.mark.parametrize("sync", [True, False])
def test_a_file_is_made_and_replaced_and_nothing_is_left_beside_it(tmp_path: Path, *, sync: bool) -> None:
    path = tmp_path / "house.json"
    replace_file(path, b"first", sync=sync)
    replace_file(path, b"second", sync=sync)

    assert path.read_bytes() == b"second"
    assert names(tmp_path) == ["house.json"]


def test_only_its_owner_may_read_it_unless_it_is_said_who_else(tmp_path: Path) -> None:
    replace_file(tmp_path / "own", b"")
    replace_file(tmp_path / "all", b"", mode=0o644)

    assert (tmp_path / "own").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "all").stat().st_mode & 0o077 == 0o044 & ~_umask()


def _umask() -> int:
    mask = os.umask(0o022)
    os.umask(mask)
    return mask


def test_what_the_disk_does_not_take_leaves_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "house.json"
    replace_file(path, b"first")

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        replace_file(path, b"second")
    assert path.read_bytes() == b"first"
    assert names(tmp_path) == ["house.json"]


def test_writers_beside_one_another_each_write_a_whole_file(tmp_path: Path) -> None:
    path = tmp_path / "house.json"
    writers = [Thread(target=replace_file, args=(path, bytes([letter]) * 100_000)) for letter in b"abcdefgh"]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()

    content = path.read_bytes()
    assert len(content) == 100_000
    assert len(set(content)) == 1
    assert names(tmp_path) == ["house.json"]
