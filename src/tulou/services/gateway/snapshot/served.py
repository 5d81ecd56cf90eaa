"""Who may answer a model, for estimates of what it may cost."""

from collections.abc import Mapping

from tulou.contracts.discovery.messages import Replica
from tulou.contracts.routing.messages import Route, Target
from tulou.rules.metering.book import Answerer
from tulou.rules.routing.patterns import Patterns, filled, is_pattern
from tulou.services.gateway.quota.price import Served
from tulou.services.gateway.stack.backend import priced_model_of


class ServedBy:
    """By model: the replicas that its route leads to, and those of its fallbacks."""

    def __init__(self, routes: Mapping[str, Route], targets: Mapping[str, Target]) -> None:
        self._routes = routes
        self._targets = targets
        self._patterns = Patterns(routes)

    def get(self, model: str) -> Served | None:
        """Return who may answer a model, None where nobody is known to."""
        pattern, part = self._route(model)
        route = self._routes.get(pattern)
        if route is None:
            return None
        fallbacks = {filled(fallback, part) for fallback in route.fallbacks} - {model}
        return tuple(self._own(model).union(*map(self._own, fallbacks)))

    def _own(self, model: str) -> set[Answerer]:
        pattern, part = self._route(model)
        route = self._routes.get(pattern)
        return {
            (_priced(replica, part), replica.provider, replica.deployment, model)
            for share in (route.shares if route is not None else ())
            if share.deployment in self._targets
            for replica in self._targets[share.deployment].replicas
        }

    def _route(self, model: str) -> tuple[str, str]:
        """Return the name of the route that a model goes by, and what stands for its `*`."""
        found = None if model in self._routes else self._patterns.find(model)
        return found or (model, model)


def _priced(replica: Replica, part: str) -> str:
    model = priced_model_of(replica)
    return filled(model, part) if is_pattern(model) else model
