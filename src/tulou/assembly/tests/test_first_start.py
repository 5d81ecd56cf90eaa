"""The first start brings in what comes with the house, whatever is away meanwhile."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, cast

import pytest

from tulou.assembly import first_start
from tulou.assembly.first_start import FirstStart, Seed
from tulou.contracts.identity.api import Identity
from tulou.contracts.identity.messages import Tenant
from tulou.contracts.jobs.api import Jobs
from tulou.contracts.registry.api import Registry
from tulou.contracts.serving.api import Serving
from tulou.contracts.serving.messages import DeploymentSpec
from tulou.kernel.errors import InvalidError, TulouError, UnavailableError
from tulou.testing.memory.blobs import MemoryBlobs

SEED = Seed(find=lambda: Path("model.gguf"), description="", spec=DeploymentSpec(name="demo", model="demo"))


class House:
    """A registry that has the model, a queue that is never asked, and a serving that fails at first."""

    def __init__(self, *failures: TulouError) -> None:
        self.blobs = MemoryBlobs()
        self.deployed: list[str] = []
        self.made_at = 1.0
        self._failures = list(failures)

    async def model(self, _: object) -> None:
        """Know every model."""

    async def tenant(self, _: object) -> Tenant:
        """Know when the database was made."""
        return Tenant(name="default", created_at=self.made_at)

    async def deploy(self, spec: DeploymentSpec) -> None:
        if self._failures:
            raise self._failures.pop(0)
        self.deployed.append(spec.name)

    def first_start(self) -> FirstStart:
        services: Any = self
        return FirstStart(
            cast("Registry", services),
            cast("Serving", services),
            cast("Jobs", services),
            self.blobs,
            identity=cast("Identity", services),
            seeds=[SEED],
        )


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(first_start, "AGAIN_S", 0)


async def test_a_process_that_is_away_is_waited_for() -> None:
    house = House(UnavailableError("not up yet"), UnavailableError("not up yet"))
    first = house.first_start()

    await first.run()

    assert house.deployed == ["demo"]
    assert (first.status().done, first.status().failed) == (True, ())


async def test_what_is_wrong_is_told_and_not_tried_again() -> None:
    house = House(InvalidError("no engine"))
    first = house.first_start()

    await first.run()

    assert house.deployed == []
    assert first.status().failed == ("demo: no engine",)


async def test_patience_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(first_start, "PATIENCE_S", -1)
    house = House(UnavailableError("never up"))
    first = house.first_start()

    await first.run()

    assert first.status().failed == ("demo: never up",)


async def test_what_was_brought_in_once_is_not_brought_in_again() -> None:
    house = House()

    await house.first_start().run()
    await house.first_start().run()

    assert house.deployed == ["demo"]


async def test_a_house_with_a_new_database_is_given_its_models_again() -> None:
    house = House()
    await house.first_start().run()

    house.made_at = 2.0
    await house.first_start().run()
    await house.first_start().run()

    assert house.deployed == ["demo", "demo"]


async def test_what_an_earlier_version_remembered_holds() -> None:
    house = House()
    await house.blobs.put(first_start.MEMORY, once(b'["demo"]'))

    await house.first_start().run()

    assert house.deployed == []


async def once(content: bytes) -> AsyncIterator[bytes]:
    yield content
