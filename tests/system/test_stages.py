"""A stage of another package comes and goes by restarting the gateways one by one; nobody who asks feels it."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx2
import psutil
import pytest

from tests.system.house import House, until
from tests.system.load import CHAT, Load

EXAMPLE = Path(__file__).parents[2] / "examples" / "stages"
POINTS = """[tulou.gateway_stages]
admission.tag = tulou_example_stages.tag:build
policy.mask = tulou_example_stages.mask:build
"""
MODEL = "tulou-demo"


@pytest.fixture
def packages(tmp_path: Path) -> Path:
    """A folder of installed packages, empty."""
    folder = tmp_path / "packages"
    folder.mkdir()
    return folder


@pytest.fixture
def open_house(tmp_path: Path, packages: Path) -> Iterator[House]:
    words = {"PYTHONPATH": str(packages), "TULOU_MASKED_WORDS": "tulou"}
    with House(tmp_path / "house", environment=words) as house:
        house.wait_for_models(MODEL)
        yield house


def install(packages: Path) -> None:
    """Do what `pip install` does: the package, and what is known of it."""
    name = "tulou_example_stages"
    shutil.copytree(EXAMPLE / name, packages / name, ignore=shutil.ignore_patterns("__pycache__"))
    about = packages / f"{name}-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text(POINTS)


def uninstall(packages: Path) -> None:
    for folder in list(packages.iterdir()):
        shutil.rmtree(folder)


def restart_one_after_the_other(house: House, load: Load) -> None:
    """Have each gateway end what it has begun; the next follows when the successor of the first serves."""
    before = house.gateways()
    for number, gateway in enumerate(before, start=1):
        gateway.terminate()
        gone = {each.pid for each in before[:number]}
        until(lambda gone=gone: len(listening(house) - gone) == len(before), what="a successor that listens")
        load.wait_for(more=8)


def listening(house: House) -> set[int]:
    """Return the gateways that take connections."""
    port = int(house.url.rpartition(":")[2])
    return {gateway.pid for gateway in house.gateways() if _listens(gateway, port)}


def _listens(process: psutil.Process, port: int) -> bool:
    try:
        found = process.net_connections("tcp")
    except psutil.Error:
        return False
    return any(each.status == psutil.CONN_LISTEN and each.laddr[1] == port for each in found)


def tagged(http: httpx2.Client) -> bool:
    reply = http.post("/v1/chat/completions", json=CHAT)
    assert reply.status_code == 200, reply.text
    return reply.headers.get("x-example-route") == MODEL


def masked(http: httpx2.Client) -> bool:
    reply = http.post("/v1/chat/completions", json=CHAT)
    return "tulou" not in reply.json()["choices"][0]["message"]["content"].lower()


def not_(holds: Callable[[httpx2.Client], bool]) -> Callable[[httpx2.Client], bool]:
    return lambda http: not holds(http)


@pytest.mark.parametrize("stream", [False, True])
def test_a_stage_of_another_package_comes_and_goes_without_a_failed_request(
    open_house: House, packages: Path, *, stream: bool
) -> None:
    with Load(open_house, stream=stream) as load:
        assert open_house.everywhere(not_(tagged))

        install(packages)
        restart_one_after_the_other(open_house, load)
        until(lambda: open_house.everywhere(tagged), what="the stages at each gateway")
        assert open_house.everywhere(masked)

        uninstall(packages)
        restart_one_after_the_other(open_house, load)
        until(lambda: open_house.everywhere(not_(tagged)), what="no stage at any gateway")

    assert load.failures == []
    assert load.answers
