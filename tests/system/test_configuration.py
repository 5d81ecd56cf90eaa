"""A house that is kept in a file: planned, applied on all gateways, rolled back; and the life of a vendor's key."""

import json
import threading
import time
from collections.abc import Generator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx2
import pytest
import yaml

from tests.system.house import House, run_tulou, tulou, until


class Vendor:
    """Somebody else's server: it knows some keys, and says which it was shown."""

    def __init__(self) -> None:
        self.known = {"sk-vendor-first-0001"}
        self.listed: set[str] = set()
        self.url = ""

    def knows(self, key: str, path: str) -> bool:
        return key in self.known or (path.endswith("/models") and key in self.listed)


@contextmanager
def serving(vendor: Vendor) -> Generator[None]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self.answer({"data": []})

        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["content-length"])))
            self.answer(
                {
                    "id": "c",
                    "object": "chat.completion",
                    "created": 1,
                    "model": asked["model"],
                    "choices": [
                        {
                            "index": 0,
                            "message": {"role": "assistant", "content": f"I am {asked['model']}"},
                            "finish_reason": "stop",
                        }
                    ],
                    "usage": {"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3},
                }
            )

        def answer(self, value: dict[str, Any]) -> None:
            key = self.headers.get("authorization", "").removeprefix("Bearer ")
            known = vendor.knows(key, self.path)
            body = json.dumps(value if known else {"error": {"message": "no such key"}}).encode()
            self.send_response(200 if known else 401)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's word
            del format, args

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    vendor.url = f"http://127.0.0.1:{server.server_address[1]}/api/v3"
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)


@pytest.fixture(scope="module")
def vendor() -> Generator[Vendor]:
    made = Vendor()
    with serving(made):
        yield made


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, vendor: Vendor) -> Generator[House]:
    del vendor
    environment = {"VENDOR_KEY": "sk-vendor-first-0001"}
    with House(tmp_path_factory.mktemp("declared") / "var", "--no-demo", environment=environment) as up:
        yield up


def document(vendor: Vendor, **more: object) -> dict[str, Any]:
    return {
        "version": 1,
        "upstreams": [
            {
                "name": "vendor",
                "provider": "openai-compatible",
                "base_url": vendor.url,
                "credentials": [{"name": "default", "reference": "env://VENDOR_KEY"}],
            }
        ],
        "deployments": [{"name": "large", "upstreams": [{"upstream": "vendor", "model": "vendor/large"}]}],
        **more,
    }


def write(folder: Path, value: dict[str, Any]) -> Path:
    file = folder / "house.yaml"
    file.write_text(yaml.safe_dump(value))
    return file


def ask(house: House, model: str) -> httpx2.Response:
    """Ask over a connection of its own, so that any gateway may answer."""
    with house.client() as http:
        return asked(http, model)


def asked(http: httpx2.Client, model: str) -> httpx2.Response:
    body = {"model": model, "messages": [{"role": "user", "content": "Who are you?"}]}
    return http.post("/v1/chat/completions", json=body)


def wait_for(house: House, model: str, status: int) -> None:
    """Wait until every gateway answers so, and say how long that took."""
    begun = time.monotonic()
    until(
        lambda: house.everywhere(lambda http: asked(http, model).status_code == status),
        what=f"{model} answers {status}",
    )
    print(f"{model} answers {status} after {time.monotonic() - begun:.3f} s")  # noqa: T201 - a figure that is reported


def test_a_file_is_planned_applied_and_live_on_all_gateways(house: House, vendor: Vendor, tmp_path: Path) -> None:
    file = write(tmp_path, document(vendor))
    planned = tulou("plan", "-f", str(file), directory=house.directory)
    assert "+ upstreams vendor" in planned
    assert "+ deployments large" in planned
    tulou("apply", "-f", str(file), "-m", "begin", directory=house.directory)
    house.wait_for_models("large")
    assert ask(house, "large").json()["choices"][0]["message"]["content"] == "I am vendor/large"
    file = write(tmp_path, document(vendor, routes=[{"model": "alias", "shares": [{"deployment": "large"}]}]))
    with house.client() as http:
        applied = http.post("/api/v1/configuration/apply", json={"text": file.read_text(), "reason": "an alias"})
    assert applied.status_code == 200, applied.text
    wait_for(house, "alias", 200)
    revisions = tulou("revisions", directory=house.directory)
    assert "an alias" in revisions


def test_a_rollback_is_live_as_well(house: House, vendor: Vendor, tmp_path: Path) -> None:
    del vendor, tmp_path
    newest = json.loads(tulou("revisions", "--json", directory=house.directory))[0]["number"]
    with house.client() as http:
        rolled = http.post("/api/v1/configuration/rollback", json={"revision": newest - 1})
    assert rolled.status_code == 200, rolled.text
    wait_for(house, "alias", 404)
    differs = run_tulou("diff", str(newest), directory=house.directory)
    assert (differs.returncode, differs.stdout) == (1, "- routes alias\n")


def test_what_the_console_changes_is_a_revision_too(house: House, vendor: Vendor, tmp_path: Path) -> None:
    del vendor, tmp_path
    before = json.loads(tulou("revisions", "--json", directory=house.directory))[0]["number"]
    with house.client() as http:
        limit = {"name": "calm", "scope": "key", "measure": "requests", "amount": 1000, "period": "minute"}
        assert http.put("/api/v1/limits/calm", json=limit).status_code == 200

    def noted() -> dict[str, Any] | None:
        newest = json.loads(tulou("revisions", "--json", directory=house.directory))[0]
        return newest if newest["number"] > before else None

    newest = until(noted, what="a revision by the console")
    assert (newest["source"], newest["author"]) == ("console", "admin")
    assert "calm" in tulou("export", directory=house.directory)


def test_a_wrong_field_is_named_before_anything_is_changed(house: House, vendor: Vendor, tmp_path: Path) -> None:
    file = write(tmp_path, document(vendor, limitz=[]))
    refused = run_tulou("apply", "-f", str(file), directory=house.directory)
    assert refused.returncode == 2
    assert "limitz: no such field; did you mean 'limits'?" in refused.stderr


def test_a_key_that_the_vendor_refuses_is_retired_on_all_gateways_and_shown_nowhere(
    house: House, vendor: Vendor, tmp_path: Path
) -> None:
    del tmp_path
    secret = "sk-vendor-second-0002"
    vendor.listed.add(secret)  # it may list models, so that only a real call shows that it is over
    with house.client() as http:
        added = http.post("/api/v1/upstreams/vendor/credentials", json={"name": "second", "secret": secret})
        assert added.status_code == 201, added.text
        assert secret not in added.text

        def retired() -> bool:
            assert ask(house, "large").status_code == 200, "another key is taken, and no client sees it"
            states = {one["name"]: one for one in http.get("/api/v1/upstreams/vendor/credentials").json()["items"]}
            return states["second"]["state"] == "retired" and "401" in states["second"]["why"]

        until(retired, what="the second key is retired")
        vendor.known.add(secret)
        revived = http.post(f"/api/v1/credentials/{added.json()['id']}/revive")
        assert revived.json()["state"] == "active"
        paths = ("upstreams", "snapshot", "configuration", "audit")
        shown = "".join(http.get(f"/api/v1/{path}").text for path in paths)
    assert secret not in shown
    assert "sk-vendor-first-0001" not in shown
    assert holding(house.directory, secret) == [], (
        "neither database nor logs nor the gateways' snapshot hold it in clear"
    )
    rotated = tulou("vault", "rotate", directory=house.directory)
    assert "got a new wrapping" in rotated
    assert house.everywhere(lambda http: asked(http, "large").status_code == 200)


def holding(folder: Path, text: str) -> list[Path]:
    """Return the files that hold a text."""
    found: list[Path] = []
    for file in folder.rglob("*"):
        with suppress(FileNotFoundError, IsADirectoryError):  # what is written and removed meanwhile is neither
            if text.encode() in file.read_bytes():
                found.append(file)
    return found
