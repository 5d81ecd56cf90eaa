"""Contracts reached over a transport."""

from functools import partial
from types import SimpleNamespace
from typing import TypeVar, cast

from tulou.chassis.operations import AnyOperation, operations_of
from tulou.contracts.transport import Transport
from tulou.kernel.operation import StreamOperation

Contract = TypeVar("Contract")


def client_of(contract: type[Contract], transport: Transport) -> Contract:
    """Return a contract of which each method is one call over a transport.

    Raise `InvalidError` at once, and not at the first call, where a method of the contract is no operation.
    """
    methods = {name: _call(operation, transport) for name, operation in operations_of(contract).items()}
    return cast("Contract", SimpleNamespace(**methods))


def _call(operation: AnyOperation, transport: Transport) -> partial[object]:
    if isinstance(operation, StreamOperation):
        return partial(transport.stream, operation)
    return partial(transport.call, operation)
