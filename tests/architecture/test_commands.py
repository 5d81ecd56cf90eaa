"""What the pages tell people to type is what the command takes."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
from cyclopts.exceptions import CycloptsError

from tulou.cli.main import app

COMMAND = re.compile(r"(?:\$ )?tulou (?P<rest>.+)")
SHELL = re.compile(r"\s+(?:#|[<>|]|&&).*")
"""Comments, redirections and what follows a command: they are the shell's."""


def commands(text: str) -> Iterator[str]:
    """Yield what follows `tulou` in the fenced blocks of a page."""
    fenced = False
    for line in text.splitlines():
        if line.startswith("```"):
            fenced = not fenced
        elif fenced and (found := COMMAND.match(line)):
            yield SHELL.sub("", found["rest"])


def test_every_documented_command_is_taken(root: Path) -> None:
    pages = [root / "README.md", *sorted((root / "docs").rglob("*.md"))]
    told = [
        (page, command)
        for page in pages
        if page.name != "cli.md"  # made from the commands themselves
        for command in commands(page.read_text("utf-8"))
    ]
    assert len(told) > 50
    for page, command in told:
        try:
            app.parse_args(shlex.split(command), print_error=False, exit_on_error=False)
        except CycloptsError as error:
            pytest.fail(f"{page.relative_to(root)}: tulou {command}: {error}")
