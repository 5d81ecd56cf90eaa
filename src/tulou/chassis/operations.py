"""The operations of a contract, as its Protocol declares them: each method is one, and nothing else is written down."""

from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import is_dataclass
from functools import cache
from inspect import iscoroutinefunction, isfunction
from types import MappingProxyType
from typing import Any, get_args, get_origin, get_type_hints

from tulou.kernel.errors import InvalidError
from tulou.kernel.operation import Operation, StreamOperation

AnyOperation = Operation[Any, Any] | StreamOperation[Any, Any]


@cache
def operations_of(contract: type[Any]) -> Mapping[str, AnyOperation]:
    """Return the operations of a contract by the names of their methods, in the order of the Protocol.

    The method `put_role` of the Protocol in `contracts.governance.api` is the operation `governance.put_role`. Raise
    `InvalidError` for a method that is none: it takes one message, and returns one, or an `AsyncIterator` of them.
    """
    service = contract.__module__.split(".")[-2:][0]
    methods = {name: method for name, method in vars(contract).items() if isfunction(method) and name[0] != "_"}
    return MappingProxyType({name: _operation(f"{service}.{name}", method) for name, method in methods.items()})


def _operation(name: str, method: Callable[..., Any]) -> AnyOperation:
    types = get_type_hints(method)
    reply = types.pop("return", None)
    if streams := get_origin(reply) is AsyncIterator:
        [reply] = get_args(reply)
    messages = [*types.values(), reply]
    if len(types) != 1 or not all(map(is_dataclass, messages)) or iscoroutinefunction(method) is streams:
        raise InvalidError(f"{name} is no operation: it must take one message, and return one or an AsyncIterator")
    [request] = types.values()
    return StreamOperation(name, request, reply) if streams else Operation(name, request, reply)
