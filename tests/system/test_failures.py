"""What breaks under load is not felt by those who ask."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import httpx2
import psutil
import pytest

from tests.system.house import PATIENCE_S, House, run_tulou, tulou, until
from tests.system.load import Load

CHAT = "tulou-demo"


@pytest.fixture(scope="module")
def hurt_house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with House(tmp_path_factory.mktemp("hurt")) as started:
        started.wait_for_models(CHAT, "all-minilm-l6-v2")
        yield started


@pytest.fixture
def own_house(hurt_house: House) -> House:
    """A house that a test may break, as others did before: it is whole again, or is made so."""
    hurt_house.start()
    if CHAT not in until(hurt_house.deployments, what="deployments"):
        tulou("deploy", CHAT, directory=hurt_house.directory)
    until(lambda: len(hurt_house.gateways()) == 2, what="two gateways")
    hurt_house.wait_for_models(CHAT)
    return hurt_house


def scaled(house: House, replicas: int) -> None:
    tulou("deployments", "scale", CHAT, str(replicas), directory=house.directory)
    until(
        lambda: len(house.replicas(CHAT)) == replicas and house.deployments()[CHAT]["state"] == "ready",
        what=f"{replicas} replicas\n{house.logs()}",
    )


def test_a_replica_killed_under_load_costs_no_request(own_house: House) -> None:
    scaled(own_house, 2)
    victim = own_house.replicas(CHAT)[0]["id"]

    with Load(own_house) as load:
        own_house.worker(victim).kill()
        load.wait_for(more=40)

    assert load.failures == []
    until(lambda: len(own_house.replicas(CHAT)) == 2, what="another replica in its place")
    assert victim not in {replica["id"] for replica in own_house.replicas(CHAT)}


def test_a_replica_that_hangs_is_replaced(own_house: House) -> None:
    scaled(own_house, 2)
    hanging = own_house.replicas(CHAT)[0]["id"]
    victim = own_house.worker(hanging)
    victim.suspend()

    until(lambda: not victim.is_running(), what="its end")
    until(lambda: len(own_house.replicas(CHAT)) == 2, what="another in its place")
    assert hanging not in {replica["id"] for replica in own_house.replicas(CHAT)}


def test_streams_that_have_not_begun_move_to_the_other_replica(own_house: House) -> None:
    scaled(own_house, 2)
    victim = own_house.worker(own_house.replicas(CHAT)[0]["id"])
    victim.suspend()  # it accepts connections and says nothing, so every stream sent to it has not begun

    with Load(own_house, stream=True, clients=4) as load:
        with suppress(psutil.NoSuchProcess):  # the house may have done so already
            victim.kill()
        load.wait_for(more=20)

    assert load.failures == []


def test_control_killed_under_load_costs_no_request_and_keys_are_still_checked(own_house: House) -> None:
    with Load(own_house) as load:
        before = own_house.control()
        before.kill()
        load.wait_for(more=20)
        with own_house.client("sk-tulou-wrong") as stranger:
            assert stranger.get("/v1/models").status_code == 401
        until(lambda: own_house.deployments().get(CHAT, {}).get("state") == "ready", what="control back")
        load.wait_for(more=20)

    assert load.failures == []
    assert own_house.control().pid != before.pid


def test_workers_are_adopted_by_the_next_control_process(own_house: House) -> None:
    workers = {process.pid for process in own_house.workers()}
    own_house.control().kill()

    until(lambda: own_house.deployments().get(CHAT, {}).get("state") == "ready", what="control back")

    assert {process.pid for process in own_house.workers()} == workers


def test_a_gateway_killed_is_started_again(own_house: House) -> None:
    victim = own_house.gateways()[0]
    victim.kill()

    until(
        lambda: len({each.pid for each in own_house.gateways()} - {victim.pid}) == 2,
        what="two gateways",
    )
    with own_house.client() as http:
        until(lambda: http.get("/v1/models").status_code == 200, what="answers")


def test_after_a_power_cut_the_deployments_come_back_by_themselves(own_house: House) -> None:
    key = own_house.key
    own_house.kill_all()

    own_house.start()

    own_house.wait_for_models(CHAT, "all-minilm-l6-v2")
    assert own_house.key == key
    with own_house.client() as http:
        reply = http.post("/v1/chat/completions", json={"model": CHAT, "messages": [{"role": "user", "content": "Hi"}]})
    assert reply.status_code == 200


def test_what_the_owner_deleted_stays_deleted_after_a_restart(own_house: House) -> None:
    tulou("deployments", "delete", CHAT, "--yes", directory=own_house.directory)
    own_house.wait_until_gone(CHAT)
    assert own_house.stop() == 0

    own_house.start()
    until(own_house.deployments, what="deployments")

    assert CHAT not in own_house.deployments()


def test_a_rolling_restart_costs_no_request(own_house: House) -> None:
    before = {replica["id"] for replica in own_house.replicas(CHAT)}

    with Load(own_house) as load:
        tulou("deployments", "restart", CHAT, directory=own_house.directory)
        until(
            lambda: (now := {replica["id"] for replica in own_house.replicas(CHAT)}) and not now & before,
            what="other replicas",
        )
        load.wait_for(more=20)

    assert load.failures == []


def test_sigterm_lets_a_stream_end_and_leaves_nothing_running(own_house: House) -> None:
    body = {
        "model": CHAT,
        "messages": [{"role": "user", "content": "What is Tulou?"}],
        "max_tokens": 64,
        "stream": True,
    }
    with own_house.client() as http, http.stream("POST", "/v1/chat/completions", json=body) as reply:
        lines = reply.iter_lines()
        next(lines)
        os.kill(own_house.standing["pid"], signal.SIGTERM)
        text = "\n".join(lines)

    assert text.rstrip().endswith("data: [DONE]")
    assert own_house.stop() == 0
    assert own_house.workers() == []


def test_a_taken_port_is_said_plainly(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        done = run_tulou("up", "--port", str(port), directory=tmp_path)

    assert done.returncode == 5
    assert f"port {port} on 127.0.0.1 is taken" in done.stderr


def test_a_second_house_in_the_same_directory_is_refused(house: House) -> None:
    done = run_tulou("up", "--port", "0", directory=house.directory)

    assert done.returncode == 5
    assert "a house is up in" in done.stderr


def test_two_houses_on_one_machine_do_not_meet(house: House, tmp_path: Path) -> None:
    with House(tmp_path / "second", "--no-demo") as second:
        assert second.url != house.url
        with second.client(house.key) as stranger:
            assert stranger.get("/v1/models").status_code == 401
        assert second.deployments() == {}
        assert house.deployments()[CHAT]["state"] == "ready"


def test_the_house_leaves_when_its_supervisor_is_killed(own_house: House) -> None:
    left = [own_house.control(), *own_house.gateways(), *own_house.workers()]

    os.kill(own_house.standing["pid"], signal.SIGKILL)

    _, alive = psutil.wait_procs(left, timeout=PATIENCE_S)
    assert alive == []


DISK_IS_FULL = """
mount -t tmpfs -o size=24m tulou-test {directory} &&
exec {python} -m tulou up --port 0 --no-demo --dir {directory}/house
"""


@pytest.mark.skipif(sys.platform != "linux", reason="a small file system is mounted in a namespace of Linux")
def test_a_full_disk_is_a_clear_error_and_the_house_goes_on(tmp_path: Path) -> None:
    script = DISK_IS_FULL.format(directory=tmp_path, python=sys.executable)
    with subprocess.Popen(["unshare", "--map-root-user", "--user", "--mount", "sh", "-c", script]) as process:
        inside = Path(f"/proc/{process.pid}/root") / tmp_path.relative_to("/") / "house"
        try:
            until(lambda: (inside / "run" / "house.json").exists() or process.poll(), what="a house")
            assert process.poll() is None, "unshare could not make a mount namespace"
            _fill_and_ask(inside)
        finally:
            process.terminate()


def _fill_and_ask(inside: Path) -> None:
    house = House(inside)
    until(house.answers, what="the gate")
    with house.client() as http:
        made = http.post("/api/v1/keys", json={"name": "before"})
        assert made.is_success, made.text
        until(lambda: house.everywhere(_lets_in, key=made.json()["secret"]), what="the gates to know the key")
        _fill(inside.parent / "filler")
        refused = until(
            lambda: None if (reply := http.post("/api/v1/keys", json={"name": "during"})).is_success else reply,
            what="a refusal",
        )
        assert refused.status_code == 503, refused.text
        assert "disk" in refused.json()["error"]["message"] or "full" in refused.json()["error"]["message"]
        with house.client(made.json()["secret"]) as theirs:
            assert theirs.get("/v1/models").status_code == 200
        (inside.parent / "filler").unlink()
        until(lambda: http.post("/api/v1/keys", json={"name": "after"}).is_success, what="a key")


def _lets_in(http: httpx2.Client) -> bool:
    return http.get("/v1/models").is_success


def _fill(file: Path) -> None:
    with file.open("wb", buffering=0) as filler:
        try:
            while True:
                filler.write(bytes(4096))
        except OSError:
            return
