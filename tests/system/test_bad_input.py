"""Whatever a client sends, the answer is a clear error, and the house goes on."""

import json
import socket
import time
from pathlib import Path

import pytest

from tests.system.house import House, until


def chat(**changes: object) -> dict[str, object]:
    return {"model": "tulou-demo", "messages": [{"role": "user", "content": "Hello"}], "max_tokens": 8, **changes}


@pytest.mark.parametrize(
    ("body", "param"),
    [
        (b"{", None),
        (b"", None),
        (b"[]", None),
        (b'"text"', None),
        (b"\xff\xfe", None),
        (json.dumps({"messages": []}).encode(), "model"),
        (json.dumps(chat(model=7)).encode(), "model"),
        (json.dumps(chat(messages="Hello")).encode(), "messages"),
        (json.dumps(chat(stream="yes")).encode(), "stream"),
    ],
)
def test_a_malformed_body_is_a_400_that_says_what_is_wrong(house: House, body: bytes, param: str | None) -> None:
    with house.client() as http:
        reply = http.post("/v1/chat/completions", content=body, headers={"content-type": "application/json"})

    assert reply.status_code == 400
    error = reply.json()["error"]
    assert error["type"] == "invalid_request_error"
    assert error["message"]
    if param:
        assert error["param"] == param


def test_a_body_over_the_cap_is_a_413(house: House) -> None:
    with house.client() as http:
        reply = http.post("/v1/chat/completions", json=chat(messages=[{"role": "user", "content": "x" * 11_000_000}]))

    assert reply.status_code == 413
    assert "MiB" in reply.json()["error"]["message"] or "bytes" in reply.json()["error"]["message"]


def test_an_unknown_route_is_a_404_in_the_same_shape(house: House) -> None:
    with house.client() as http:
        reply = http.post("/v1/nothing/here", json={})

    assert reply.status_code == 404
    assert reply.json()["error"]["message"]


def test_an_expired_key_says_so(house: House) -> None:
    with house.client() as http:

        def brief() -> dict[str, str] | None:
            """A key that ends at once; on a busy machine it may have ended before it was asked for."""
            reply = http.post("/api/v1/keys", json={"name": "brief", "expires_at": time.time() + 1.0})
            return reply.json() if reply.is_success else None

        made = until(brief, what="a key")

        def says_so() -> bool:
            with house.client(made["secret"]) as theirs:
                reply = theirs.post("/v1/chat/completions", json=chat())
            return reply.status_code == 401 and "expired" in reply.json()["error"]["message"]

        until(says_so, what="a refusal that says the key has expired")


def test_a_client_that_sends_its_headers_one_by_one_is_hung_up_on(house: House) -> None:
    host, port = house.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=60) as slow:
        slow.sendall(b"POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\n")
        until(lambda: _drips_into_a_closed_line(slow), what="the gate to hang up")


def _drips_into_a_closed_line(slow: socket.socket) -> bool:
    try:
        slow.sendall(b"x-a: b\r\n")
        slow.settimeout(0.2)
        slow.recv(100)
    except TimeoutError:
        return False
    except OSError:
        pass
    return True


def test_generation_stops_when_the_client_leaves(house: House) -> None:
    with house.client() as http:
        with http.stream(
            "POST", "/v1/chat/completions", json=chat(stream=True, max_tokens=4000, ignore_eos=True)
        ) as reply:
            assert reply.status_code == 200
            next(reply.iter_bytes())

        def idle() -> bool:
            text = http.get("/api/v1/metrics").text
            running = [line for line in text.splitlines() if "requests_processing" in line and not line.startswith("#")]
            return bool(running) and all(line.rsplit(" ", 1)[1] in ("0", "0.0") for line in running)

        until(idle, what="the engine to be idle again")


def test_a_corrupt_model_file_is_refused_and_named(house: House, tmp_path: Path) -> None:
    broken = tmp_path / "broken.gguf"
    broken.write_bytes(b"GGUF" + b"\x03\x00\x00\x00" + b"\xff" * 64)
    with house.client() as http:
        reply = http.post("/api/v1/models/import", json={"path": str(broken), "model": "broken"})
        if reply.is_success:
            job = reply.json()["job"]
            done = until(lambda: _ended(house, job), what="the import to end")
            assert done["state"] == "failed"
            message = done["error"]
        else:
            assert reply.status_code == 400
            message = reply.json()["error"]["message"]
        assert "broken.gguf" in message
        assert http.get("/api/v1/models/broken").status_code == 404


def _ended(house: House, job: str) -> dict[str, str] | None:
    with house.client() as http:
        found = http.get(f"/api/v1/jobs/{job}").json()
    return found if found["state"] in ("succeeded", "failed", "cancelled") else None


def test_a_path_that_is_not_there_is_refused_at_once(house: House) -> None:
    with house.client() as http:
        reply = http.post("/api/v1/models/import", json={"path": "/nowhere/at/all.gguf", "model": "nowhere"})

    assert reply.status_code == 400
    assert "/nowhere/at/all.gguf" in reply.json()["error"]["message"]


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/api/v1/keys", {"name": ""}),
        ("POST", "/api/v1/keys", {"nome": "x"}),
        ("POST", "/api/v1/keys", {"name": "x", "expires_at": 1}),
        ("POST", "/api/v1/deployments", {"name": "UPPER CASE", "model": "tulou-demo"}),
        ("POST", "/api/v1/deployments", {"name": "many", "model": "tulou-demo", "replicas": -1}),
        ("POST", "/api/v1/deployments", {"name": "odd", "model": "tulou-demo", "engine": "steam"}),
        ("PATCH", "/api/v1/deployments/tulou-demo", {"name": "tulou-demo", "replicas": "two"}),
        ("GET", "/api/v1/models?limit=-5", None),
    ],
)
def test_bad_administration_is_a_400_that_names_the_field(
    house: House, method: str, path: str, body: dict[str, object] | None
) -> None:
    with house.client() as http:
        reply = http.request(method, path, json=body)

    assert reply.status_code == 400, reply.text
    assert reply.json()["error"]["message"]


def test_administration_needs_the_admin_scope(house: House) -> None:
    with house.client() as http:
        made = http.post("/api/v1/keys", json={"name": "user"}).raise_for_status().json()
    with house.client(made["secret"]) as theirs, house.client("") as nobody:
        assert theirs.get("/api/v1/keys").status_code == 403
        assert nobody.get("/api/v1/keys").status_code == 401
