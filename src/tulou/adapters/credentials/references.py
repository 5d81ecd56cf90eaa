"""Follow a reference to a secret; no error ever says the secret."""

import asyncio
from collections.abc import Mapping
from pathlib import Path

from tulou.kernel.errors import InvalidError
from tulou.ports.secrets import Secrets

FILE_MOST = 64 * 1024


class References:
    """`environment` is what assembly read; `secrets` keeps what `secret://` names."""

    def __init__(self, secrets: Secrets, environment: Mapping[str, str]) -> None:
        self._secrets = secrets
        self._environment = environment

    async def reveal(self, reference: str) -> str:
        """Return the secret now; raise `InvalidError` for a reference that is malformed or leads nowhere."""
        scheme, separator, name = reference.partition("://")
        if not separator or not name:
            raise InvalidError("a secret is given as env://NAME, file://PATH or secret://NAME, never itself")
        match scheme:
            case "env":
                found = self._environment.get(name)
            case "file":
                found = await asyncio.to_thread(_read, Path(name))
            case "secret":
                kept = await self._secrets.find(name)
                found = None if kept is None else kept.decode("utf-8", "replace")
            case _:
                raise InvalidError(f"{scheme}:// is no place for secrets; there are env://, file:// and secret://")
        if not found or not found.strip():
            raise InvalidError(f"{reference} is not set or empty")
        return found.strip()


def _read(path: Path) -> str | None:
    try:
        with path.open("rb") as file:
            return file.read(FILE_MOST).decode("utf-8", "replace")
    except OSError:
        return None
