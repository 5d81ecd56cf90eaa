"""Tenants, people and signing in by the command line, against a house that is up."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.system.house import House, run_tulou, tulou, until


@pytest.fixture
def config(tmp_path: Path) -> dict[str, str]:
    return {"XDG_CONFIG_HOME": str(tmp_path)}


def login(house: House, config: dict[str, str], email: str, password: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tulou", "login", house.url, "--email", email],
        input=f"{password}\n",
        capture_output=True,
        text=True,
        timeout=120,
        env=os.environ | config,
        check=False,
    )


def elsewhere(house: House, config: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a command as somebody who has nothing but the address and what `tulou login` keeps."""
    return subprocess.run(
        [sys.executable, "-m", "tulou", *arguments, "--url", house.url],
        capture_output=True,
        text=True,
        timeout=120,
        env=os.environ | config,
        check=False,
    )


def test_the_owner_signs_in_with_the_first_password(house: House, config: dict[str, str]) -> None:
    password = tulou("password", directory=house.directory).strip()
    refused = login(house, config, "admin@localhost", "something else entirely")
    assert (refused.returncode, refused.stderr.strip()) == (4, "tulou: e-mail, password or code is wrong")
    assert login(house, config, "admin@localhost", password).returncode == 0
    me = json.loads(elsewhere(house, config, "whoami", "--json").stdout)
    assert (me["principal"], me["house"], me["key"], me["permissions"]) == ("admin", True, "", ["*:*"])
    assert elsewhere(house, config, "keys", "list").returncode == 0
    assert elsewhere(house, config, "logout").returncode == 0
    assert elsewhere(house, config, "whoami").returncode == 4


def test_a_tenants_administrator_keeps_to_their_tenant(house: House, config: dict[str, str]) -> None:
    at = house.directory
    tulou("tenants", "add", "north", "--title", "Norden", directory=at)
    tulou("projects", "add", "search", "--tenant", "north", directory=at)
    made = tulou(
        "people", "add", "ana", "--tenant", "north", "--email", "ana@example.org", "--role", "admin", directory=at
    )
    assert login(house, config, "ana@example.org", made.split()[-1]).returncode == 0
    assert "default" not in elsewhere(house, config, "tenants", "list").stdout
    created = elsewhere(house, config, "keys", "create", "app", "--project", "search", "--principal", "bot")
    assert created.stdout.startswith("sk-tulou-")
    people = json.loads(elsewhere(house, config, "people", "list", "--json").stdout)
    assert {(one["tenant"], one["name"]) for one in people} == {("north", "ana"), ("north", "bot")}
    for refused in (
        ("people", "add", "eve", "--role", "operator"),
        ("keys", "create", "x", "--tenant", "default"),
        ("tenants", "add", "south"),
        ("people", "role", "ana", "operator"),
    ):
        assert elsewhere(house, config, *refused).returncode == 4, refused
    assert elsewhere(house, config, "people", "suspend", "bot", "--why", "leaked").returncode == 0
    key = created.stdout.strip()
    with house.client(key) as http:
        assert until(lambda: http.get("/v1/models").status_code == 403, what="a gate that refuses the key")


def test_who_is_signed_out_or_gets_another_password_is_out(house: House, config: dict[str, str]) -> None:
    at = house.directory
    made = tulou("people", "add", "ben", "--email", "ben@example.org", "--role", "viewer", directory=at)
    assert login(house, config, "ben@example.org", made.split()[-1]).returncode == 0
    assert "password" in tulou("people", "sessions", "ben", directory=at)
    tulou("people", "sign-out", "ben", directory=at)
    assert elsewhere(house, config, "whoami").returncode == 4
    fresh = tulou("people", "password", "ben", "--generate", directory=at).strip()
    assert login(house, config, "ben@example.org", made.split()[-1]).returncode == 4
    assert login(house, config, "ben@example.org", fresh).returncode == 0
    assert run_tulou("people", "add", "ben", directory=at).returncode == 2
    tulou("people", "remove", "ben", "--yes", directory=at)
    assert elsewhere(house, config, "whoami").returncode == 4
