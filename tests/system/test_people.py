"""Tenants, people and signing in by the command line, against a house that is up."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.system.house import House, run_tulou, tulou, until


@pytest.fixture(scope="module")
def empty_house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A house without models."""
    with House(tmp_path_factory.mktemp("house"), "--no-demo") as started:
        until((started.directory / "secrets" / "admin-key").exists, within_s=60, what="an owner")
        yield started


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


def test_the_owner_signs_in_with_the_first_password(empty_house: House, config: dict[str, str]) -> None:
    password = tulou("password", directory=empty_house.directory).strip()
    refused = login(empty_house, config, "admin@localhost", "something else entirely")
    assert (refused.returncode, refused.stderr.strip()) == (4, "tulou: e-mail, password or code is wrong")
    assert login(empty_house, config, "admin@localhost", password).returncode == 0
    me = json.loads(elsewhere(empty_house, config, "whoami", "--json").stdout)
    assert (me["principal"], me["house"], me["key"], me["permissions"]) == ("admin", True, "", ["*:*"])
    assert elsewhere(empty_house, config, "keys", "list").returncode == 0
    assert elsewhere(empty_house, config, "logout").returncode == 0
    assert elsewhere(empty_house, config, "whoami").returncode == 4


def test_a_tenants_administrator_keeps_to_their_tenant(empty_house: House, config: dict[str, str]) -> None:
    at = empty_house.directory
    tulou("tenants", "add", "north", "--title", "Norden", directory=at)
    tulou("projects", "add", "search", "--tenant", "north", directory=at)
    made = tulou(
        "people", "add", "ana", "--tenant", "north", "--email", "ana@example.org", "--role", "admin", directory=at
    )
    assert login(empty_house, config, "ana@example.org", made.split()[-1]).returncode == 0
    assert "default" not in elsewhere(empty_house, config, "tenants", "list").stdout
    created = elsewhere(empty_house, config, "keys", "create", "app", "--project", "search", "--principal", "bot")
    assert created.stdout.startswith("sk-tulou-")
    people = json.loads(elsewhere(empty_house, config, "people", "list", "--json").stdout)
    assert {(one["tenant"], one["name"]) for one in people} == {("north", "ana"), ("north", "bot")}
    for refused in (
        ("people", "add", "eve", "--role", "operator"),
        ("keys", "create", "x", "--tenant", "default"),
        ("tenants", "add", "south"),
        ("people", "role", "ana", "operator"),
    ):
        assert elsewhere(empty_house, config, *refused).returncode == 4, refused
    assert elsewhere(empty_house, config, "people", "suspend", "bot", "--why", "leaked").returncode == 0
    key = created.stdout.strip()
    with empty_house.client(key) as http:
        assert until(lambda: http.get("/v1/models").status_code == 403, within_s=20, what="a gate that refuses the key")


def test_who_is_signed_out_or_gets_another_password_is_out(empty_house: House, config: dict[str, str]) -> None:
    at = empty_house.directory
    made = tulou("people", "add", "ben", "--email", "ben@example.org", "--role", "viewer", directory=at)
    assert login(empty_house, config, "ben@example.org", made.split()[-1]).returncode == 0
    assert "password" in tulou("people", "sessions", "ben", directory=at)
    tulou("people", "sign-out", "ben", directory=at)
    assert elsewhere(empty_house, config, "whoami").returncode == 4
    fresh = tulou("people", "password", "ben", "--generate", directory=at).strip()
    assert login(empty_house, config, "ben@example.org", made.split()[-1]).returncode == 4
    assert login(empty_house, config, "ben@example.org", fresh).returncode == 0
    assert run_tulou("people", "add", "ben", directory=at).returncode == 2
    tulou("people", "remove", "ben", directory=at)
    assert elsewhere(empty_house, config, "whoami").returncode == 4
