"""Every command acts on the house that `--url` names, or says why not; none makes anything by looking."""

import inspect
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any, Literal, get_args, get_origin, get_type_hints

import pytest
from cyclopts import App

from tulou.cli.main import app, main
from tulou.cli.options import Options

NOBODY = "http://127.0.0.1:9"
"""The port `discard`: no house listens there."""
MORE = {
    "plan": ["--file", "nothing.yaml"],
    "apply": ["--file", "nothing.yaml"],
    "credentials add": ["--key-from", "env://NOTHING"],
    "import litellm": ["nothing.yaml"],
    "usage requeue": ["--all"],
    "usage discard": ["--reason", "a test"],
}
"""What some commands ask for beyond what has to be given."""


def commands(node: App, words: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Yield the words of each command, and the function behind it."""
    for name in node:
        if name.startswith("-"):
            continue
        below = node[name]
        if any(not sub.startswith("-") for sub in below):
            yield from commands(below, (*words, name))
        if below.default_command is not None:
            yield (*words, name), below.default_command


def takes_options(function: Any) -> bool:
    return any(isinstance(kind, type) and issubclass(kind, Options) for kind in get_type_hints(function).values())


def filled(function: Any) -> list[str]:
    """Return something for each argument that has to be given."""
    hints = get_type_hints(function)
    words: list[str] = []
    for name, parameter in inspect.signature(function).parameters.items():
        if parameter.default is not inspect.Parameter.empty or parameter.kind is parameter.VAR_KEYWORD:
            continue
        value = _some(hints[name])
        if parameter.kind is parameter.KEYWORD_ONLY:
            words.append(f"--{name.replace('_', '-')}={value}")
        else:
            words.append(value)
    return words


def _some(kind: Any) -> str:
    if get_origin(kind) is Literal:
        return str(get_args(kind)[0])
    return {int: "1", float: "1", bool: "true"}.get(kind, "nothing.yaml")


ALL = [(words, function) for words, function in commands(app) if takes_options(function)]


def test_the_walk_finds_the_commands() -> None:
    names = {" ".join(words) for words, _ in ALL}
    assert {"vault rotate", "vault status", "down", "doctor", "models list", "policy list"} <= names
    assert len(names) > 60


@pytest.mark.parametrize("words", [words for words, _ in ALL], ids=" ".join)
def test_a_command_reaches_the_house_that_is_named_or_says_why_not(
    words: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    function = next(function for known, function in ALL if known == words)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.stdin", StringIO("somebody\n" * 3))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path.parent / "config"))

    with pytest.raises(SystemExit) as ended:
        main([*words, *filled(function), *MORE.get(" ".join(words), ()), "--url", NOBODY])

    told = capsys.readouterr()
    assert ended.value.code, f"{words} ended well without a house: {told.out}"
    assert NOBODY in told.err or "nothing.yaml" in told.err, told.err
    assert not list(tmp_path.iterdir()), "looking made something"
