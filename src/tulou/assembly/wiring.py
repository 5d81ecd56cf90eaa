"""Turn a list of component names into running services, each bound to the object or the client of what it needs."""

from collections.abc import Callable, Iterable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from typing import Any

from tulou.chassis.clients import client_of
from tulou.chassis.component import Component
from tulou.chassis.operations import operations_of
from tulou.chassis.provided import Provided
from tulou.contracts.transport import Transport
from tulou.kernel.errors import InvalidError

Bind = Callable[[Component, Any], Any]
Locate = Callable[[str], Transport]


@dataclass(frozen=True, slots=True)
class Assembled:
    """The services that run in this process by name, and everything they could be given."""

    services: Mapping[str, Any]
    provided: Provided


def direct(_: Component, service: object) -> object:
    """Hand the service itself to those who need it."""
    return service


async def assemble(
    catalogue: Mapping[str, Component],
    targets: Iterable[str],
    *,
    stack: AsyncExitStack,
    things: Mapping[type[Any], object],
    locate: Locate,
    bind: Bind = direct,
) -> Assembled:
    """Open the targets in the order of their needs; reach all other services through `locate`.

    `things` are ports and settings. The services are closed in reverse order when `stack` is.
    """
    local = {name: component(catalogue, name) for name in targets}
    provided: dict[type[Any], object] = dict(things)
    for part in catalogue.values():
        if part.name not in local:
            provided[part.contract] = client_of(part.contract, locate(part.name))
    services: dict[str, Any] = {}
    for name in _order(local):
        part = local[name]
        _check_needs(part, provided)
        services[name] = await stack.enter_async_context(part.build(Provided(provided)))
        _check_operations(part, services[name])
        provided[part.contract] = bind(part, services[name])
    return Assembled(services, Provided(provided))


def component(catalogue: Mapping[str, Component], name: str) -> Component:
    """Return a component by its name; raise `InvalidError` naming those there are."""
    if name not in catalogue:
        raise InvalidError(f"no target named {name!r}; there are {', '.join(sorted(catalogue))}")
    return catalogue[name]


def _order(local: Mapping[str, Component]) -> list[str]:
    by_contract = {component.contract: name for name, component in local.items()}
    graph = {
        name: {by_contract[need] for need in component.needs if need in by_contract}
        for name, component in local.items()
    }
    try:
        return list(TopologicalSorter(graph).static_order())
    except CycleError as error:
        raise InvalidError(f"services need one another in a circle: {' -> '.join(error.args[1])}") from error


def _check_operations(component: Component, service: object) -> None:
    missing = [name for name in operations_of(component.contract) if not callable(getattr(service, name, None))]
    if missing:
        raise InvalidError(f"{component.name} cannot do what its contract promises: {', '.join(missing)}")


def _check_needs(component: Component, provided: Mapping[type[Any], object]) -> None:
    missing = [need.__name__ for need in component.needs if need not in provided]
    if missing:
        raise InvalidError(f"{component.name} needs {', '.join(missing)}, which nothing here provides")
