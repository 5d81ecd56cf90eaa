"""A client is made of a contract's Protocol, which says all that there is to say of its operations."""

from collections.abc import AsyncIterator, Iterator
from typing import Any, Protocol

import pytest

from tulou.chassis.clients import client_of
from tulou.chassis.operations import operations_of
from tulou.chassis.transports import WireTransport
from tulou.kernel.errors import InvalidError, NotFoundError
from tulou.kernel.message import Done, message
from tulou.kernel.operation import Operation, StreamOperation


@message
class Step:
    """A number on the way."""

    number: int = 0


class Stairs(Protocol):
    """A contract."""

    async def climb(self, request: Step) -> Done:
        """Go to a step."""
        ...

    def watch(self, request: Done) -> AsyncIterator[Step]:
        """Yield steps."""
        ...


class Two(Protocol):
    """Takes two things."""

    async def climb(self, request: Step, to: Step) -> Done:
        """Go from one to another."""
        ...


class Number(Protocol):
    """Returns what is no message."""

    async def count(self, request: Done) -> int:
        """Count."""
        ...


class Blocking(Protocol):
    """Returns without having waited."""

    def climb(self, request: Step) -> Done:
        """Go at once."""
        ...


class Generator(Protocol):
    """Yields, but blocks in between."""

    def watch(self, request: Done) -> Iterator[Step]:
        """Yield steps."""
        ...


class Awaited(Protocol):
    """Must be awaited before it yields."""

    async def watch(self, request: Done) -> AsyncIterator[Step]:
        """Yield steps."""
        ...


def test_each_method_is_an_operation_named_after_the_package_of_its_contract() -> None:
    assert dict(operations_of(Stairs)) == {
        "climb": Operation("tests.climb", Step, Done),
        "watch": StreamOperation("tests.watch", Done, Step),
    }


@pytest.mark.parametrize("contract", [Two, Number, Blocking, Generator, Awaited])
def test_a_method_that_is_no_operation_is_refused_when_the_client_is_made(contract: type[Any]) -> None:
    with pytest.raises(InvalidError, match=r"tests\.\w+ is no operation"):
        client_of(contract, WireTransport({}))


async def test_a_call_goes_over_the_transport_and_its_reply_and_its_error_come_back() -> None:
    climbed: list[Step] = []

    async def climb(request: Step) -> Done:
        if request.number > 1:
            raise NotFoundError("no such step")
        climbed.append(request)
        return Done()

    stairs = client_of(Stairs, WireTransport({"tests.climb": climb}))

    assert await stairs.climb(Step(number=1)) == Done()
    assert climbed == [Step(number=1)]
    with pytest.raises(NotFoundError, match="no such step"):
        await stairs.climb(request=Step(number=2))


async def test_a_stream_is_read_without_being_awaited_first() -> None:
    async def watch(request: Done) -> AsyncIterator[Step]:
        del request
        for number in range(3):
            yield Step(number=number)

    stairs = client_of(Stairs, WireTransport({"tests.watch": watch}))

    assert [step.number async for step in stairs.watch(Done())] == [0, 1, 2]
