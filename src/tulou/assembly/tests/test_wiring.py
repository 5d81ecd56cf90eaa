"""Services are opened in the order of their needs, and closed in the reverse."""

from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from typing import Protocol

import pytest

from tulou.assembly.wiring import assemble
from tulou.chassis.changes import changes
from tulou.chassis.component import Component
from tulou.chassis.jobs import JobRun
from tulou.chassis.provided import Provided
from tulou.chassis.transports import WireTransport
from tulou.contracts.transport import Transport
from tulou.kernel.errors import InvalidError
from tulou.kernel.message import Done
from tulou.ports.events import Fact


class Wall(Protocol):
    """A contract that needs nothing."""

    async def hold(self, request: Done) -> Done:
        """Hold what stands on it."""
        ...


class Roof(Protocol):
    """A contract that needs a wall."""


class Stairs(Protocol):
    """A contract that nobody keeps."""

    async def climb(self, request: Done) -> Done:
        """Go up."""
        ...


class Tool(Protocol):
    """A port."""


class Ears:
    def __init__(self, service: object) -> None:
        self.service = service

    def begin(self) -> None:
        """Listen."""

    async def hear(self, fact: Fact) -> None:
        """Hear a fact."""


class Hands:
    def __init__(self, service: object) -> None:
        self.service = service

    async def work(self, run: JobRun) -> str:
        return run.job.id


class Built:
    def __init__(self, name: str, inner: object = None) -> None:
        self.name = name
        self.inner = inner

    async def hold(self, request: Done) -> Done:
        return request


def component(name: str, contract: type[object], seen: list[str], *needs: type[object]) -> Component:
    @asynccontextmanager
    async def build(provided: Provided) -> AsyncGenerator[Built]:
        seen.append(f"open {name}")
        yield Built(name, provided[needs[0]] if needs else None)
        seen.append(f"close {name}")

    return Component(name=name, plane="house", contract=contract, build=build, needs=needs)


def nowhere(name: str) -> Transport:
    raise AssertionError(name)


async def test_a_service_gets_the_object_it_needs_when_both_are_here() -> None:
    seen: list[str] = []
    catalogue = {"roof": component("roof", Roof, seen, Wall), "wall": component("wall", Wall, seen)}

    async with AsyncExitStack() as stack:
        assembled = await assemble(catalogue, catalogue, stack=stack, things={}, locate=nowhere)
        assert assembled.services["roof"].inner is assembled.services["wall"]

    assert seen == ["open wall", "open roof", "close roof", "close wall"]


async def test_a_service_gets_a_client_of_what_runs_elsewhere() -> None:
    catalogue = {"roof": component("roof", Roof, [], Wall), "wall": component("wall", Wall, [])}
    asked: list[str] = []

    async def hold(request: Done) -> Done:
        asked.append("hold")
        return request

    def locate(name: str) -> Transport:
        asked.append(name)
        return WireTransport({"tests.hold": hold})

    async with AsyncExitStack() as stack:
        assembled = await assemble(catalogue, ["roof"], stack=stack, things={}, locate=locate)
        assert await assembled.services["roof"].inner.hold(Done()) == Done()

    assert asked == ["wall", "hold"]


async def test_an_unknown_target_is_named_with_those_there_are() -> None:
    async with AsyncExitStack() as stack:
        with pytest.raises(InvalidError, match="no target named 'cellar'; there are wall"):
            await assemble({"wall": component("wall", Wall, [])}, ["cellar"], stack=stack, things={}, locate=nowhere)


async def test_a_need_that_nothing_provides_is_named() -> None:
    async with AsyncExitStack() as stack:
        catalogue = {"wall": component("wall", Wall, [], Tool)}
        with pytest.raises(InvalidError, match="wall needs Tool, which nothing here provides"):
            await assemble(catalogue, catalogue, stack=stack, things={}, locate=nowhere)


async def test_a_service_that_lacks_an_operation_of_its_contract_is_refused_at_the_start() -> None:
    async with AsyncExitStack() as stack:
        catalogue = {"stairs": component("stairs", Stairs, [])}
        with pytest.raises(InvalidError, match="stairs cannot do what its contract promises: climb"):
            await assemble(catalogue, catalogue, stack=stack, things={}, locate=nowhere)


def test_a_component_that_names_operations_of_another_contract_is_refused() -> None:
    wall = component("wall", Wall, [])
    with pytest.raises(InvalidError, match=r"wall: Stairs\.climb is no operation of .*Wall"):
        replace(wall, changes={Stairs.climb: changes("steps:write")})
    with pytest.raises(InvalidError, match=r"wall: Stairs\.climb is no operation of .*Wall"):
        replace(wall, strangers=frozenset({Wall.hold, Stairs.climb}))


def test_a_component_whose_jobs_and_facts_are_handled_by_another_class_is_refused() -> None:
    wall = component("wall", Wall, [])
    assert replace(wall, handlers=Ears, topics={"rain": Ears.hear}, listening=Ears.begin).topics == {"rain": Ears.hear}
    with pytest.raises(InvalidError, match=r"wall: Ears\.hear is no handler of .*Hands"):
        replace(wall, handlers=Hands, topics={"rain": Ears.hear})
    with pytest.raises(InvalidError, match=r"wall: Ears\.begin is no handler of .*Hands"):
        replace(wall, handlers=Hands, listening=Ears.begin)
    with pytest.raises(InvalidError, match=r"wall: Hands\.work is no handler of .*Ears"):
        replace(wall, handlers=Ears, jobs={"dig": Hands.work})
    with pytest.raises(InvalidError, match=r"wall: Hands\.work is no handler of None"):
        replace(wall, jobs={"dig": Hands.work})


async def test_needs_in_a_circle_are_named() -> None:
    catalogue = {"roof": component("roof", Roof, [], Wall), "wall": component("wall", Wall, [], Roof)}
    async with AsyncExitStack() as stack:
        with pytest.raises(InvalidError, match="in a circle"):
            await assemble(catalogue, catalogue, stack=stack, things={}, locate=nowhere)
