import gzip
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from tulou.console.app import console_app


@pytest.fixture
def built(tmp_path: Path) -> Path:
    folder = tmp_path / "dist"
    for name, text in {
        "index.html": "<title>console</title>",
        "mark.svg": "<svg/>",
        "docs/index.html": "<title>reference</title>",
        "assets/index-BmQ81xYz.js": "console.log('hello')",
    }.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    script = folder / "assets/index-BmQ81xYz.js"
    (folder / "assets/index-BmQ81xYz.js.gz").write_bytes(gzip.compress(script.read_bytes()))
    return folder


@pytest.fixture
def client(built: Path) -> TestClient:
    return TestClient(console_app(built))


@pytest.mark.parametrize("path", ["/", "/playground", "/models/tulou-demo", "/models/qwen3-0.6b", "/deployments/a%2Fb"])
def test_every_address_of_the_console_is_its_one_page(client: TestClient, path: str) -> None:
    reply = client.get(path)
    assert reply.status_code == 200
    assert reply.headers["content-type"] == "text/html; charset=utf-8"
    assert "console" in reply.text


@pytest.mark.parametrize("path", ["/docs", "/docs/"])
def test_the_reference_has_a_page_of_its_own(client: TestClient, path: str) -> None:
    assert "reference" in client.get(path).text


@pytest.mark.parametrize("path", ["/assets/index-old.js", "/api/v1/nothing", "/v1/nothing", "/api", "/gone.js"])
def test_what_a_program_asks_for_is_never_answered_with_a_page(client: TestClient, path: str) -> None:
    reply = client.get(path)
    assert reply.status_code == 404
    assert reply.json()["error"]["code"] == "not_found"


def test_hashed_files_are_kept_for_ever_and_pages_are_asked_for_again(client: TestClient) -> None:
    assert "immutable" in client.get("/assets/index-BmQ81xYz.js").headers["cache-control"]
    assert client.get("/").headers["cache-control"] == "no-cache"
    assert client.get("/mark.svg").headers["cache-control"] == "no-cache"


def test_a_page_that_did_not_change_is_not_sent_again(client: TestClient) -> None:
    first = client.get("/")
    second = client.get("/", headers={"if-none-match": first.headers["etag"]})
    assert second.status_code == 304
    assert second.content == b""
    assert second.headers["etag"] == first.headers["etag"]


def test_scripts_go_compressed_to_those_who_can_read_them(client: TestClient) -> None:
    packed = client.get("/assets/index-BmQ81xYz.js")
    plain = client.get("/assets/index-BmQ81xYz.js", headers={"accept-encoding": "identity"})
    assert packed.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert packed.text == plain.text
    assert packed.headers["vary"] == "accept-encoding"
    assert packed.headers["content-type"].startswith("text/javascript")


@pytest.mark.parametrize("path", ["/", "/docs", "/assets/index-BmQ81xYz.js", "/gone.js"])
def test_every_reply_forbids_foreign_scripts_and_frames(client: TestClient, path: str) -> None:
    policy = client.get(path).headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert client.get(path).headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("path", ["/../secret", "/assets/../../secret", "/%2e%2e/secret", "/assets/..%2f..%2fsecret"])
def test_nothing_outside_the_build_can_be_reached(client: TestClient, built: Path, path: str) -> None:
    (built.parent / "secret").write_text("the secret")
    assert "the secret" not in client.get(path).text


def test_the_console_only_answers_to_reading(client: TestClient) -> None:
    assert client.post("/").status_code == 405
    assert client.head("/").status_code == 200


def test_a_console_that_is_not_built_says_how_to_build_it(tmp_path: Path) -> None:
    reply = TestClient(console_app(tmp_path / "dist")).get("/")
    assert reply.status_code == 503
    assert "make console" in reply.text
    assert reply.headers["cache-control"] == "no-store"


def test_a_new_build_is_served_without_a_restart(tmp_path: Path) -> None:
    folder = tmp_path / "dist"
    client = TestClient(console_app(folder))
    assert client.get("/").status_code == 503
    folder.mkdir()
    (folder / "index.html").write_text("<title>built at last</title>")
    assert "built at last" in client.get("/").text
