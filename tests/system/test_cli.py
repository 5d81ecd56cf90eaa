"""The commands a user types, against a house that is up."""

import json
import stat
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from tests.system.house import House, run_tulou, tulou, until


def test_status_shows_the_house_at_a_glance(house: House) -> None:
    shown = tulou("status", directory=house.directory)

    assert house.url in shown
    assert "tulou-demo" in shown
    assert "ready" in shown


def test_every_listing_can_be_read_by_a_program(house: House) -> None:
    models = json.loads(tulou("models", "list", "--json", directory=house.directory))
    deployments = json.loads(tulou("deployments", "list", "--json", directory=house.directory))
    keys = json.loads(tulou("keys", "list", "--json", directory=house.directory))
    jobs = json.loads(tulou("jobs", "list", "--json", directory=house.directory))
    status = json.loads(tulou("status", "--json", directory=house.directory))

    assert {model["name"] for model in models} >= {"tulou-demo", "all-minilm-l6-v2"}
    assert {item["spec"]["name"] for item in deployments} >= {"tulou-demo"}
    assert all("secret" not in key for key in keys)
    assert {job["state"] for job in jobs if job["kind"] == "registry.import"} >= {"succeeded"}
    assert status["url"] == house.url


def test_other_users_of_the_machine_read_nothing_of_a_house(house: House) -> None:
    written = [path for path in house.directory.rglob("*") if not path.is_symlink() and path.lstat().st_mode & 0o007]
    assert written in ([], [house.directory / "up.out"]), "the latter is what this test's own process writes"


def test_a_model_answers_in_the_terminal(house: House) -> None:
    answer = tulou("chat", "tulou-demo", "What is Tulou?", directory=house.directory)

    assert "tulou" in answer.lower()


def test_a_signed_model_verifies(house: House) -> None:
    assert "is what was signed" in tulou("models", "verify", "tulou-demo", directory=house.directory)


def test_a_tampered_model_is_refused_by_name_and_not_served(house: House) -> None:
    version = json.loads(tulou("models", "versions", "tulou-demo", "--json", directory=house.directory))[0]
    file = version["files"][0]
    blob = house.directory / "blobs" / file["blob"]
    with tampered(blob):
        done = run_tulou("models", "verify", "tulou-demo", directory=house.directory)
        assert done.returncode == 1
        assert file["name"] in done.stderr

        refused = run_tulou("deploy", "tulou-demo", "--name", "again", "--wait", "90", directory=house.directory)
        assert refused.returncode != 0
        assert file["name"] in refused.stderr
        assert house.deployments()["tulou-demo"]["state"] == "ready"
        tulou("deployments", "delete", "again", "--yes", directory=house.directory)
    assert "is what was signed" in tulou("models", "verify", "tulou-demo", directory=house.directory)


@contextmanager
def tampered(file: Path) -> Generator[None]:
    """Change the last bit of a file as long as the block runs."""
    content = file.read_bytes()
    file.chmod(file.stat().st_mode | stat.S_IWUSR)
    file.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    try:
        yield
    finally:
        file.write_bytes(content)


def test_a_model_is_imported_deployed_rolled_and_deleted(house: House) -> None:
    version = json.loads(tulou("models", "versions", "tulou-demo", "--json", directory=house.directory))[0]
    blob = house.directory / "blobs" / version["files"][0]["blob"]
    path = house.directory / "mine.gguf"
    path.write_bytes(blob.read_bytes())

    said = tulou("models", "import", str(path), "--name", "mine", directory=house.directory)
    assert "mine version 1 is in the registry, signed" in said

    assert "mine is ready" in tulou("deploy", "mine", directory=house.directory)
    house.wait_for_models("mine")
    assert tulou("chat", "mine", "What is Tulou?", directory=house.directory).strip()

    tulou("deployments", "delete", "mine", "--yes", directory=house.directory)
    house.wait_until_gone("mine")
    refused = run_tulou("chat", "mine", "hello", directory=house.directory)
    assert refused.returncode == 3
    assert "mine" in refused.stderr


def test_a_key_is_said_once_and_is_refused_after_it_was_revoked(house: House) -> None:
    made = json.loads(tulou("keys", "create", "mine", "--json", directory=house.directory))
    with house.client(made["secret"]) as http:
        until(lambda: http.get("/v1/models").status_code == 200, what="the key to be known")
        tulou("keys", "revoke", made["key"]["id"], "--yes", directory=house.directory)
        until(lambda: http.get("/v1/models").status_code == 401, what="the key to be refused")


def test_a_remote_model_answers_through_the_gate(house: House, tmp_path: Path) -> None:
    """One house is the upstream of another, as any OpenAI-compatible server can be."""
    with House(tmp_path / "second", "--no-demo", environment={"UPSTREAM_KEY": house.key}) as second:
        upstream = ("--upstream", f"{house.url}/v1", "--secret", "env://UPSTREAM_KEY")
        tulou("deploy", "tulou-demo", "--name", "far", *upstream, directory=second.directory)
        second.wait_for_models("far")

        assert "tulou" in tulou("chat", "far", "What is Tulou?", directory=second.directory).lower()


def test_mistakes_have_exit_codes_and_words(house: House, tmp_path: Path) -> None:
    nowhere = run_tulou("status", directory=tmp_path)
    assert nowhere.returncode == 6
    assert "tulou up" in nowhere.stderr

    unknown = run_tulou("deploy", "ghost", directory=house.directory)
    assert unknown.returncode == 3
    assert "ghost" in unknown.stderr

    wrong = run_tulou("deploy", "tulou-demo", "--replica", "2", directory=house.directory)
    assert wrong.returncode == 2

    refused = run_tulou("status", "--url", house.url, "--key", "sk-tulou-wrong", directory=house.directory)
    assert refused.returncode == 4


def test_a_bad_setting_stops_the_start_and_is_named(tmp_path: Path) -> None:
    file = tmp_path / "tulou.toml"
    file.write_text("[house]\nprot = 8000\n")

    done = run_tulou("up", directory=tmp_path, environment={"TULOU_CONFIG": str(file)})

    assert done.returncode == 2
    assert "did you mean 'port'?" in done.stderr


def test_the_doctor_finds_a_healthy_house_healthy(house: House) -> None:
    found = json.loads(tulou("doctor", "--json", directory=house.directory))

    assert {"settings", "gate", "disk", "secrets"} <= {each["check"] for each in found}
    assert all(each["grade"] != "error" for each in found)


def test_every_setting_is_shown_with_its_source(house: House) -> None:
    shown = json.loads(tulou("config", "show", "--json", directory=house.directory))

    assert {"SETTING": "house.host", "VALUE": "127.0.0.1", "FROM": "default"} in shown
    assert len(shown) > 30


def test_a_house_that_is_up_already_says_so_and_how_to_use_it(house: House) -> None:
    said = tulou("up", "--detach", directory=house.directory)

    assert "up already" in said
    assert house.url in said
    assert house.key in said
