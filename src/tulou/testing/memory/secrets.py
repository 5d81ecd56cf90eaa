"""Secrets in memory, for tests."""

from tulou.ports.secrets import check_name


class MemorySecrets:
    """The secrets port within one process."""

    def __init__(self) -> None:
        self._values: dict[str, bytes] = {}

    async def find(self, name: str) -> bytes | None:
        """Return a secret."""
        return self._values.get(check_name(name))

    async def put(self, name: str, value: bytes) -> None:
        """Keep a secret."""
        self._values[check_name(name)] = value

    async def create(self, name: str, value: bytes) -> bytes:
        """Keep a secret unless the name is taken."""
        return self._values.setdefault(check_name(name), value)
