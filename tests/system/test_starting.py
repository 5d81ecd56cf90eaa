"""A house that cannot start says so in one line and ends; one that starts tells its key to nobody but whoever asked."""

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.system.house import House, run_tulou, tulou, until
from tulou.testing.servers.process import free_port

UP = ("up", "--detach", "--no-demo", "--port", "0")


def refused(directory: Path, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Try to start a house that cannot; nothing of it may be left, and nothing of its key be told."""
    done = run_tulou(*UP, directory=directory, environment=environment)
    assert done.returncode != 0
    assert done.stdout == ""
    assert done.stderr.startswith("tulou: ")
    assert len(done.stderr.strip().splitlines()) == 1
    assert not (directory / "run" / "house.json").exists()
    return done


def test_a_database_that_is_away_ends_the_start_with_its_cause(tmp_path: Path) -> None:
    url = f"postgresql://tulou:hush@127.0.0.1:{free_port()}/tulou"

    done = refused(tmp_path, {"TULOU_PORTS__DATABASE": url})

    assert done.returncode == 6
    assert "control cannot start: PostgreSQL at 127.0.0.1" in done.stderr
    assert "hush" not in done.stderr


def test_a_package_that_is_missing_ends_the_start_with_the_line_that_installs_it(tmp_path: Path) -> None:
    without = tmp_path / "packages"
    without.mkdir()
    (without / "asyncpg.py").write_text("raise ModuleNotFoundError(\"No module named 'asyncpg'\", name='asyncpg')\n")
    environment = {"TULOU_PORTS__DATABASE": "postgresql://t@127.0.0.1:1/t", "PYTHONPATH": str(without)}

    done = refused(tmp_path / "house", environment)

    assert done.returncode == 2
    assert "pip install -e '.[postgres]'" in done.stderr


def test_a_damaged_database_ends_the_start_with_what_it_is(tmp_path: Path) -> None:
    (tmp_path / "tulou.db").write_bytes(b"this was a database once" * 200)

    assert "tulou.db: file is not a database" in refused(tmp_path, {}).stderr


def test_a_setting_of_the_gateways_alone_ends_the_start_too(tmp_path: Path) -> None:
    done = refused(tmp_path, {"TULOU_GATEWAY__CONECTIONS": "1"})

    assert done.returncode == 2
    assert "did you mean 'connections'" in done.stderr


def test_a_start_in_the_foreground_ends_as_one_in_the_background_does(tmp_path: Path) -> None:
    done = run_tulou("up", "--port", "0", directory=tmp_path, environment={"TULOU_HOUS__NAME": "x"})

    assert done.returncode == 2
    assert "control cannot start: tulou.toml has no table [hous]" in done.stderr


def test_whoever_interrupts_a_start_leaves_no_house_behind(tmp_path: Path) -> None:
    silent = socket.create_server(("127.0.0.1", 0))  # a database that takes connections and says nothing
    environment = os.environ | {"TULOU_PORTS__DATABASE": f"postgresql://t@127.0.0.1:{silent.getsockname()[1]}/t"}
    # who starts tests in the background has them ignore interrupts, which whatever they start would inherit
    command = ["env", "--default-signal=INT", sys.executable, "-m", "tulou", *UP, "--dir", str(tmp_path)]
    with silent, subprocess.Popen(command, env=environment, stderr=subprocess.PIPE) as process:
        until((tmp_path / "run" / "house.json").exists, what="a house that begins")
        process.send_signal(signal.SIGINT)
        assert process.wait(120) == 130

    assert not (tmp_path / "run" / "house.json").exists()


@pytest.fixture
def detached(tmp_path: Path) -> Path:
    return tmp_path / "house"


def test_the_key_is_told_to_whoever_starts_a_house_and_lies_in_no_file_but_its_own(detached: Path) -> None:
    told = tulou(*UP, directory=detached, timeout=240)
    try:
        key = (detached / "secrets" / "admin-key").read_text().strip()
        assert key in told
        holding = [file for file in detached.rglob("*") if file.is_file() and key.encode() in file.read_bytes()]
        assert holding == [detached / "secrets" / "admin-key"]
        assert holding[0].stat().st_mode & 0o077 == 0
        again = tulou("up", "--detach", directory=detached)
        assert key in again
        assert "denied" not in tulou("audit", "list", "--json", directory=detached)
    finally:
        tulou("down", directory=detached)


def test_a_key_that_another_database_knew_is_replaced_before_it_is_shown_or_tried(detached: Path) -> None:
    (detached / "secrets").mkdir(parents=True, mode=0o700)
    stale = detached / "secrets" / "admin-key"
    stale.write_text("sk-tulou-of-another-database")
    stale.chmod(0o600)
    told = tulou(*UP, directory=detached, timeout=240)
    try:
        assert "sk-tulou-of-another-database" not in told
        assert stale.read_text().strip() in told
        assert "this one replaces it" in told
        assert "denied" not in tulou("audit", "list", "--json", directory=detached)
    finally:
        tulou("down", directory=detached)


def test_a_house_in_the_foreground_writes_its_key_into_no_journal(tmp_path: Path) -> None:
    with House(tmp_path, "--no-demo") as house:
        until(lambda: "gateway  " in (tmp_path / "up.out").read_text(), what="the greeting")
        assert house.key not in (tmp_path / "up.out").read_text()
        assert str(tmp_path / "secrets" / "admin-key") in (tmp_path / "up.out").read_text()


def test_the_vault_of_the_house_that_is_named_is_the_one_that_changes(house: House, tmp_path: Path) -> None:
    elsewhere = tmp_path / "empty"
    elsewhere.mkdir()
    named = ("--url", house.url, "--key", house.key)

    said = subprocess.run(
        [sys.executable, "-m", "tulou", "vault", "rotate", "--json", "-m", "once a year", *named],
        cwd=elsewhere,
        capture_output=True,
        text=True,
        check=True,
    )

    assert '"changed"' in said.stdout
    assert list(elsewhere.iterdir()) == []
    assert "once a year" in tulou("audit", "list", "--action", "vault:write", "--json", directory=house.directory)
