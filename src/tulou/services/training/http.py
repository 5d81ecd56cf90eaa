"""Training over REST."""

from fastapi import APIRouter
from starlette.requests import Request

from tulou.chassis.rest.declared import permits
from tulou.chassis.rest.notes import note_made
from tulou.chassis.rest.paging import PageLimit
from tulou.contracts.training.api import Training
from tulou.contracts.training.messages import (
    ListRecipes,
    ListRuns,
    NameRun,
    Recipes,
    Run,
    RunPage,
    RunState,
    StartRun,
)


def router(training: Training) -> APIRouter:
    """Return the routes under `/api/v1/training`."""
    routes = APIRouter(prefix="/api/v1/training", tags=["training"])

    @routes.get("/recipes", openapi_extra=permits("training:read", "training", "recipes"))
    async def list_recipes() -> Recipes:
        """Return the recipes that came with this copy of Tulou."""
        return await training.recipes(ListRecipes())

    @routes.get("/runs", openapi_extra=permits("training:read", "training", "runs"))
    async def list_runs(limit: PageLimit = 50, after: str = "", state: RunState | None = None) -> RunPage:
        """Return a page of runs, newest first."""
        return await training.runs(ListRuns(limit=limit, after=after, state=state))

    @routes.post("/runs", status_code=202, openapi_extra=permits("training:write", "training", "runs"))
    async def start_run(request: Request, body: StartRun) -> Run:
        """Train a model by a recipe, as a job."""
        run = await training.start(body)
        note_made(request, run.id)
        return run

    @routes.get("/runs/{run_id}", openapi_extra=permits("training:read", "training", "runs/{run_id}"))
    async def get_run(run_id: str) -> Run:
        """Return a run."""
        return await training.run(NameRun(id=run_id))

    @routes.post("/runs/{run_id}/cancel", openapi_extra=permits("training:write", "training", "runs/{run_id}/cancel"))
    async def cancel_run(request: Request, run_id: str) -> Run:
        """End a queued run, or ask a running one to stop."""
        run = await training.cancel(NameRun(id=run_id))
        note_made(request, run.id)
        return run

    # FastAPI holds the routes; naming them keeps the type checker from calling them unused
    _ = (list_recipes, list_runs, start_run, get_run, cancel_run)
    return routes
