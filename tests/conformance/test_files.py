"""Blobs and secrets in files, and secrets in the environment."""

import resource
import subprocess
import sys
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from tests.conformance.children.blobs import SIZE
from tests.conformance.killed import ROOT, killed
from tulou.adapters.files.blobs import open_file_blobs
from tulou.adapters.files.environment import EnvironmentSecrets
from tulou.adapters.files.secrets import open_file_secrets
from tulou.kernel.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError, UnavailableError
from tulou.ports.blobs import Blobs
from tulou.ports.secrets import Secrets
from tulou.testing.conformance.blobs import BlobsSuite, chunks, content, keys
from tulou.testing.conformance.secrets import SecretsSuite


@pytest.fixture
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("house") / "kept here"


class TestFileBlobs(BlobsSuite):
    @pytest.fixture
    async def blobs(self, folder: Path) -> AsyncGenerator[Blobs]:
        async with open_file_blobs(f"file://{folder}") as blobs:
            yield blobs

    async def test_fetching_links_instead_of_copying(self, blobs: Blobs, folder: Path, tmp_path: Path) -> None:
        await blobs.put("a", chunks(b"1"))
        await blobs.fetch("a", tmp_path / "target")
        assert (tmp_path / "target").samefile(folder / "a")

    async def test_a_blob_cannot_be_changed_through_its_links(self, blobs: Blobs, folder: Path) -> None:
        await blobs.put("a", chunks(b"1"))
        assert (folder / "a").stat().st_mode & 0o222 == 0

    async def test_a_key_is_either_a_blob_or_a_folder(self, blobs: Blobs) -> None:
        await blobs.put("a/b", chunks(b"1"))
        with pytest.raises(ConflictError):
            await blobs.put("a", chunks(b"1"))
        with pytest.raises(ConflictError):
            await blobs.put("a/b/c", chunks(b"1"))
        with pytest.raises(NotFoundError):
            await content(blobs, "a")
        await blobs.delete("a")
        assert await keys(blobs) == ["a/b"]

    async def test_the_place_of_unfinished_blobs_is_no_key(self, blobs: Blobs) -> None:
        with pytest.raises(InvalidError):
            await blobs.put(".incoming/a", chunks(b"1"))

    async def test_a_folder_that_cannot_be_made_is_named(self, tmp_path: Path) -> None:
        (tmp_path / "file").write_bytes(b"")
        with pytest.raises((ConflictError, UnavailableError), match="file/blobs"):
            async with open_file_blobs(f"file://{tmp_path}/file/blobs"):
                pass

    def test_a_disk_that_is_full_is_named_and_nothing_half_done_is_left(self, tmp_path: Path) -> None:
        """The child may write files of at most 64 KiB, which fails as a full disk does."""
        done = subprocess.run(
            [sys.executable, "-m", "tests.conformance.children.full_disk", str(tmp_path)],
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (65536, 65536)),
            capture_output=True,
            text=True,
            timeout=120,
            cwd=ROOT,
            check=False,
        )
        assert done.stdout.startswith("UnavailableError: blob 'large'"), done.stderr
        assert "free some" in done.stdout
        assert sorted(path.name for path in tmp_path.rglob("*") if path.is_file()) == ["small"]

    async def test_a_killed_writer_loses_nothing_that_was_stored(self, folder: Path) -> None:
        last = killed("blobs", f"file://{folder}", after=20)
        async with open_file_blobs(f"file://{folder}") as blobs:
            stored = {found.key: found.size async for found in blobs.list("")}
            assert stored.keys() >= {f"b/{number}" for number in range(last + 1)}
            assert set(stored.values()) == {SIZE}
            assert await content(blobs, f"b/{last}") == b"%d " % (last % 10) * (SIZE // 2)


class TestFileSecrets(SecretsSuite):
    @pytest.fixture
    async def secrets(self, folder: Path) -> AsyncGenerator[Secrets]:
        async with open_file_secrets(f"file://{folder}") as secrets:
            yield secrets

    async def test_only_the_owner_can_read(self, secrets: Secrets, folder: Path) -> None:
        await secrets.put("a", b"1")
        assert _modes(folder) == {folder.name: 0o700, "a": 0o600}

    async def test_a_secret_that_others_can_read_is_refused(self, secrets: Secrets, folder: Path) -> None:
        await secrets.put("a", b"1")
        (folder / "a").chmod(0o644)
        with pytest.raises(ForbiddenError, match="chmod 600"):
            await secrets.find("a")

    async def test_a_folder_that_others_can_enter_is_refused(self, tmp_path: Path) -> None:
        (tmp_path / "open").mkdir(mode=0o755)
        with pytest.raises(ForbiddenError, match="chmod 700"):
            async with open_file_secrets(f"file://{tmp_path}/open"):
                pass


def _modes(folder: Path) -> dict[str, int]:
    return {path.name: path.stat().st_mode & 0o777 for path in (folder, *folder.iterdir())}


class TestEnvironmentSecrets:
    async def test_a_secret_is_a_variable_with_the_prefix(self) -> None:
        secrets = EnvironmentSecrets("HOUSE_", {"HOUSE_SIGNING_KEY": "k", "SIGNING_KEY": "other"})
        assert await secrets.find("signing-key") == b"k"
        assert await secrets.find("another") is None
        assert await secrets.create("signing.key", b"x") == b"k"

    async def test_what_is_not_set_cannot_be_made(self) -> None:
        secrets = EnvironmentSecrets("HOUSE_", {})
        with pytest.raises(ForbiddenError, match="HOUSE_A"):
            await secrets.create("a", b"x")
        with pytest.raises(ForbiddenError, match="HOUSE_A"):
            await secrets.put("a", b"x")
