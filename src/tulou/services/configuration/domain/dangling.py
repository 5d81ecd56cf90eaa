"""What a state of the house names that would not be there: an apply is refused for it, or leaves it dangling."""

from collections.abc import Collection, Iterator

from tulou.contracts.serving.messages import DeploymentSpec
from tulou.rules.routing.patterns import Patterns, answers_many, filled, implicit_model
from tulou.services.configuration.domain.document import IMPLICIT, Entry, Resources

Named = Iterator[tuple[str, str]]
"""What an entry needs: a section, and a name there."""


def dangling(state: Resources, *, roles: Collection[str]) -> Iterator[str]:
    """Yield a line for each name without its thing; `roles` are those that are always there."""
    there = {section: set(entries) for section, entries in state.items()}
    there["tenants"].add(IMPLICIT)
    there["projects"] |= {f"{tenant}/{IMPLICIT}" for tenant in there["tenants"]}
    there["roles"] |= set(roles)
    models = ModelNames(state)
    for section, entries in state.items():
        for name, entry in entries.items():
            for kind, needed in _needs(section, entry):
                if needed not in (models if kind == "models" else there[kind]):
                    yield f"{section} {name!r}: there would be none of the {kind} named {needed!r}"


class ModelNames:
    """The models that a state of the house has: names, and patterns that others fit."""

    def __init__(self, state: Resources) -> None:
        self._names = {*state["routes"], *map(_model_of, state["deployments"].values())}
        self._patterns = Patterns(self._names)

    def __contains__(self, name: str) -> bool:
        example = filled(name, "x")
        return name in self._names or self._patterns.find(example) is not None


def _model_of(deployment: DeploymentSpec) -> str:
    return implicit_model(deployment.name, wildcard=answers_many(entry.model for entry in deployment.upstreams))


def _needs(section: str, entry: Entry) -> Named:
    match section:
        case "projects":
            yield "tenants", entry.tenant
        case "principals":
            yield "tenants", entry.tenant
            yield from (("roles", held.role) for held in entry.roles)
            yield from (("projects", f"{entry.tenant}/{held.project}") for held in entry.roles if held.project)
        case "deployments":
            yield from (("upstreams", one.upstream) for one in entry.upstreams if one.upstream)
        case "routes":
            yield from (("deployments", share.deployment) for share in entry.shares)
            yield from (("models", model) for model in entry.fallbacks)
        case _:
            return
