"""Names that the house takes, made of names that LiteLLM takes; each is given once."""

import re
from collections.abc import Callable

NAME_CAP = 63
LIMIT_NAME_CAP = 100


class FreeNames:
    """Gives names out, so that no two things have the same."""

    def __init__(self, *, most: int = NAME_CAP) -> None:
        self._most = most
        self.taken: set[str] = set()

    def free(self, name: str) -> str:
        """Return a name, with a number behind it if it has been given already."""
        found, number = name[: self._most], 2
        while found in self.taken:
            end = f"-{number}"
            found, number = f"{name[: self._most - len(end)]}{end}", number + 1
        self.taken.add(found)
        return found

    def all(self, texts: list[str], made: Callable[[str], str]) -> dict[str, str]:
        """Return a name for each of several texts; those that are names already keep theirs."""
        first = sorted(texts, key=lambda text: made(text) != text)
        given = {text: self.free(made(text)) for text in first}
        return {text: given[text] for text in texts}


def resource_name(text: str) -> str:
    """Return a text as a name that deployments, principals and projects may have."""
    if text.strip() == "*":
        return "all"
    return re.sub(r"[^A-Za-z0-9._-]+", "-", text).strip("-._")[:NAME_CAP].rstrip("-._") or "unnamed"


def limit_name(*parts: str) -> str:
    """Return a name that limits may have."""
    return re.sub(r"[^a-z0-9._-]+", "-", "-".join(parts).lower()).strip("-._")[:LIMIT_NAME_CAP] or "unnamed"
