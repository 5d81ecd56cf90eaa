"""The order of the stages, outermost first, and what stands at each place.

A place without a builder is one that no route of this house uses: it costs nothing. The next stage (cache, experiment)
is a class like the others in a file of its own, and a line in `BUILDERS`. A plugin's stage is an
entry point of the group `tulou.gateway_stages`, named after its place, `PLACE` or `PLACE.NAME`; it stands just outside
of ours there, and several stand in the order of their names, outermost first.
A builder returns `inner` itself where its route has no use for the stage.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from types import MappingProxyType

from tulou.contracts.routing.messages import Endpoint, Route
from tulou.kernel.errors import InvalidError
from tulou.services.gateway.policy import PolicyDecider
from tulou.services.gateway.quota.keeper import QuotaKeeper
from tulou.services.gateway.stack.admission import AdmissionStage
from tulou.services.gateway.stack.attempt import Attempt
from tulou.services.gateway.stack.balance import Balance, DeploymentPool
from tulou.services.gateway.stack.breaker import Breaker
from tulou.services.gateway.stack.call import Stage
from tulou.services.gateway.stack.fallback import Fallback
from tulou.services.gateway.stack.policy import PolicyStage
from tulou.services.gateway.stack.quota import QuotaStage
from tulou.services.gateway.stack.resources import StageResources

ORDER = ("admission", "policy", "quota", "cache", "experiment", "fallback", "balance", "breaker", "attempt")
UPPER = ORDER[: ORDER.index("fallback") + 1]
LOWER = ORDER[ORDER.index("fallback") + 1 :]
PLUGINS = "tulou.gateway_stages"


@dataclass(frozen=True, slots=True, kw_only=True)
class Blueprint:
    """What the stages of one route and endpoint are built from; `others` are the lower stacks of its fallbacks.

    Without a `judge` the house has no policies, without a `keeper` no limits. `most` is the highest cap on output that
    any replica in `pools` is told where a client says none; 0: none is.
    """

    site: StageResources
    route: Route
    endpoint: Endpoint
    pools: Sequence[DeploymentPool]
    judge: PolicyDecider | None = None
    keeper: QuotaKeeper | None = None
    others: Sequence[tuple[str, Stage]] = ()
    most: int = 0


Builder = Callable[[Blueprint, Stage], Stage]
Plugins = Mapping[str, Sequence[Builder]]
"""What other packages add at each place, outermost first."""


def _fallback(plan: Blueprint, inner: Stage) -> Stage:
    return (
        Fallback(inner, plan.others, notes=plan.site.notes, monotonic=plan.site.clock.monotonic)
        if plan.others
        else inner
    )


def _policy(plan: Blueprint, inner: Stage) -> Stage:
    if plan.judge is None:
        return inner
    return PolicyStage(inner, plan.judge, plan.route.model, clock=plan.site.clock)


def _quota(plan: Blueprint, inner: Stage) -> Stage:
    if plan.keeper is None:
        return inner
    return QuotaStage(inner, plan.route.model, plan.keeper, most=plan.most)


BUILDERS: Mapping[str, Builder] = MappingProxyType(
    {
        "admission": lambda plan, inner: AdmissionStage(inner, plan.route.model),
        "policy": _policy,
        "quota": _quota,
        "fallback": _fallback,
        "balance": lambda plan, inner: Balance(inner, plan.pools, random=plan.site.random),
        "breaker": lambda plan, inner: Breaker(inner, plan.pools, plan.route.breaker),
    }
)


def innermost(plan: Blueprint) -> Stage:
    """Return the stage that all others stand on."""
    return Attempt(plan.site, retry=plan.route.retry, deadlines=plan.route.deadlines)


def compose(plan: Blueprint, places: Sequence[str], inner: Stage, plugins: Plugins) -> Stage:
    """Return the stages at these places, wrapped around `inner`."""
    for place in reversed(places):
        if (own := BUILDERS.get(place)) is not None:
            inner = own(plan, inner)
        for build in reversed(plugins.get(place, ())):
            inner = build(plan, inner)
    return inner


@cache
def load_plugins() -> Plugins:
    """Return the stages that other packages add.

    Raise `InvalidError` for one at a place that there is not, or that cannot be loaded. They are looked for once: to
    look through what is installed takes a tenth of a second.
    """
    return plugins_of(entry_points(group=PLUGINS))


def plugins_of(points: Iterable[EntryPoint]) -> Plugins:
    """Return the stages of entry points by place, each place's in the order of their names."""
    found: dict[str, tuple[Builder, ...]] = {}
    for point in sorted(points, key=lambda point: (point.name, point.value)):
        place = point.name.partition(".")[0]
        if place not in ORDER:
            raise InvalidError(f"the stage {point.value} wants the place {place!r}; there are {', '.join(ORDER)}")
        found[place] = (*found.get(place, ()), _loaded(point))
    return MappingProxyType(found)


def _loaded(point: EntryPoint) -> Builder:
    try:
        return point.load()
    except (ImportError, AttributeError) as error:
        raise InvalidError(
            f"the stage {point.name} = {point.value} cannot be loaded: {error}; mend or uninstall its package"
        ) from error
