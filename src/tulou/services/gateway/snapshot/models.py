"""The models that there are: those with routes, and those that vendors list behind a pattern."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from tulou.contracts.routing.messages import Endpoint, Route, Target
from tulou.rules.routing.patterns import Patterns, filled, fit, is_name, is_pattern
from tulou.services.gateway.stack.backend import PATHS

LISTED_CAP = 2_000
"""Models of vendors that a house lists: each is held against policies whenever somebody asks for the list."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedModel:
    """What `/v1/models` says of a model."""

    name: str
    created_at: float
    owner: str
    endpoints: tuple[Endpoint, ...]
    context_length: int


class ListedModels(Mapping[str, ListedModel]):
    """Models by name. Others fit a pattern and are found, though nobody lists them: the vendor says if they exist."""

    def __init__(self, routes: Mapping[str, Route], targets: Mapping[str, Target]) -> None:
        described = {name: describe(route, targets) for name, route in sorted(routes.items())}
        self._patterns = Patterns(routes)
        self._fitting = {name: described[name] for name in self._patterns}
        plain = {name: model for name, model in described.items() if name not in self._fitting}
        found = dict.fromkeys(name for name in _listed(self._patterns, routes, targets) if name not in plain)
        self.listed: Sequence[str] = tuple(found)[:LISTED_CAP]
        fitting = {name: model for name in self.listed if (model := self._fitted(name)) is not None}
        self._models = dict(sorted((plain | fitting).items()))

    def __getitem__(self, name: str) -> ListedModel:
        return self._models[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._models)

    def __len__(self) -> int:
        return len(self._models)

    def find(self, name: str) -> ListedModel | None:
        """Return a model that is listed or that fits a pattern, None for any other."""
        return self._models.get(name) or self._fitted(name)

    def _fitted(self, name: str) -> ListedModel | None:
        found = self._patterns.find(name)
        return replace(self._fitting[found[0]], name=name) if found is not None else None


def describe(route: Route, targets: Mapping[str, Target]) -> ListedModel:
    """Return what is said of the model of a route."""
    found = [targets[share.deployment] for share in route.shares if share.deployment in targets]
    endpoints = {endpoint for target in found for endpoint in target.endpoints}
    return ListedModel(
        name=route.model,
        created_at=min((target.created_at for target in found), default=0.0),
        owner=found[0].owner if found else "tulou",
        endpoints=tuple(endpoint for endpoint in PATHS if endpoint in endpoints),
        context_length=min((target.context_length for target in found if target.context_length), default=0),
    )


def _listed(patterns: Patterns, routes: Mapping[str, Route], targets: Mapping[str, Target]) -> Iterator[str]:
    """Yield what vendors list, by the names that lead there."""
    for pattern in patterns:
        found = (targets[share.deployment] for share in routes[pattern].shares if share.deployment in targets)
        for replica in (replica for target in found for replica in target.replicas):
            for model in replica.models if is_pattern(replica.upstream_model) else ():
                part = fit(replica.upstream_model, model)
                if part is not None and is_name(name := filled(pattern, part)):
                    yield name
