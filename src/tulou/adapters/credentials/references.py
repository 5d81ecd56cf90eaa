"""Follow a reference to a secret; no error ever says the secret."""

import asyncio
from collections.abc import Collection, Mapping
from pathlib import Path

from tulou.kernel.errors import InvalidError
from tulou.ports.secrets import Secrets

FILE_MOST = 64 * 1024


OWN = frozenset({"admin-key", "admin-password", "audit-head", "audit-key", "house-token", "master-key", "signing-key"})
"""Secrets that the house makes for itself."""


class References:
    """`environment` is what assembly read; `secrets` keeps what `secret://` names.

    What is revealed goes to whatever address its reference was written beside. So whoever may write references, which
    is less than to own the machine, must not reach the house's own secrets by them: those that it makes, its settings,
    all files in its `directory`, and the references that are `closed`.
    """

    def __init__(
        self, secrets: Secrets, environment: Mapping[str, str], *, directory: Path, closed: Collection[str] = ()
    ) -> None:
        self._secrets = secrets
        self._environment = environment
        self._directory = directory
        self._closed = closed

    async def reveal(self, reference: str) -> str:
        """Return the secret now; raise `InvalidError` for a reference that is malformed or leads nowhere."""
        scheme, separator, name = reference.partition("://")
        if not separator or not name:
            raise InvalidError("a secret is given as env://NAME, file://PATH or secret://NAME, never itself")
        if reference in self._closed or await asyncio.to_thread(self._is_own, scheme, name):
            raise InvalidError(f"{reference} is the house's own, and is given to nobody")
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

    def _is_own(self, scheme: str, name: str) -> bool:
        match scheme:
            case "env":
                return name == "TULOU_KEY" or (name.startswith("TULOU_") and "__" in name)
            case "file":
                places = (self._directory.resolve(), Path("/proc"))
                return any(Path(name).resolve().is_relative_to(place) for place in places)
            case "secret":
                return name.partition(".")[0] in OWN
            case _:
                return False


def _read(path: Path) -> str | None:
    try:
        with path.open("rb") as file:
            return file.read(FILE_MOST).decode("utf-8", "replace")
    except OSError:
        return None
