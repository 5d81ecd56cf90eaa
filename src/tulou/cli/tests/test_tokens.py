"""Sessions on this person's machine: readable by nobody else, one for each house."""

import stat
from pathlib import Path

import pytest

from tulou.cli.tokens import StoredSession, file_of, forget, keep, stored_session
from tulou.kernel.errors import ForbiddenError, InvalidError

HERE, THERE = "http://127.0.0.1:8000", "https://tulou.example"


def stored(secret: str) -> StoredSession:
    return StoredSession(secret=secret, session="session_1", expires_at=1.0, email="ana@example.org")


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))


def test_each_house_has_a_session_of_its_own() -> None:
    assert stored_session(HERE) == ""
    keep(HERE, stored("st-here"))
    keep(THERE, stored("st-there"))
    assert (stored_session(HERE), stored_session(THERE)) == ("st-here", "st-there")
    assert forget(HERE)
    assert not forget(HERE)
    assert (stored_session(HERE), stored_session(THERE)) == ("", "st-there")


def test_nobody_else_can_read_them() -> None:
    keep(HERE, stored("st-here"))
    assert stat.S_IMODE(file_of().stat().st_mode) == 0o600
    assert [path.name for path in file_of().parent.iterdir()] == ["sessions.json"]


def test_a_file_that_others_could_read_is_not_trusted() -> None:
    keep(HERE, stored("st-here"))
    file_of().chmod(0o644)
    with pytest.raises(ForbiddenError, match="chmod 600"):
        stored_session(HERE)


def test_a_damaged_file_says_what_to_do() -> None:
    keep(HERE, stored("st-here"))
    file_of().write_text("{")
    with pytest.raises(InvalidError, match="remove it and sign in again"):
        stored_session(HERE)
