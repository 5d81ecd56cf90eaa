"""A house that has many of something, and what a change of one of them costs it."""

import statistics
import time
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal

import httpx2
import psutil

from benchmarks.house.applied import Gateways, until
from tests.system.house import House

Made = Callable[[httpx2.Client], str]
"""Makes one more, and returns its path in the administration, by which it is deleted."""
SETTLE_S, IDLE_S = 5.0, 10.0


@dataclass
class Costs:
    """Medians of seconds; processor seconds of a change; bytes told and kept of one, and resident; idle as a share."""

    made: float
    deleted: float
    control: float
    gateway: float
    told: int
    kept: int
    resident: int
    control_resident: int
    idle: float


@contextmanager
def filled(
    settings: str,
    seed: Callable[[Path], None],
    what: Literal["keys", "limits"],
    count: int,
    environment: Mapping[str, str] | None = None,
) -> Generator[tuple[House, Gateways]]:
    """Run a house of two gateways whose tables `seed` has filled beside it; all of them know so many by then."""
    with TemporaryDirectory() as folder:
        config = Path(folder, "tulou.toml")
        config.write_text(f"[house]\ngateways = 2\n{settings}")
        house = House(
            Path(folder, "var"), "--no-demo", environment={"TULOU_CONFIG": str(config), **(environment or {})}
        )
        with house:
            pass
        seed(house.directory)
        for file in house.directory.glob("log/*.log"):
            file.unlink()
        with house:
            gateways = Gateways(house.directory, what)
            until(lambda: gateways.count() >= count, what=f"{count} {what} in every gateway")
            yield house, gateways


def measured(house: House, gateways: Gateways, make: Made, *, rounds: int) -> Costs:
    """Make one and delete it, again and again."""
    time.sleep(SETTLE_S)
    control, gates = house.control(), house.gateways()
    made: list[float] = []
    deleted: list[float] = []
    began, base = _cpu(control, *gates), gateways.count()
    time.sleep(IDLE_S)
    idle = sum(_cpu(control, *gates)) - sum(began)
    began, kept = _cpu(control, *gates), _kept(house)
    with house.client() as http:
        for _ in range(rounds):
            at = time.time()
            path = make(http)
            made.append(gateways.until(base + 1, since=at) - at)
            at = time.time()
            http.delete(path).raise_for_status()
            deleted.append(gateways.until(base, since=at) - at)
    ended = _cpu(control, *gates)
    took = [(after - before) / rounds / 2 for before, after in zip(began, ended, strict=True)]
    return Costs(
        made=statistics.median(made),
        deleted=statistics.median(deleted),
        control=took[0],
        gateway=statistics.mean(took[1:]),
        told=_told(house, make),
        kept=(_kept(house) - kept) // (2 * rounds * len(gates)),
        resident=max(gate.memory_info().rss for gate in gates),
        control_resident=control.memory_info().rss,
        idle=idle / IDLE_S,
    )


def _cpu(*processes: psutil.Process) -> list[float]:
    return [sum(process.cpu_times()[:2]) for process in processes]


def _kept(house: House) -> int:
    """Return how many bytes of updates are kept on disk."""
    file = house.directory / "run" / "snapshot.changes"
    return file.stat().st_size if file.exists() else 0


def _told(house: House, make: Made) -> int:
    """Return how many bytes one more gateway is told when one is made."""
    token = (house.directory / "secrets" / "house-token").read_text().strip()
    url = f"{house.standing['control_url']}/rpc/routing.watch"
    headers = {"authorization": f"Bearer {token}"}
    with (
        house.client() as http,
        httpx2.stream("POST", url, json={"gateway": "bench"}, headers=headers, timeout=60) as reply,
    ):
        lines = (line for line in reply.iter_lines() if line)
        while '"more":true' in next(lines):
            pass
        make(http)
        return len(next(lines))
