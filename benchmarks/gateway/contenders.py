"""The gateways that are measured, each in front of the same upstreams, each on one core."""

import os
import shutil
import subprocess
import time
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

import msgspec

from tulou.contracts.discovery.messages import Replica
from tulou.contracts.governance.messages import PolicySet, Role
from tulou.contracts.limits.messages import Limit
from tulou.contracts.metering.messages import Price, PriceList
from tulou.contracts.routing.messages import Grant, Snapshot, Target

HERE = Path(__file__).parent
GATE_CORE, LOAD_CORE = "0", "1"
KEY = "sk-tulou-benchmark"
JSON_PORT, STREAM_PORT = 18101, 18102
MODELS = ("plain", "canned", "burst", "paced")
ANSWER = (
    '{"id":"c","object":"chat.completion","created":1,"model":"plain","choices":[{"index":0,"message":{"role":'
    '"assistant","content":"A gate in front of many rooms."},"finish_reason":"stop"}],"usage":{"prompt_tokens":20,'
    '"completion_tokens":8,"total_tokens":28}}'
)

LIMITS = (
    Limit(name="requests", scope="key", measure="requests", amount=1e9, period="minute"),
    Limit(name="tokens", scope="project", measure="tokens", amount=1e12, period="minute"),
    Limit(name="budget", scope="tenant", measure="cost", amount=1e6, period="month"),
)

NGINX = """
worker_processes 1; daemon off; pid {folder}/nginx.pid; error_log {folder}/error.log warn;
worker_rlimit_nofile 8192;
events {{ worker_connections 4096; }}
http {{
  access_log off; keepalive_requests 100000000; client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
  {servers}
}}
"""
UPSTREAM = """
  server {{
    listen 127.0.0.1:{port} backlog=2048;
    location / {{ default_type application/json; return 200 '{answer}'; }}
  }}
"""
PROXY = """
  upstream plain {{ server 127.0.0.1:{json}; keepalive 512; keepalive_requests 100000000; }}
  upstream stream {{ server 127.0.0.1:{stream}; keepalive 512; }}
  server {{
    listen 127.0.0.1:{port} backlog=2048;
    proxy_http_version 1.1; proxy_set_header Connection ""; proxy_buffering off;
    location / {{ proxy_pass http://plain; }}
    location /stream/ {{ proxy_pass http://stream; }}
  }}
"""


@dataclass(frozen=True)
class Contender:
    """A gateway that runs; `stream_path` differs where paths choose the upstream instead of the model."""

    name: str
    url: str
    pid: int
    stream_path: str = "/v1/chat/completions"


@contextmanager
def process(command: Sequence[str], core: str, folder: Path, name: str, **env: str) -> Generator[int]:
    """Run a program on one core as long as the block runs; yield its process id."""
    with (folder / f"{name}.out").open("wb") as output:
        running = subprocess.Popen(
            ["taskset", "-c", core, *command], stdout=output, stderr=output, env=os.environ | env
        )
        try:
            yield running.pid
        finally:
            running.terminate()
            try:
                running.wait(10)
            except subprocess.TimeoutExpired:
                running.kill()
                running.wait()


@contextmanager
def nginx(folder: Path, name: str, core: str, servers: str) -> Generator[int]:
    """Run nginx with these servers; yield the process id of its worker."""
    own = folder / name
    own.mkdir()
    config = own / "nginx.conf"
    config.write_text(NGINX.format(folder=own, servers=servers))
    binary = shutil.which("nginx") or "/usr/sbin/nginx"
    with process([binary, "-c", str(config), "-e", str(own / "error.log")], core, folder, name) as pid:
        yield _worker(pid)


@contextmanager
def upstreams(folder: Path, python: str) -> Generator[None]:
    """Run both upstreams on the load generator's core."""
    servers = UPSTREAM.format(port=JSON_PORT, answer=ANSWER)
    with (
        nginx(folder, "upstream", LOAD_CORE, servers),
        process([python, str(HERE / "upstream.py"), str(STREAM_PORT)], LOAD_CORE, folder, "stream"),
    ):
        wait_for(f"http://127.0.0.1:{JSON_PORT}/")
        yield


@contextmanager
def nginx_proxy(folder: Path) -> Generator[Contender]:
    """Run the limit: nginx, which checks no key and counts nothing."""
    port = 18111
    with nginx(folder, "nginx", GATE_CORE, PROXY.format(port=port, json=JSON_PORT, stream=STREAM_PORT)) as pid:
        url = f"http://127.0.0.1:{port}"
        wait_for(url)
        yield Contender("nginx", url, pid, "/stream/v1/chat/completions")


@contextmanager
def tulou(folder: Path, python: str, *, more: Sequence[Target] = ()) -> Generator[Contender]:
    """Run Tulou's gateway with all that a request passes in a house: keys, roles, limits, ledger, metrics, access log.

    `more` targets come beside `MODELS`.
    """
    port = 18112
    snapshot = folder / "snapshot.json"
    snapshot.write_bytes(msgspec.json.encode(_snapshot(more)))
    command = [python, str(HERE / "tulou_gate.py"), str(port), str(snapshot), str(folder / "house")]
    with process(command, GATE_CORE, folder, "tulou") as pid:
        url = f"http://127.0.0.1:{port}"
        wait_for(f"{url}/readyz")
        yield Contender("tulou", url, pid)


@contextmanager
def litellm(folder: Path, venv: Path) -> Generator[Contender]:
    """Run LiteLLM's proxy with one worker and a master key, as its documentation shows."""
    port = 18113
    models = [
        {
            "model_name": model,
            "litellm_params": {"model": f"openai/{model}", "api_base": _upstream(model) + "/v1", "api_key": "none"},
        }
        for model in MODELS
    ]
    config = folder / "litellm.yaml"  # YAML is a superset of JSON
    config.write_bytes(msgspec.json.encode({"model_list": models, "general_settings": {"master_key": KEY}}))
    command = [str(venv / "bin/litellm"), "--config", str(config), "--host", "127.0.0.1", "--port", str(port)]
    quiet = {"LITELLM_LOG": "ERROR", "LITELLM_MODE": "PRODUCTION", "LITELLM_LOCAL_MODEL_COST_MAP": "True"}
    with process([*command, "--num_workers", "1"], GATE_CORE, folder, "litellm", **quiet) as pid:
        url = f"http://127.0.0.1:{port}"
        wait_for(f"{url}/health/liveliness", within_s=120)
        yield Contender("litellm", url, pid)


def wait_for(url: str, within_s: float = 20) -> None:
    """Wait until a server answers; raise `TimeoutError` when it does not."""
    until = time.monotonic() + within_s
    while time.monotonic() < until:
        try:
            urlopen(Request(url), timeout=2).close()
        except HTTPError:
            return
        except (URLError, OSError):
            time.sleep(0.1)
        else:
            return
    raise TimeoutError(f"nothing answered at {url} within {within_s:g} s")


def _upstream(model: str) -> str:
    return f"http://127.0.0.1:{JSON_PORT if model == 'plain' else STREAM_PORT}"


def _snapshot(more: Sequence[Target]) -> Snapshot:
    grant = Grant(
        key="key_bench",
        digest=sha256(KEY.encode()).hexdigest(),
        tenant="default",
        principal="bench",
        scopes=("inference",),
        roles=("developer",),
    )
    targets = tuple(
        Target(
            deployment=model,
            endpoints=("chat",),
            created_at=0.0,
            replicas=(Replica(id=f"{model}-1", deployment=model, generation=1, url=_upstream(model)),),
        )
        for model in MODELS
    )
    return Snapshot(
        revision=1,
        house="bench",
        issued_at=0.0,
        grants=(grant,),
        routes=(),
        targets=(*targets, *more),
        limits=LIMITS,
        prices=PriceList(items=(Price(model="*", input=1.0, output=3.0),), version=1),
        policies=PolicySet(roles=(Role(name="developer", permissions=("models:use",)),)),
    )


def _worker(pid: int) -> int:
    """Return nginx's worker, whose master does nothing."""
    children = Path(f"/proc/{pid}/task/{pid}/children")
    until = time.monotonic() + 5
    while time.monotonic() < until:
        if found := children.read_text().split():
            return int(found[0])
        time.sleep(0.05)
    return pid
