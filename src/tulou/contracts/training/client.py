"""Training, reached over a transport."""

from dataclasses import dataclass

from tulou.contracts.training.api import CANCEL, RECIPES, RUN, RUNS, START
from tulou.contracts.training.messages import ListRecipes, ListRuns, NameRun, Recipes, Run, RunPage, StartRun
from tulou.contracts.transport import Transport


@dataclass(frozen=True, slots=True)
class TrainingClient:
    """The contract's Protocol, each method one call over the transport."""

    transport: Transport

    async def start(self, request: StartRun) -> Run:
        """Enqueue a run; raise `NotFoundError` for an unknown recipe or profile, `ConflictError` while one goes on."""
        return await self.transport.call(START, request)

    async def run(self, request: NameRun) -> Run:
        """Return a run; raise `NotFoundError` for an unknown id."""
        return await self.transport.call(RUN, request)

    async def runs(self, request: ListRuns) -> RunPage:
        """Return a page of runs."""
        return await self.transport.call(RUNS, request)

    async def cancel(self, request: NameRun) -> Run:
        """End a queued run, or ask a running one to stop; a finished one stays as it is."""
        return await self.transport.call(CANCEL, request)

    async def recipes(self, request: ListRecipes) -> Recipes:
        """Return the recipes there are."""
        return await self.transport.call(RECIPES, request)
