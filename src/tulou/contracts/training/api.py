"""Training: recipes, and the runs that make models of them."""

from typing import Protocol

from tulou.contracts.training.messages import ListRecipes, ListRuns, NameRun, Recipes, Run, RunPage, StartRun


class Training(Protocol):
    """Makes models; each run is a durable job that ends with a published, signed version."""

    async def start(self, request: StartRun) -> Run:
        """Enqueue a run; raise `NotFoundError` for an unknown recipe or profile, `ConflictError` while one goes on."""
        ...

    async def run(self, request: NameRun) -> Run:
        """Return a run; raise `NotFoundError` for an unknown id."""
        ...

    async def runs(self, request: ListRuns) -> RunPage:
        """Return a page of runs."""
        ...

    async def cancel(self, request: NameRun) -> Run:
        """End a queued run, or ask a running one to stop; a finished one stays as it is."""
        ...

    async def recipes(self, request: ListRecipes) -> Recipes:
        """Return the recipes there are."""
        ...
