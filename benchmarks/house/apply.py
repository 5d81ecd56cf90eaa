"""How soon `house.yaml` is in force: `python -m benchmarks.house.apply [--gateways 4] [--rounds 20]`.

Each round applies a document that adds a route, then one that takes it away; each is timed from the call until the last
gateway has put it in force.
"""

import argparse
import json
import statistics
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.house.applied import Gateways, until
from tests.drills.stage import vendor
from tests.system.house import House

NAME = "large"


def document(url: str, *, alias: bool) -> str:
    """Return the house as a file holds it; JSON is YAML."""
    credential = {"name": "default", "reference": "env://VENDOR_KEY"}
    upstream = {"name": "vendor", "provider": "openai-compatible", "base_url": url, "credentials": [credential]}
    deployment = {"name": NAME, "upstreams": [{"upstream": "vendor", "model": "vendor/large"}]}
    house: dict[str, Any] = {"version": 1, "upstreams": [upstream], "deployments": [deployment]}
    routes = [{"model": "alias", "shares": [{"deployment": NAME}]}] if alias else []
    return json.dumps(house | {"routes": routes})


def measure(*, gateways: int, rounds: int) -> list[float]:
    """Return the seconds of each apply."""
    with TemporaryDirectory() as made, vendor() as url:
        folder = Path(made)
        (folder / "tulou.toml").write_text(f"[house]\ngateways = {gateways}\n")
        environment = {"TULOU_CONFIG": str(folder / "tulou.toml"), "VENDOR_KEY": "sk-vendor-0001"}
        with House(folder / "var", "--no-demo", environment=environment) as house, house.client() as http:

            def apply(*, alias: bool) -> None:
                asked = {"text": document(url, alias=alias), "reason": "measured"}
                http.post("/api/v1/configuration/apply", json=asked).raise_for_status()

            apply(alias=False)
            house.wait_for_models(NAME)
            seen = Gateways(house.directory, "models")
            until(lambda: seen.count() > 0, what=f"{NAME} in every gateway")
            base, took = seen.count(), list[float]()
            for place in range(2 * rounds):
                alias = place % 2 == 0
                at = time.time()
                apply(alias=alias)
                took.append(seen.until(base + alias, since=at) - at)
            return took


def main() -> None:
    """Print median and worst."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--gateways", type=int, default=4)
    parser.add_argument("--rounds", type=int, default=20)
    given = parser.parse_args()
    took = measure(gateways=given.gateways, rounds=given.rounds)
    middle, worst = (1000 * figure for figure in (statistics.median(took), max(took)))
    print(f"{len(took)} applies, in force in all {given.gateways} gateways after {middle:.0f} ms, {worst:.0f} at worst")


if __name__ == "__main__":
    main()
