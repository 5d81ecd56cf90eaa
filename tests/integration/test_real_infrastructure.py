"""A house whose ports are real servers: PostgreSQL, Redis and S3 take the embedded ones' places by their URLs alone."""

from collections.abc import Iterator

import httpx2
import pytest

from tests.system.house import House, tulou, until
from tests.system.load import CHAT, Load
from tulou.adapters.onnx.minilm import minilm_folder
from tulou.kernel.ids import new_id
from tulou.testing.servers.postgres import PostgresServer
from tulou.testing.servers.redis import RedisServer
from tulou.testing.servers.swift import SwiftServer
from tulou.testing.tiny_gguf import write_tiny_gguf

pytestmark = pytest.mark.timeout(600)

MODEL = str(CHAT["model"])
KEYS = "&access_key=env://TEST_S3_ACCESS&secret_key=env://TEST_S3_SECRET"


@pytest.fixture(scope="module")
def house(
    tmp_path_factory: pytest.TempPathFactory, postgres: PostgresServer, redis: RedisServer, swift: SwiftServer
) -> Iterator[House]:
    """A house that keeps nothing in its directory but secrets, logs and caches, with a model that talks nonsense."""
    bucket = new_id("house").replace("_", "-")
    environment = {
        "TULOU_PORTS__DATABASE": postgres.new_database(new_id("house")),
        "TULOU_PORTS__EVENTS": redis.url,
        "TULOU_PORTS__CACHE": redis.url,
        "TULOU_PORTS__BLOBS": swift.new_bucket(bucket) + KEYS,
        "TEST_S3_ACCESS": swift.keys["access_key_id"],
        "TEST_S3_SECRET": swift.keys["secret_access_key"],
    }
    directory = tmp_path_factory.mktemp("house")
    with House(directory, "--no-demo", environment=environment) as started:
        weights = write_tiny_gguf(directory / "tiny.gguf")
        tulou("models", "import", str(weights), "--name", "tiny", directory=directory)
        tulou("deploy", "tiny", "--name", MODEL, directory=directory)
        started.wait_for_models(MODEL)
        yield started


def answer(house: House, *, key: str | None = None) -> httpx2.Response:
    with house.client(key) as http:
        return http.post("/v1/chat/completions", json=CHAT)


def new_key(house: House) -> str | None:
    """Return a new key, or None while control cannot make one."""
    with house.client() as http:
        reply = http.post("/api/v1/keys", json={"name": "app", "scopes": ["inference"]})
    return reply.json()["secret"] if reply.status_code == 201 else None


def assert_new_keys_reach_the_gate(house: House) -> None:
    key = until(lambda: new_key(house), what=f"a new key\n{house.logs()}")
    until(lambda: answer(house, key=key).status_code == 200, what=f"the gate knows it\n{house.logs()}")


def test_a_model_is_imported_deployed_and_answers_over_the_gate(house: House) -> None:
    reply = answer(house)

    assert reply.status_code == 200, reply.text
    assert reply.json()["usage"]["completion_tokens"] > 0
    assert_new_keys_reach_the_gate(house)


def test_a_model_of_several_files_answers_too(house: House) -> None:
    tulou("models", "import", str(minilm_folder()), "--name", "minilm", directory=house.directory)
    tulou("deploy", "minilm", directory=house.directory)
    house.wait_for_models("minilm")

    with house.client() as http:
        reply = http.post("/v1/embeddings", json={"model": "minilm", "input": ["one gate", "many rooms"]})
    assert [len(item["embedding"]) for item in reply.json()["data"]] == [384, 384]
    tulou("deployments", "delete", "minilm", "--yes", directory=house.directory)


def test_the_embedded_defaults_are_not_used_beside_them(house: House) -> None:
    assert not {"tulou.db", "blobs"} & {file.name for file in house.directory.iterdir()}


def test_requests_go_on_while_the_database_restarts_and_control_recovers(
    house: House, postgres: PostgresServer
) -> None:
    with Load(house, clients=2) as load:
        postgres.crash()
        load.wait_for(more=20)
        assert new_key(house) is None
        postgres.start()
        assert_new_keys_reach_the_gate(house)
        load.wait_for(more=4)

    assert load.failures == []


def test_facts_flow_again_after_the_bus_restarts(house: House, redis: RedisServer) -> None:
    with Load(house, clients=2) as load:
        redis.crash()
        load.wait_for(more=20)
        redis.start()
        assert_new_keys_reach_the_gate(house)

    assert load.failures == []


def test_everything_is_still_there_after_a_restart(house: House) -> None:
    key = until(lambda: new_key(house), what="a new key")

    house.stop()
    house.start()

    house.wait_for_models(MODEL)
    # gateways begin with the snapshot on disk, which may be a moment older than the last key
    until(lambda: answer(house, key=key).status_code == 200, what="the key to be known again")
    tulou("models", "verify", "tiny", directory=house.directory)
