"""A house without models of its own, with a model at each dialect of the vendor."""

import json
import os
import subprocess
import sys
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.clients.vendor.png import PICTURE_DATA
from tests.clients.vendor.server import KEY, Vendor
from tests.system.house import House

Json = dict[str, Any]
ROOT = Path(__file__).parents[2]
PROVIDERS = {"chat": "openai-compatible", "responses": "openai-responses", "anthropic": "anthropic"}
PATHS = {"chat": "/chat/v1", "responses": "/responses/v1", "anthropic": "/anthropic"}
MODELS = tuple(PROVIDERS)
KNOWN_TO_CODEX = {"gpt-6.2-sol": "chat", "gpt-5.5": "anthropic", "gpt-6-astra": "responses"}
"""Names of models for which Codex sends custom tools and items that add tools."""
WITHIN_S = 300.0
ONE_ADDRESS = {"TULOU_GATEWAY__WRONG_KEYS": "1000"}
"""All clients try wrong keys, some of them several times, from one address and perhaps within a minute."""


@contextmanager
def furnished(directory: Path, vendor: Vendor) -> Generator[House]:
    """Run the house, and wait until all its models answer."""
    with House(directory, "--no-demo", environment=ONE_ADDRESS) as house:
        with house.client() as http:
            for name, provider in PROVIDERS.items():
                account: Json = {"provider": provider, "base_url": f"{vendor.url}{PATHS[name]}"}
                account |= {"auth": "bearer"} if provider == "openai-compatible" else {}
                http.put(f"/api/v1/upstreams/{name}", json=account).raise_for_status()
                secret = {"name": "first", "secret": KEY}
                http.post(f"/api/v1/upstreams/{name}/credentials", json=secret).raise_for_status()
            for name, upstream in {**{name: name for name in MODELS}, **KNOWN_TO_CODEX}.items():
                spec = {"name": name, "engine": "remote", "upstreams": [{"upstream": upstream, "model": name}]}
                http.post("/api/v1/deployments", json=spec).raise_for_status()
        house.wait_for_models(*MODELS, *KNOWN_TO_CODEX)
        yield house


def drive(client: str, command: Sequence[str], house: House, vendor: Vendor, home: Path) -> dict[tuple[str, str], Json]:
    """Run a client's driver; return by model and feature what it printed."""
    environment = without_proxies(os.environ) | {
        "CLIENT_NAME": client,
        "CLIENT_URL": house.url,
        "CLIENT_KEY": house.key,
        "CLIENT_MODELS": json.dumps(MODELS),
        "CLIENT_PICTURE": PICTURE_DATA,
        "CLIENT_VENDOR": vendor.url,
        "HOME": str(home),
        "PYTHONPATH": f"{ROOT}:{ROOT / 'src'}",
    }
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=WITHIN_S, env=environment, cwd=ROOT, check=False
    )
    sys.stderr.write(done.stderr)
    told = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    assert done.returncode == 0, f"{client}: {done.returncode}\n{done.stderr[-3000:]}"
    return {(line["model"], line["feature"]): line for line in told}


def without_proxies(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the environment without what leads clients elsewhere."""
    return {name: value for name, value in environment.items() if not name.lower().endswith("_proxy")}
