"""The stage that keeps calls away from replicas that fail, and judges how calls ended."""

from collections.abc import Sequence

from tulou.contracts.routing.messages import BreakerPolicy, Grant
from tulou.services.gateway.stack.backend import Backend
from tulou.services.gateway.stack.balance import DeploymentPool
from tulou.services.gateway.stack.call import Answer, Call, Choice, Stage


class Breaker:
    """Narrows the choice of a call to replicas whose circuit lets it through."""

    def __init__(self, inner: Stage, pools: Sequence[DeploymentPool], policy: BreakerPolicy) -> None:
        self._inner = inner
        for pool in pools:
            for backend in pool.backends:
                backend.circuit.obey(policy)

    async def __call__(self, call: Call) -> Answer:
        """Guard the choice."""
        if call.choice is not None:
            call.choice = Guarded(call.choice)
        return await self._inner(call)


class Guarded:
    """A choice without the replicas whose circuit is open."""

    __slots__ = ("_inner",)

    def __init__(self, inner: Choice) -> None:
        self._inner = inner

    def next(self, call: Call) -> Backend | None:
        """Return the best replica that may be called, or None."""
        while (backend := self._inner.next(call)) is not None:
            if backend.circuit.allows():
                return backend
        return None

    def again(self) -> None:
        """Let the replicas that were tried be chosen once more."""
        self._inner.again()

    def settle(self, backend: Backend, *, good: bool | None, grant: Grant | None = None) -> None:
        """Tell the circuit."""
        match good:
            case True:
                backend.circuit.succeeded()
            case False:
                backend.circuit.failed(grant)
            case None:
                backend.circuit.released()
        self._inner.settle(backend, good=good, grant=grant)
