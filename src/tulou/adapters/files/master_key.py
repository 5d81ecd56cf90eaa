"""The master key as a file in the folder of secrets, which only its owner can read.

`master-key` is the newest; before one becomes that, it is kept under its id as `master-key.<id>`, and stays there:
backups of the database that are older than a rotation need it.
"""

import secrets
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from tulou.adapters.files.local_key import KEY_BYTES, LocalKey
from tulou.adapters.files.secrets import FileSecrets, open_file_secrets
from tulou.kernel.errors import UnavailableError
from tulou.ports.master_key import WrappedKey

NAME = "master-key"


class FileMasterKey:
    """Reads the files each time: a rotation by another process is known at once, and a copied memory image is rare."""

    def __init__(self, files: FileSecrets) -> None:
        self._files = files

    async def wrap(self, key: bytes) -> WrappedKey:
        """Wrap with the newest key, which is made if there is none."""
        return LocalKey(await self._newest()).wrap(key)

    async def unwrap(self, wrapped: WrappedKey) -> bytes:
        """Unwrap with the key that wrapped."""
        newest = LocalKey(await self._newest())
        if newest.id == wrapped.key_id:
            return newest.unwrap(wrapped)
        older = await self._files.find(f"{NAME}.{wrapped.key_id}")
        if older is None:
            raise UnavailableError(f"no master key {wrapped.key_id} here; put {NAME}.{wrapped.key_id} back")
        return LocalKey(older).unwrap(wrapped)

    async def rotate(self) -> str:
        """Keep the old and the new key under their ids, then make the new one the newest: a crash loses neither."""
        fresh = secrets.token_bytes(KEY_BYTES)
        for key in (await self._newest(), fresh):
            await self._files.create(f"{NAME}.{LocalKey(key).id}", key)
        await self._files.put(NAME, fresh)
        return LocalKey(fresh).id

    async def _newest(self) -> bytes:
        return await self._files.find(NAME) or await self._files.create(NAME, secrets.token_bytes(KEY_BYTES))


@asynccontextmanager
async def open_file_master_key(url: str) -> AsyncGenerator[FileMasterKey]:
    """Open `file://FOLDER`; the key is made at once, so that a folder that cannot be written shows at the start."""
    async with open_file_secrets(url) as files:
        master = FileMasterKey(files)
        await master.wrap(bytes(KEY_BYTES))
        yield master
