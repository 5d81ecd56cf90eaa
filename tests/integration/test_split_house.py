"""One house in several processes, each with some of the services: the same commands, the same answers."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.system.house import until
from tulou.kernel.ids import new_id
from tulou.testing.http import PLAIN
from tulou.testing.servers.postgres import PostgresServer
from tulou.testing.servers.process import free_port
from tulou.testing.servers.redis import RedisServer
from tulou.testing.tiny_gguf import write_tiny_gguf

pytestmark = pytest.mark.timeout(600)

TARGETS = {
    "makers": ("registry", "jobs", "training"),
    "watchers": ("discovery", "observability"),
    "keepers": (
        *("identity", "governance", "limits", "metering", "upstreams"),
        *("serving", "routing", "configuration", "files", "batches", "responses"),
    ),
}
ASK = {"model": "tiny", "messages": [{"role": "user", "content": "Who is there?"}], "max_tokens": 8}


class SplitHouse:
    """Processes that share one `tulou.toml`; started without a supervisor, as other machines would."""

    def __init__(self, folder: Path, *, database: str, events: str) -> None:
        self.folder = folder
        self.urls = {part: f"http://127.0.0.1:{free_port()}" for part in TARGETS}
        self.gate = f"http://127.0.0.1:{(gate := free_port())}"
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        self._file = folder / "tulou.toml"
        self._file.write_text(
            "[house]\n"
            f'directory = "{folder}/var"\nport = {gate}\ndemo = false\ndrain_s = 5.0\n'
            f'control_url = "{self.urls["keepers"]}"\n'
            f'[ports]\ndatabase = "{database}"\nevents = "{events}"\n[remotes]\n'
            + "".join(f'{name} = "{self.urls[part]}"\n' for part in ("makers", "watchers") for name in TARGETS[part])
        )

    def start(self, part: str) -> None:
        """Start one process: some control services, or the gate."""
        arguments = TARGETS.get(part, ())
        target = arguments or (part,)
        with (self.folder / f"{part}.out").open("ab") as output:
            self._processes[part] = subprocess.Popen(
                [sys.executable, "-m", "tulou", "run", *target],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env=os.environ | {"TULOU_CONFIG": str(self._file)},
            )

    def kill(self, part: str) -> None:
        """End one process without a warning."""
        process = self._processes.pop(part)
        process.kill()
        process.wait()

    def stop(self) -> None:
        """Ask all that run to end."""
        for process in self._processes.values():
            process.terminate()
        for process in self._processes.values():
            process.wait(120)

    def answers(self, url: str) -> bool:
        """Say whether a process is ready."""
        try:
            return httpx2.get(f"{url}/readyz", timeout=10, trust_env=False, verify=PLAIN).is_success
        except httpx2.TransportError:
            return False

    def wait(self) -> None:
        """Wait until all processes are ready."""
        for url in (*self.urls.values(), self.gate):
            until(lambda url=url: self.answers(url), what=f"{url} ready\n{self.logs()}")

    @property
    def key(self) -> str:
        """The key of the first start."""
        return (self.folder / "var" / "secrets" / "admin-key").read_text().strip()

    def tulou(self, *arguments: str) -> str:
        """Run a command against the gate, as from anywhere."""
        done = subprocess.run(
            [sys.executable, "-m", "tulou", *arguments, "--url", self.gate, "--key", self.key],
            capture_output=True,
            text=True,
            timeout=240,
            check=False,
        )
        assert done.returncode == 0, f"{done.stdout}\n{done.stderr}\n{self.logs()}"
        return done.stdout

    def client(self, url: str, key: str | None = None) -> httpx2.Client:
        """Return a client of one process."""
        headers = {"authorization": f"Bearer {key or self.key}"}
        return httpx2.Client(base_url=url, headers=headers, timeout=60, trust_env=False, verify=PLAIN)

    def logs(self) -> str:
        """Return the end of every log."""
        files = [*self.folder.glob("*.out"), *(self.folder / "var" / "log").glob("*")]
        return "\n".join(f"== {file.name}\n{file.read_text(errors='replace')[-3000:]}" for file in files)


@pytest.fixture(scope="module")
def house(
    tmp_path_factory: pytest.TempPathFactory, postgres: PostgresServer, redis: RedisServer
) -> Iterator[SplitHouse]:
    """Three control processes and a gateway, with a model that talks nonsense."""
    folder = tmp_path_factory.mktemp("split")
    split = SplitHouse(folder, database=postgres.new_database(new_id("split")), events=redis.url)
    with ExitStack() as stack:
        stack.callback(split.stop)
        for part in ("gateway", "keepers", "makers", "watchers"):
            split.start(part)
        split.wait()
        split.tulou("models", "import", str(write_tiny_gguf(folder / "tiny.gguf")), "--name", "tiny")
        split.tulou("deploy", "tiny")
        stack.callback(split.tulou, "deployments", "delete", "tiny", "--force", "--yes")
        yield split


def made_key(house: SplitHouse, part: str) -> str:
    with house.client(house.urls[part]) as http:
        reply = http.post("/api/v1/keys", json={"name": part, "scopes": ["inference"]})
    assert reply.status_code == 201, reply.text
    return str(reply.json()["secret"])


def asked(house: SplitHouse, key: str) -> httpx2.Response:
    with house.client(house.gate, key) as http:
        return http.post("/v1/chat/completions", json=ASK)


def items(house: SplitHouse, url: str, path: str) -> list[dict[str, Any]]:
    with house.client(url) as http:
        return http.get(path).raise_for_status().json()["items"]


def test_a_key_made_at_identity_opens_the_gate(house: SplitHouse) -> None:
    key = made_key(house, "keepers")

    until(lambda: asked(house, key).status_code == 200, what=f"the gate knows it\n{house.logs()}")


@pytest.mark.parametrize("path", ["/api/v1/models", "/api/v1/jobs", "/api/v1/deployments", "/api/v1/keys"])
def test_every_process_gives_the_same_answer_wherever_the_service_is(house: SplitHouse, path: str) -> None:
    found = [items(house, url, path) for url in (house.gate, *house.urls.values())]

    names = [[item.get("id") or item.get("name") or item["spec"]["name"] for item in answer] for answer in found]
    assert names[0]
    assert all(answer == names[0] for answer in names)


def test_a_stranger_is_refused_by_every_process(house: SplitHouse) -> None:
    for url in house.urls.values():
        with house.client(url, "sk-tulou-wrong") as http:
            assert http.get("/api/v1/models").status_code == 401
            assert http.post("/rpc/registry.models", json={}).status_code in {401, 503}  # 503: ask elsewhere


def test_every_process_is_seen(house: SplitHouse) -> None:
    def sources() -> set[str]:
        with house.client(house.gate) as http:
            return {process["source"] for process in http.get("/api/v1/overview").json()["processes"]}

    wanted = {"-".join(names) for names in TARGETS.values()} | {"gateway-0"}
    until(lambda: wanted <= sources(), what=f"{wanted} report")


def test_processes_that_die_come_back_one_by_one_and_requests_never_notice(house: SplitHouse) -> None:
    for part in TARGETS:
        house.kill(part)
        assert asked(house, house.key).status_code == 200
        house.start(part)
        house.wait()
        key = made_key(house, part)
        until(lambda key=key: asked(house, key).status_code == 200, what=f"{part} works\n{house.logs()}")


def test_one_process_cannot_be_where_others_look_for_two(tmp_path: Path) -> None:
    file = tmp_path / "tulou.toml"
    file.write_text(
        f'[house]\ndirectory = "{tmp_path}/var"\n'
        '[remotes]\nregistry = "http://127.0.0.1:9001"\njobs = "http://127.0.0.1:9002"\n'
    )

    done = subprocess.run(
        [sys.executable, "-m", "tulou", "run", "registry", "jobs"],
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
        env=os.environ | {"TULOU_CONFIG": str(file)},
    )

    assert done.returncode == 2
    assert "jobs at http://127.0.0.1:9002, registry at http://127.0.0.1:9001" in done.stderr
