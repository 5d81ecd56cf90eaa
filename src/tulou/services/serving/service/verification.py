"""See that a model is what was signed, before it is loaded."""

import asyncio

from tulou.contracts.registry.api import Registry
from tulou.contracts.registry.messages import NameVersion
from tulou.kernel.clock import Clock
from tulou.kernel.errors import InvalidError

REMEMBERED = 1024


class ArtifactVerification:
    """Remembers for a while what held: verifying reads every file, and a crashed replica must be back soon."""

    def __init__(self, registry: Registry, *, clock: Clock, holds_s: float) -> None:
        self._registry = registry
        self._clock = clock
        self._holds_s = holds_s
        self._until: dict[tuple[str, int], float] = {}
        self._turn = asyncio.Lock()

    async def check(self, model: str, version: int) -> None:
        """Raise `InvalidError` naming what is wrong with a version's files or signature."""
        async with self._turn:
            if self._until.get((model, version), 0.0) > self._clock.monotonic():
                return
            self._until.pop((model, version), None)
            verified = await self._registry.verify(NameVersion(model=model, reference=str(version)))
            if not verified.valid:
                problems = "; ".join(verified.problems[:5]) or "the signature does not hold"
                raise InvalidError(f"{model} version {version} is refused: {problems}")
            self._remember(model, version)

    def forget(self, model: str) -> None:
        """Verify a model anew at its next start."""
        for key in [key for key in self._until if key[0] == model]:
            del self._until[key]

    def _remember(self, model: str, version: int) -> None:
        if len(self._until) >= REMEMBERED:
            del self._until[next(iter(self._until))]
        self._until[model, version] = self._clock.monotonic() + self._holds_s
