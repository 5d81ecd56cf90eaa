"""A rollback by the command line against a house that is up: shown, asked for, and seen at the gate."""

import json

import httpx2

from tests.system.house import House, run_tulou, tulou, until


def newest(house: House) -> int:
    return json.loads(tulou("revisions", "--json", directory=house.directory))[0]["number"]


def test_a_person_who_was_removed_comes_back_and_their_key_waits_until_it_is_enabled(house: House) -> None:
    at = house.directory
    tulou("people", "add", "cleo", "--service", "--role", "developer", directory=at)
    made = json.loads(tulou("keys", "create", "cleos", "--principal", "cleo", "--json", directory=at))
    with house.client(made["secret"]) as http:
        until(lambda: http.get("/v1/models").status_code == 200, what="the key to be known")
        before = until(lambda: _with_cleo(house), what="a revision with cleo")

        refused = run_tulou("people", "remove", "cleo", directory=at)
        assert refused.returncode == 2
        assert "1 keys end at once" in refused.stderr
        assert "give --yes" in refused.stderr
        assert http.get("/v1/models").status_code == 200

        tulou("people", "remove", "cleo", "--yes", directory=at)
        until(lambda: http.get("/v1/models").status_code == 401, what="the key to be refused")
        until(lambda: newest(house) > before, what="a revision without cleo")

        shown = run_tulou("rollback", str(before), directory=at)
        assert shown.returncode == 2
        assert "+ principals default/cleo" in shown.stderr
        assert "1 keys, disabled until somebody enables them" in shown.stderr
        tulou("rollback", str(before), "--only", "principals/default/cleo", "--yes", directory=at)
        until(lambda: _code(http.get("/v1/models")) == "disabled_api_key", what="the key to be known, and disabled")
        tulou("keys", "enable", made["key"]["id"], directory=at)
        until(lambda: http.get("/v1/models").status_code == 200, what="the key to be let in")
    trail = tulou("audit", "list", "--json", directory=at)
    assert f"keys/{made['key']['id']}" in trail
    tulou("people", "remove", "cleo", "--yes", directory=at)


def test_an_apply_that_removes_something_asks_and_one_that_does_not_goes_on(house: House) -> None:
    at = house.directory
    file = at / "limits.yaml"
    file.write_text("version: 1\nlimits: [{name: slow, scope: key, measure: requests, amount: 9999, period: minute}]\n")
    tulou("apply", "-f", str(file), "--no-prune", directory=at)
    file.write_text("version: 1\nlimits: []\n")
    refused = run_tulou("apply", "-f", str(file), "--only", "limits/slow", directory=at)
    assert (refused.returncode, "- limits slow" in refused.stderr) == (2, True)
    tulou("apply", "-f", str(file), "--only", "limits/slow", "--yes", directory=at)
    assert "slow" not in tulou("export", directory=at)


def _with_cleo(house: House) -> int:
    number = newest(house)
    text = tulou("export", "--revision", str(number), directory=house.directory)
    return number if "cleo" in text else 0


def _code(reply: httpx2.Response) -> str:
    return reply.json()["error"]["code"] if reply.is_error else ""
