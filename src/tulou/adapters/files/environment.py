"""Secrets from environment variables, for houses whose secrets are injected from outside; they can only be read."""

import os
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

from tulou.kernel.errors import ForbiddenError
from tulou.ports.secrets import check_name


class EnvironmentSecrets:
    """The secret `signing-key` under the prefix `TULOU_SECRET_` is the variable `TULOU_SECRET_SIGNING_KEY`."""

    def __init__(self, prefix: str, variables: Mapping[str, str]) -> None:
        self._prefix = prefix
        self._variables = variables

    async def find(self, name: str) -> bytes | None:
        """Return a variable's bytes."""
        value = self._variables.get(self._variable(name))
        return None if value is None else os.fsencode(value)

    async def put(self, name: str, value: bytes) -> None:
        """Refuse: what is set here would be gone with the process."""
        del value
        raise ForbiddenError(f"secrets come from the environment here: set {self._variable(name)} and start again")

    async def create(self, name: str, value: bytes) -> bytes:
        """Return the secret if it is there; refuse to make one."""
        kept = await self.find(name)
        if kept is None:
            await self.put(name, value)
        return kept or b""

    def _variable(self, name: str) -> str:
        return self._prefix + check_name(name).upper().replace("-", "_").replace(".", "_")


@asynccontextmanager
async def open_environment_secrets(url: str) -> AsyncGenerator[EnvironmentSecrets]:
    """Open `env://PREFIX`."""
    yield EnvironmentSecrets(urlsplit(url).netloc, os.environ)
