"""What this process was told by its surroundings: the only reader of environment variables."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tulou.assembly.ports import proxied, resolved
from tulou.assembly.settings import FILE_NAME, HouseSettings, PortSettings, Settings, load
from tulou.chassis.house import House
from tulou.kernel.egress import Egress

CONFIG = "TULOU_CONFIG"
CONTROL_FD = "TULOU_CONTROL_FD"
LIFELINE_FD = "TULOU_LIFELINE_FD"
HEARTBEAT_FD = "TULOU_HEARTBEAT_FD"
ALLOCATOR = {"MALLOC_MMAP_THRESHOLD_": "131072", "MALLOC_TRIM_THRESHOLD_": "131072", "MALLOC_ARENA_MAX": "1"}
"""What glibc takes from its system and gives back at once, as bodies are; by itself it learns to keep them for good.

Each thread would keep some for itself; but one of them computes at a time, since they share an interpreter.
"""


@dataclass(frozen=True, slots=True)
class ProcessEnvironment:
    """Settings, the file descriptors that the supervisor handed down, and all else that workers inherit."""

    settings: Settings
    house: HouseSettings
    ports: PortSettings
    control_fd: int | None
    lifeline_fd: int | None
    environment: Mapping[str, str]
    heartbeat_fd: int | None = None

    @property
    def directory(self) -> Path:
        """The house's directory, absolute."""
        return Path(self.house.directory).expanduser().absolute()

    @property
    def gate_url(self) -> str:
        """Where this house's own gate is reached from here."""
        return self.house.gate_url or f"http://{reachable(self.house.host)}:{self.house.port}"

    @property
    def egress(self) -> Egress:
        """The way out of this house; raise `InvalidError` for one that is none."""
        return Egress(self.house.proxy, self.house.no_proxy)

    def url_of(self, port: str) -> str:
        """Return the URL of a port, with the house's directory and, where it leads outside, the proxy."""
        return proxied(resolved(getattr(self.ports, port), str(self.directory)), self.egress)

    def place(self, process: str, token: str) -> House:
        """Return what services of a process may know of the house."""
        return House(
            name=self.house.name,
            directory=self.directory,
            control_url=self.house.control_url,
            token=token,
            blobs=self.url_of("blobs"),
            process=process,
        )


def surroundings(environment: Mapping[str, str] | None = None) -> ProcessEnvironment:
    """Read `$TULOU_CONFIG` or `./tulou.toml`, and the environment; raise `InvalidError` if they are bad."""
    given = dict(os.environ if environment is None else environment)
    settings = load(_file(given), given)
    return ProcessEnvironment(
        settings=settings,
        house=settings.table("house", HouseSettings),
        ports=settings.table("ports", PortSettings),
        control_fd=_number(given.get(CONTROL_FD)),
        lifeline_fd=_number(given.get(LIFELINE_FD)),
        environment=given,
        heartbeat_fd=_number(given.get(HEARTBEAT_FD)),
    )


def reachable(host: str) -> str:
    """Return an address to connect to, for one to listen on: all addresses include the loopback one."""
    return "127.0.0.1" if host in ("0.0.0.0", "::") else host  # noqa: S104 - compared, not bound


def _file(environment: Mapping[str, str]) -> Path | None:
    if CONFIG in environment:
        return Path(environment[CONFIG])
    return Path(FILE_NAME) if Path(FILE_NAME).is_file() else None


def _number(text: str | None) -> int | None:
    return int(text) if text else None
