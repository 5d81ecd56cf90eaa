import hashlib
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import pytest

from tulou.kernel.errors import InvalidError, NotFoundError
from tulou.ports.launcher import WorkerFile
from tulou.services.replica.artifact import bring
from tulou.testing.memory.blobs import MemoryBlobs


async def one(content: bytes) -> AsyncIterator[bytes]:
    yield content


async def stored(blobs: MemoryBlobs, name: str, content: bytes) -> WorkerFile:
    await blobs.put(f"blobs/{name}", one(content))
    digest = f"sha256:{hashlib.sha256(content).hexdigest()}"
    return WorkerFile(name=name, blob=f"blobs/{name}", digest=digest, size=len(content))


def contents(paths: Mapping[str, str]) -> dict[str, bytes]:
    return {name: Path(path).read_bytes() for name, path in paths.items()}


def damage(path: str) -> None:
    Path(path).chmod(0o644)
    Path(path).write_bytes(b"damaged")


def names_in(folder: Path) -> list[str]:
    return [path.name for path in folder.rglob("*.gguf")]


async def test_files_keep_their_names_and_folders(tmp_path: Path) -> None:
    blobs = MemoryBlobs()
    files = [await stored(blobs, "model.onnx", b"a"), await stored(blobs, "1_Pooling/config.json", b"b")]
    paths = await bring(files, blobs, tmp_path)
    assert contents(paths) == {"model.onnx": b"a", "1_Pooling/config.json": b"b"}
    assert all(path.endswith(name) for name, path in paths.items())


async def test_what_is_there_already_is_not_fetched_again(tmp_path: Path) -> None:
    blobs = MemoryBlobs()
    file = await stored(blobs, "model.gguf", b"weights")
    first = await bring([file], blobs, tmp_path)
    await blobs.delete(file.blob)
    assert await bring([file], blobs, tmp_path) == first


async def test_a_damaged_copy_in_the_cache_is_fetched_anew(tmp_path: Path) -> None:
    blobs = MemoryBlobs()
    file = await stored(blobs, "model.gguf", b"weights")
    paths = await bring([file], blobs, tmp_path)
    damage(paths["model.gguf"])
    assert contents(await bring([file], blobs, tmp_path)) == {"model.gguf": b"weights"}


async def test_a_changed_blob_is_refused_by_name_and_not_left_behind(tmp_path: Path) -> None:
    blobs = MemoryBlobs()
    file = await stored(blobs, "model.gguf", b"weights")
    await blobs.put(file.blob, one(b"changed"))
    with pytest.raises(InvalidError, match=r"model\.gguf: its content is sha256:"):
        await bring([file], blobs, tmp_path)
    assert not names_in(tmp_path)


async def test_a_missing_blob_is_not_found(tmp_path: Path) -> None:
    file = WorkerFile(name="model.gguf", blob="blobs/gone", digest="sha256:0", size=1)
    with pytest.raises(NotFoundError):
        await bring([file], MemoryBlobs(), tmp_path)


@pytest.mark.parametrize("name", ["../evil", "/etc/evil", "a/../../evil", ""])
async def test_a_name_cannot_lead_out_of_the_cache(tmp_path: Path, name: str) -> None:
    file = WorkerFile(name=name, blob="blobs/x", digest="sha256:0", size=1)
    with pytest.raises(InvalidError, match="out of the artifact"):
        await bring([file], MemoryBlobs(), tmp_path)
