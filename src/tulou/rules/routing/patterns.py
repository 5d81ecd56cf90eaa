"""Names of models with one `*`, as routes and entries have them: one rule, so that all read them alike."""

import re
from collections.abc import Iterable, Iterator

WILDCARD = "*"
NAME_MOST = 200
"""Characters of a model's name that tables, ledgers and prices hold."""

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/@+,=~-]{0,199}")
"""What a client may put in the place of a pattern: the names that vendors give to models, of a bounded length."""


def is_pattern(name: str) -> bool:
    """Say whether a name stands for many."""
    return WILDCARD in name


def fit(pattern: str, name: str) -> str | None:
    """Return what of a name stands for the `*` of a pattern; None where it does not fit, or nothing would."""
    before, _, after = pattern.partition(WILDCARD)
    if len(name) <= len(before) + len(after) or not (name.startswith(before) and name.endswith(after)):
        return None
    return name[len(before) : len(name) - len(after)]


def filled(pattern: str, part: str) -> str:
    """Return a pattern with something in the place of its `*`; a name without one as it is."""
    return pattern.replace(WILDCARD, part, 1)


def is_name(name: str) -> bool:
    """Say whether a name that somebody made up may be that of a model: it has no `*`, and leads out of no path."""
    return _NAME.fullmatch(name) is not None and ".." not in name and "//" not in name


def answers_many(models: Iterable[str]) -> bool:
    """Say whether a deployment whose upstreams are asked for these models answers for many."""
    return any(map(is_pattern, models))


def implicit_model(deployment: str, *, wildcard: bool) -> str:
    """Return the model of the route that comes with a deployment: many models lie under its name and a slash."""
    return f"{deployment}/{WILDCARD}" if wildcard else deployment


class Patterns:
    """Patterns by name, of which the one that says most of a name answers for it."""

    def __init__(self, names: Iterable[str]) -> None:
        found = [name for name in names if is_pattern(name)]
        self._ordered = tuple(sorted(found, key=lambda name: (-len(name), name)))

    def __len__(self) -> int:
        return len(self._ordered)

    def __iter__(self) -> Iterator[str]:
        """Yield the patterns, the longest first."""
        return iter(self._ordered)

    def find(self, name: str) -> tuple[str, str] | None:
        """Return the pattern that a name fits and what stands for its `*`; None where there is none."""
        if not is_name(name):
            return None
        for pattern in self._ordered:
            if (part := fit(pattern, name)) is not None:
                return pattern, part
        return None


def covers(patterns: Iterable[str], name: str) -> bool:
    """Say whether a name, which may be a pattern itself, fits one of some patterns."""
    example = filled(name, "x")
    return any(fit(pattern, example) is not None for pattern in patterns if is_pattern(pattern))
