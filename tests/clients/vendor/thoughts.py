"""The thoughts of the vendor's models, each with what proves it."""

import hashlib
from typing import Literal

from tests.clients.vendor.mind import Kept, RefusedError


def seal(thought: str, call: str) -> str:
    """Return what proves that the model thought this before it made this call."""
    return hashlib.sha256(f"{thought}\0{call}".encode()).hexdigest()


class Memory:
    """Knows which calls followed a thought, and whether what comes back is that thought."""

    def __init__(self) -> None:
        self._seals: dict[str, str] = {}
        self._texts: dict[str, str] = {}

    def think(self, thought: str, call: str) -> str:
        """Keep a thought before a call; return what proves it."""
        sealed = seal(thought, call)
        self._seals[call] = sealed
        self._texts[sealed] = thought
        return sealed

    def check(self, sealed: str) -> None:
        """Raise `RefusedError` for a proof that the vendor did not give."""
        if sealed not in self._texts:
            raise RefusedError("invalid signature of a thought")

    def kept(self, calls: list[str], proofs: list[str], *, by: Literal["seal", "text"] = "seal") -> Kept:
        """Return whether the thought before these calls came back; nothing where there was none."""
        wanted = [self._seals[call] for call in calls if call in self._seals]
        if not wanted:
            return ""
        if by == "text":
            wanted = [self._texts[sealed] for sealed in wanted]
        return "kept" if all(one in proofs for one in wanted) else "lost"
