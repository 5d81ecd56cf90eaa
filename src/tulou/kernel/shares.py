"""Room that several tenants share, of which none may hold more than a part."""

from collections.abc import Callable, Generator
from contextlib import contextmanager

from tulou.kernel.errors import TulouError


class FairShares:
    """An amount of anything, such as bytes or places; `refusal` makes the error of who finds no room."""

    def __init__(self, total: int, *, refusal: Callable[[str], TulouError], part: float = 0.5) -> None:
        self.held = 0
        self._part = part
        self.resize(total)
        self._of: dict[str, int] = {}
        self._refusal = refusal

    def resize(self, total: int) -> None:
        """Be so much from now on, of which one tenant may hold `most`; what is held beyond is not taken away."""
        self.total = total
        self.most = max(1, int(total * self._part))

    def take(self, tenant: str, amount: int = 1) -> None:
        """Hold so much more; raise the refusal when this tenant's part, or all there is, is taken."""
        mine = self._of.get(tenant, 0)
        if mine + amount > self.most:
            raise self._refusal(f"this tenant holds {mine} of the {self.most} that one tenant may have at a time")
        if self.held + amount > self.total:
            raise self._refusal(f"all {self.total} are taken")
        self._of[tenant] = mine + amount
        self.held += amount

    def give(self, tenant: str, amount: int = 1) -> None:
        """Let go of so much."""
        left = self._of.get(tenant, 0) - amount
        self.held -= amount
        if left > 0:
            self._of[tenant] = left
        else:
            self._of.pop(tenant, None)

    @contextmanager
    def holding(self, tenant: str, amount: int = 1) -> Generator[None]:
        """Hold so much while the block runs."""
        self.take(tenant, amount)
        try:
            yield
        finally:
            self.give(tenant, amount)
