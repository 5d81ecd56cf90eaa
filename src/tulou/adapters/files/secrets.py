"""Secrets as files that only their owner can read, in a folder that only their owner can enter."""

import asyncio
import contextlib
import os
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import unquote, urlsplit

from tulou.adapters.files.place import place
from tulou.kernel.errors import ForbiddenError, UnavailableError
from tulou.kernel.ids import new_id
from tulou.ports.secrets import check_name

OTHERS = 0o077


class FileSecrets:
    """The secrets port on one folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def find(self, name: str) -> bytes | None:
        """Read a secret; raise `ForbiddenError` if others could have read it too."""
        return await asyncio.to_thread(self._read, self._path(name))

    async def put(self, name: str, value: bytes) -> None:
        """Write a secret."""
        await asyncio.to_thread(self._write, self._path(name), value, overwrite=True)

    async def create(self, name: str, value: bytes) -> bytes:
        """Write a secret unless its name is taken; the first writer wins, also over processes."""
        path = self._path(name)
        with contextlib.suppress(FileExistsError):
            await asyncio.to_thread(self._write, path, value, overwrite=False)
        kept = await self.find(name)
        if kept is None:
            raise UnavailableError(f"{path} was removed while it was being made; try again")
        return kept

    def _path(self, name: str) -> Path:
        return self._folder / check_name(name)

    def _read(self, path: Path) -> bytes | None:
        try:
            with path.open("rb") as file:
                _refuse_open(path, os.fstat(file.fileno()).st_mode, "600")
                return file.read()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise UnavailableError(f"{path}: {error.strerror}; check its owner and rights") from error

    def _write(self, path: Path, value: bytes, *, overwrite: bool) -> None:
        beside = self._folder / f".{new_id('secret')}"
        try:
            with os.fdopen(os.open(beside, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o600), "wb") as file:
                file.write(value)
                file.flush()
                os.fsync(file.fileno())
            place(beside, path, overwrite=overwrite)
        except FileExistsError:
            raise
        except OSError as error:
            raise UnavailableError(f"{path}: {error.strerror}; the secret was not kept") from error
        finally:
            beside.unlink(missing_ok=True)


def _refuse_open(path: Path, mode: int, wanted: str) -> None:
    if mode & OTHERS:
        raise ForbiddenError(
            f"{path} may be read by others (mode {mode & 0o777:o}): replace the secret, then `chmod {wanted} {path}`"
        )


@asynccontextmanager
async def open_file_secrets(url: str) -> AsyncGenerator[FileSecrets]:
    """Open `file://FOLDER`; a new folder gets mode 700, one that others may enter is refused."""
    parts = urlsplit(url)
    folder = Path(unquote(parts.netloc + parts.path)).absolute()  # noqa: ASYNC240 - asks nothing of the disk
    await asyncio.to_thread(_make, folder)
    yield FileSecrets(folder)


def _make(folder: Path) -> None:
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        folder.mkdir(mode=0o700, exist_ok=True)
        mode = folder.stat().st_mode
    except OSError as error:
        raise UnavailableError(f"{folder}: {error.strerror}; secrets need a folder of their own") from error
    _refuse_open(folder, mode, "700")
