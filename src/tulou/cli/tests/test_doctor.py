"""The doctor looks at every port."""

import json
from dataclasses import fields
from pathlib import Path

import pytest

from tulou.assembly.settings import PortSettings
from tulou.cli.doctor import doctor
from tulou.cli.options import Options


def looked(directory: Path, capsys: pytest.CaptureFixture[str]) -> dict[str, tuple[str, str]]:
    """Return grade and advice of each check."""
    doctor(options=Options(json=True, dir=directory))
    return {each["check"]: (each["grade"], each["advice"]) for each in json.loads(capsys.readouterr().out)}


@pytest.fixture(autouse=True)
def _surroundings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TULOU_HOUSE__DIRECTORY", "")  # the doctor sets it, and this takes it back


def test_every_port_is_looked_at(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = looked(tmp_path, capsys)

    assert all(found[f"port {port.name}"] == ("ok", "") for port in fields(PortSettings))


@pytest.mark.parametrize("url", ["control://", "redis://10.0.0.2:6379/0", "rediss://10.0.0.2"])
def test_limits_are_counted_by_control_or_in_redis(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    monkeypatch.setenv("TULOU_PORTS__ALLOWANCES", url)

    assert looked(tmp_path, capsys)["port allowances"] == ("ok", "")


def test_a_store_of_limits_that_no_adapter_has_is_an_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TULOU_PORTS__ALLOWANCES", "memory://")

    grade, advice = looked(tmp_path, capsys)["port allowances"]

    assert grade == "error"
    assert "[ports] allowances = 'memory://': no adapter for 'memory'" in advice
