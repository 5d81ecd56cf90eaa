"""Which prices fit a name, and which of them is the most exact."""

from collections.abc import Iterable
from fnmatch import fnmatchcase

Name = tuple[str, str]
"""Of a price: model and provider, each a name or a pattern."""

PATTERN = frozenset("*?[")


def most_exact(names: Iterable[Name], model: str, provider: str) -> list[Name]:
    """Return whose prices may hold, the most exact first: by model, and between equals by provider.

    A name is more exact than a pattern, a pattern the more so the more it spells out; any provider comes last.
    """
    fitting = [name for name in names if _fits(name[0], model) and (not name[1] or _fits(name[1], provider))]
    return sorted(fitting, key=lambda name: (_vagueness(name[0]), not name[1], _vagueness(name[1]), name))


def _fits(pattern: str, name: str) -> bool:
    return pattern == name or (not PATTERN.isdisjoint(pattern) and fnmatchcase(name, pattern))


def _vagueness(pattern: str) -> tuple[bool, int]:
    return not PATTERN.isdisjoint(pattern), -sum(letter not in PATTERN for letter in pattern)
