"""A port that is taken is told of before anything is installed, by what any Python has."""

import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tulou.assembly.free_port import main

SOURCE = Path(__file__).parents[3]


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as other:
        yield other.getsockname()[1]


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_a_taken_port_is_named_with_both_ways_to_another(taken: int) -> None:
    module = "runpy.run_module('tulou.assembly.free_port', run_name='__main__')"
    plain = [sys.executable, "-I", "-S", "-c", f"import runpy, sys; sys.path.insert(0, {str(SOURCE)!r}); {module}"]

    done = subprocess.run([*plain, str(taken)], capture_output=True, text=True, check=False)

    assert done.returncode == 5, done.stderr
    assert f"port {taken} on 127.0.0.1 is taken" in done.stderr
    assert "tulou up --detach --port N" in done.stderr
    assert "make up PORT=N" in done.stderr


@pytest.mark.parametrize("where", ["environment", "file"])
def test_the_port_of_the_settings_is_looked_at(
    taken: int, where: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    environment = {"TULOU_HOUSE__PORT": str(taken)} if where == "environment" else {}
    if where == "file":
        (tmp_path / "tulou.toml").write_text(f"[house]\nport = {taken}\n")

    assert main([], environment) == 5
    assert f"port {taken}" in capsys.readouterr().err


def test_a_house_that_is_up_may_have_its_port(taken: int, tmp_path: Path) -> None:
    (tmp_path / "var" / "run").mkdir(parents=True)
    (tmp_path / "var" / "run" / "house.json").write_text("{}")

    assert main([str(taken)], {}) == 0


@pytest.mark.parametrize("port", ["many", "70000"])
def test_what_is_no_port_is_refused(port: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([port], {}) == 2
    assert capsys.readouterr().err.startswith("tulou: ")


def test_a_free_port_is_no_news(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["0"], {}) == 0
    assert capsys.readouterr() == ("", "")
