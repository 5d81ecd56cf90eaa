"""Before something goes it is shown, and nothing goes without a yes."""

import io
from collections.abc import Iterator
from typing import get_type_hints

import pytest
from cyclopts import App

from tulou.cli.confirmation import confirm
from tulou.cli.main import app
from tulou.cli.options import Removing
from tulou.kernel.errors import InvalidError

PLAN = ["- key 'shop'", "! its requests are refused at once"]


class Terminal(io.StringIO):
    """A standard input at which somebody sits."""

    def isatty(self) -> bool:
        return True


def test_with_yes_the_plan_is_shown_and_nobody_is_asked(capsys: pytest.CaptureFixture[str]) -> None:
    confirm(PLAN, "revoke", Removing(yes=True))
    assert capsys.readouterr() == ("", "\n".join(PLAN) + "\n")


def test_where_nobody_can_be_asked_the_plan_is_shown_and_nothing_is_done(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("y\n"))
    with pytest.raises(InvalidError, match=r"nothing was changed: revoke key_1 needs a yes .* give --yes"):
        confirm(PLAN, "revoke key_1", Removing())
    assert capsys.readouterr().err == "\n".join(PLAN) + "\n"


@pytest.mark.parametrize("answer", ["", "\n", "n\n", "no\n", "yess\n"])
def test_anything_but_yes_means_no(monkeypatch: pytest.MonkeyPatch, answer: str) -> None:
    monkeypatch.setattr("sys.stdin", Terminal(answer))
    with pytest.raises(InvalidError, match=r"^nothing was changed$"):
        confirm(PLAN, "revoke", Removing())


@pytest.mark.parametrize("answer", ["y\n", "YES\n"])
def test_a_yes_at_the_terminal_goes_on(monkeypatch: pytest.MonkeyPatch, answer: str) -> None:
    monkeypatch.setattr("sys.stdin", Terminal(answer))
    confirm(PLAN, "revoke", Removing())


def commands(tree: App, place: str = "") -> Iterator[tuple[str, object]]:
    """Yield the commands of an app and of all that is in it, with their functions."""
    for name in tree:
        if name.startswith("-"):
            continue
        inner = tree[name]
        if inner.default_command is not None:
            yield f"{place} {name}".strip(), inner.default_command
        yield from commands(inner, f"{place} {name}".strip())


def test_every_command_that_takes_something_away_asks_before() -> None:
    taking = {
        name: get_type_hints(command)["options"]
        for name, command in commands(app)
        if name.split()[-1].startswith(("delete", "remove", "revoke")) and not name.endswith("removed")
    }

    assert len(taking) > 10
    assert {name for name, options in taking.items() if not issubclass(options, Removing)} == set()
