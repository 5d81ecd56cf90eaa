"""The few values that were used last, by name."""

from collections.abc import Iterator
from typing import Generic, TypeVar

Value = TypeVar("Value")


class LruCache(Generic[Value]):
    """Holds so many values; the one that was used longest ago makes room for another."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._values: dict[str, Value] = {}

    def __len__(self) -> int:
        return len(self._values)

    def __iter__(self) -> Iterator[Value]:
        """Yield the values."""
        return iter(tuple(self._values.values()))

    def get(self, name: str) -> Value | None:
        """Return a value, None where there is none."""
        value = self._values.pop(name, None)
        if value is not None:
            self._values[name] = value
        return value

    def put(self, name: str, value: Value) -> Value | None:
        """Take a value in; return the one that made room for it."""
        self._values.pop(name, None)
        self._values[name] = value
        return self._values.pop(next(iter(self._values))) if len(self._values) > self._most else None
