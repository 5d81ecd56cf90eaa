"""Master keys from environment variables, for houses whose secrets are injected from outside."""

import os
from base64 import b64decode
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

from tulou.adapters.files.local_key import LocalKey
from tulou.kernel.errors import ForbiddenError, InvalidError, UnavailableError
from tulou.ports.master_key import WrappedKey


class EnvironmentMasterKey:
    """The first key wraps; all of them unwrap."""

    def __init__(self, keys: Sequence[LocalKey]) -> None:
        self._newest = keys[0]
        self._keys = {key.id: key for key in keys}

    async def wrap(self, key: bytes) -> WrappedKey:
        """Wrap with the first key."""
        return self._newest.wrap(key)

    async def unwrap(self, wrapped: WrappedKey) -> bytes:
        """Unwrap with the key that wrapped."""
        if wrapped.key_id not in self._keys:
            there = ", ".join(self._keys)
            raise UnavailableError(
                f"no master key {wrapped.key_id}; those of the environment are {there}: name the old one too"
            )
        return self._keys[wrapped.key_id].unwrap(wrapped)

    async def rotate(self) -> str:
        """Refuse: what is made here would be gone with the process."""
        raise ForbiddenError("master keys come from the environment here: name the new one first, as env://NEW,OLD")


def keys_of(url: str, variables: Mapping[str, str]) -> Sequence[LocalKey]:
    """Return the keys of `env://NAME[,OLDER...]`; raise `InvalidError` for one that is missing or is no key."""
    names = [name for name in urlsplit(url).netloc.split(",") if name]
    if not names:
        raise InvalidError("[ports] master_key = 'env://' names no variable; write env://NAME")
    return [LocalKey(_bytes(name, variables)) for name in names]


def _bytes(name: str, variables: Mapping[str, str]) -> bytes:
    hint = "`openssl rand -base64 32` makes a key"
    if name not in variables:
        raise InvalidError(f"the variable {name} of [ports] master_key is not set; {hint}")
    try:
        return b64decode(variables[name], validate=True)
    except ValueError as error:
        raise InvalidError(f"the variable {name} of [ports] master_key is not base64; {hint}") from error


@asynccontextmanager
async def open_environment_master_key(url: str) -> AsyncGenerator[EnvironmentMasterKey]:
    """Open `env://NAME[,OLDER...]`."""
    yield EnvironmentMasterKey(keys_of(url, os.environ))
