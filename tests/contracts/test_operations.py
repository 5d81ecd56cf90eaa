"""Every service does what its contract's Protocol says, with the same messages."""

from collections.abc import Callable
from inspect import iscoroutinefunction, unwrap
from typing import Any, get_args, get_type_hints

import pytest

from tulou.assembly.catalogue import CATALOGUE
from tulou.chassis.component import Component
from tulou.chassis.operations import operations_of


def built(component: Component) -> type[Any]:
    """Return the class of a component's service."""
    return get_args(get_type_hints(unwrap(component.build))["return"])[0]


def messages(method: Callable[..., object]) -> dict[str, object]:
    """Return what a method takes, by name, and returns, or yields."""
    return {name: (get_args(kind) or (kind,))[0] for name, kind in get_type_hints(method).items()}


@pytest.mark.parametrize("name", sorted(CATALOGUE))
def test_a_service_takes_and_returns_the_messages_of_its_contract_under_the_same_names(name: str) -> None:
    contract, service = CATALOGUE[name].contract, built(CATALOGUE[name])
    for method in operations_of(contract):
        promised, kept = getattr(contract, method), getattr(service, method)
        assert messages(kept) == messages(promised), f"{name}.{method}"
        assert iscoroutinefunction(kept) is iscoroutinefunction(promised), f"{name}.{method}"
