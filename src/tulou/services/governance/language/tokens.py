"""Where things stand in the text of policies: Cedar's package says what is wrong, but not where."""

import re
from collections.abc import Sequence
from typing import NamedTuple

_TOKEN = re.compile(
    r"(?P<skipped>\s+|//[^\n]*)"
    r'|(?P<text>"(?:\\.|[^"\\])*")'
    r"|(?P<word>[A-Za-z_]\w*|\d+)"
    r"|(?P<sign>::|==|!=|<=|>=|&&|\|\||.)",
    re.DOTALL,
)


class PolicyToken(NamedTuple):
    """A word, a quoted text or a sign, and where it begins."""

    text: str
    start: int

    @property
    def end(self) -> int:
        """The place behind it."""
        return self.start + len(self.text)


class SourcePosition(NamedTuple):
    """A line and a column, both counted from 1."""

    line: int
    column: int


def tokens_of(text: str) -> list[PolicyToken]:
    """Return the tokens of a text in their order; comments are none."""
    found = _TOKEN.finditer(text)
    return [PolicyToken(match[0], match.start()) for match in found if match.lastgroup != "skipped"]


def statements_of(tokens: Sequence[PolicyToken]) -> list[list[PolicyToken]]:
    """Return the tokens of each policy, its semicolon included; what stands behind the last one too."""
    statements: list[list[PolicyToken]] = [[]]
    for token in tokens:
        statements[-1].append(token)
        if token.text == ";":
            statements.append([])
    return [statement for statement in statements if statement]


def place_of(text: str, offset: int) -> SourcePosition:
    """Return the line and column of an offset."""
    before = text[:offset]
    return SourcePosition(before.count("\n") + 1, offset - (before.rfind("\n") + 1) + 1)
