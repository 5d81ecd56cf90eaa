"""Start a house as a user does, look at it, and do it harm."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

import httpx2
import psutil

PATIENCE_S = 240.0
"""For what is bound to come: how long it takes on a busy machine proves nothing."""

TEST_WITHIN_S = 4 * PATIENCE_S
POLL_S = 0.05
CONNECTIONS = 24
"""So many fresh connections reach each of two gateways; that one gets none of them happens once in a million times."""

T = TypeVar("T")


def until(condition: Callable[[], T | None], *, what: str) -> T:
    """Return what the condition returns once it is true; fail with `what` when patience is over."""
    deadline = time.monotonic() + PATIENCE_S
    while True:
        found = condition()
        if found:
            return found
        assert time.monotonic() < deadline, f"not within {PATIENCE_S:.0f} s: {what}"
        time.sleep(POLL_S)


def tulou(*arguments: str, directory: Path, timeout: float = 120, environment: dict[str, str] | None = None) -> str:
    """Run a command of the house in a directory and return what it prints; fail with what it says on stderr."""
    done = run_tulou(*arguments, directory=directory, timeout=timeout, environment=environment)
    assert done.returncode == 0, f"tulou {' '.join(arguments)}: {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def run_tulou(
    *arguments: str, directory: Path, timeout: float = 120, environment: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a command of the house, whatever comes of it."""
    return subprocess.run(
        [sys.executable, "-m", "tulou", *arguments, "--dir", str(directory)],
        capture_output=True,
        text=True,
        timeout=timeout,
        env=os.environ | (environment or {}),
        check=False,
    )


def client(url: str, key: str = "", *, timeout: float = 60) -> httpx2.Client:
    """Return an HTTP client of a gate; without a key it shows none.

    It knows no certificates: reading them takes 40 ms, twenty times a second while a test waits for a house that starts
    on the same cores.
    """
    headers = {"authorization": f"Bearer {key}"} if key else {}
    return httpx2.Client(base_url=url, headers=headers, timeout=timeout, trust_env=False, verify=False)


class House:
    """A house in a directory on a free port, with two gateways."""

    def __init__(
        self,
        directory: Path,
        *arguments: str,
        environment: Mapping[str, str] | None = None,
        python: str = sys.executable,
    ) -> None:
        self.directory = directory
        self._python = python
        self._arguments = arguments
        self._environment = environment or {}
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
        if kind is not None:
            sys.stderr.write(self.logs())

    def start(self) -> None:
        """Start it unless it is up, and wait until its gate answers."""
        if self._process is not None and self._process.poll() is None:
            return
        self.directory.mkdir(parents=True, exist_ok=True)
        with (self.directory / "up.out").open("ab") as output:
            self._process = subprocess.Popen(
                [self._python, "-m", "tulou", "up", "--port", "0", "--dir", str(self.directory), *self._arguments],
                stdout=output,
                stderr=output,
                stdin=subprocess.DEVNULL,
                env={**os.environ, **self._environment},
            )
        try:
            until(self._stands, what="a gate that answers")
        except BaseException:
            sys.stderr.write(self.logs())
            self.kill_all()  # whoever was not let in by `with` does not come out of it
            raise

    def stop(self, *, within_s: float = 90) -> int:
        """Ask it to end as `systemctl stop` would; return its exit code."""
        assert self._process is not None
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
        try:
            return self._process.wait(within_s)
        except subprocess.TimeoutExpired:
            self.kill_all()
            raise

    def kill_all(self) -> None:
        """End every process of the house at once, as a power cut would."""
        assert self._process is not None
        others = self.workers()
        with suppress(psutil.NoSuchProcess):
            others += psutil.Process(self._process.pid).children(recursive=True)
        self._process.kill()  # first, since it starts again what ends
        for process in others:
            with suppress(psutil.NoSuchProcess):
                process.kill()
        self._process.wait()

    @property
    def standing(self) -> dict[str, Any]:
        """What the house says of itself."""
        return json.loads((self.directory / "run" / "house.json").read_text())

    @property
    def url(self) -> str:
        """The gate."""
        return str(self.standing["gate_url"])

    @property
    def key(self) -> str:
        """The key of the first start."""
        return (self.directory / "secrets" / "admin-key").read_text().strip()

    def client(self, key: str | None = None, *, timeout: float = 60) -> httpx2.Client:
        """Return an HTTP client with a key; an empty one sends none."""
        return client(self.url, self.key if key is None else key, timeout=timeout)

    def answers(self) -> bool:
        """Say whether the gate is ready, and the first start has come as far as the key."""
        try:
            with self.client(timeout=5) as http:
                return http.get("/readyz").status_code == 200
        except (OSError, ValueError, KeyError, httpx2.TransportError):
            return False

    def deployments(self) -> dict[str, Any]:
        """Return the deployments by name; none while control is away."""
        with self.client(timeout=5) as http:
            try:
                reply = http.get("/api/v1/deployments")
            except httpx2.TransportError:
                return {}
        return {item["spec"]["name"]: item for item in reply.json()["items"]} if reply.status_code == 200 else {}

    def wait_for_models(self, *names: str) -> None:
        """Wait until deployments are ready and every gateway lists them."""
        for name in names:
            until(lambda name=name: self._is_ready(name), what=f"{name} ready")
            until(lambda name=name: self.everywhere(lambda http: _lists(http, name)), what=f"{name} at each gateway")

    def wait_until_gone(self, name: str) -> None:
        """Wait until a deployment has ended and no gateway lists it."""
        until(lambda: name not in self.deployments(), what=f"{name} gone")
        until(lambda: self.everywhere(lambda http: not _lists(http, name)), what=f"{name} gone from each gateway")

    def everywhere(self, holds: Callable[[httpx2.Client], bool], *, key: str | None = None) -> bool:
        """Say whether this holds at each gateway: it is asked over so many connections that every one gets some."""
        for _ in range(CONNECTIONS):
            with self.client(key) as http:
                if not holds(http):
                    return False
        return True

    def wait_for_snapshot(self, name: str) -> None:
        """Wait until every gateway lives from a snapshot in which this name is."""
        with self.client() as http:

            def revision() -> int:
                found = http.get("/api/v1/snapshot").raise_for_status()
                return found.json()["revision"] if name in found.text else 0

            wanted = until(revision, what=f"a snapshot with {name}")
            until(lambda: self._oldest_in_force(http) >= wanted, what=f"{name} at each gateway")

    def replicas(self, deployment: str) -> list[dict[str, Any]]:
        """Return the replicas of a deployment that run."""
        found = self.deployments().get(deployment, {"replicas": []})
        return [replica for replica in found["replicas"] if replica["state"] == "running"]

    def worker(self, replica: str) -> psutil.Process:
        """Return the process of a replica."""
        return next(process for process in self.workers() if any(replica in part for part in _command(process)))

    def workers(self) -> list[psutil.Process]:
        """Return the processes of all replicas."""
        marks = {"replica", "--spec"}
        return [process for process in self._processes() if marks <= set(process.info["cmdline"] or ())]

    def control(self) -> psutil.Process:
        """Return the control process."""
        return next(process for process in self._children() if _command(process)[-1:] == ["control"])

    def gateways(self) -> list[psutil.Process]:
        """Return the gateway processes."""
        return [process for process in self._children() if "gateway" in _command(process)]

    def logs(self) -> str:
        """Return the end of every log, for the report of a failed test."""
        files = [
            *self.directory.glob("*.out"),
            *(self.directory / "log").glob("*"),
            *self.directory.glob("run/workers/*/*.log"),
        ]
        return "\n".join(
            f"== {file.name}\n{file.read_text(errors='replace')[-3000:]}" for file in files if file.is_file()
        )

    def _children(self) -> list[psutil.Process]:
        assert self._process is not None
        return psutil.Process(self._process.pid).children()

    def _processes(self) -> list[psutil.Process]:
        here = str(self.directory)
        return [
            process
            for process in psutil.process_iter(["cmdline"])
            if any(here in part for part in process.info["cmdline"] or ())
        ]

    def _stands(self) -> bool:
        assert self._process is not None
        assert self._process.poll() is None, f"tulou up ended\n{self.logs()}"
        return self.answers()

    def _is_ready(self, name: str) -> bool:
        found = self.deployments().get(name)
        return found is not None and found["state"] == "ready"

    def _oldest_in_force(self, http: httpx2.Client) -> float:
        """Return the least revision of a snapshot that a gateway has; 0 until all have reported one."""
        lines = http.get("/api/v1/metrics").raise_for_status().text.splitlines()
        told = [float(line.rsplit(" ", 1)[1]) for line in lines if line.startswith("tulou_gateway_snapshot_revision{")]
        return min(told) if len(told) == self.standing["gateways"] else 0


def _lists(http: httpx2.Client, model: str) -> bool:
    reply = http.get("/v1/models")
    return reply.is_success and model in {item["id"] for item in reply.json()["data"]}


def _command(process: psutil.Process) -> list[str]:
    """Return a process's command line; nothing for one that has ended."""
    try:
        return process.cmdline()
    except psutil.Error:
        return []
