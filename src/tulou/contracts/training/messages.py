"""Messages of the training contract."""

from typing import Literal

from tulou.kernel.message import message

RunState = Literal["queued", "running", "succeeded", "failed", "cancelled"]


@message
class StartRun:
    """Train by a recipe; `model` is what the version is published under, the recipe's own name if empty."""

    recipe: str = "demo"
    profile: str = "quick"
    model: str = ""


@message
class Score:
    """How many held-out questions of a group the trained model answered rightly."""

    group: str
    right: int
    asked: int


@message
class Run:
    """One training, done by `job`.

    `stage` says what it is at, `step` of `steps` how far, `loss` how well, `eta_s` how long training itself still
    takes; `version` is what was published, `error` why there is none.
    """

    id: str
    recipe: str
    profile: str
    model: str
    state: RunState
    job: str
    stage: str = ""
    step: int = 0
    steps: int = 0
    loss: float = 0.0
    eta_s: float = 0.0
    version: int | None = None
    error: str = ""
    scores: tuple[Score, ...] = ()
    created_at: float
    started_at: float | None = None
    finished_at: float | None = None
    created_by: str = ""


@message
class NameRun:
    """Which run is meant."""

    id: str


@message
class ListRuns:
    """A page of runs, newest first; `after` is the last id seen."""

    limit: int = 50
    after: str = ""
    state: RunState | None = None


@message
class RunPage:
    """Runs, and the `next` to ask after; None at the end."""

    items: tuple[Run, ...]
    next: str | None = None


@message
class ListRecipes:
    """The recipes that came with this copy of Tulou."""


@message
class Recipe:
    """A way to train a model: its name, what it makes, and the profiles it can be run with."""

    name: str
    model: str
    summary: str
    license: str
    profiles: tuple[str, ...]


@message
class Recipes:
    """All recipes, by name."""

    items: tuple[Recipe, ...]
