"""Files and functions stay small; the exceptions are listed, and may only shrink."""

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path
from statistics import median

FILE_LINES = 500
MEDIAN_LINES = 150
FUNCTION_LINES = 60

LONG_FILES: dict[str, int] = {}
LONG_FUNCTIONS: dict[str, int] = {}


def lines_of(trees: Mapping[str, ast.Module], root: Path) -> dict[str, int]:
    return {name: len((root / name).read_text("utf-8").splitlines()) for name in trees}


def functions(name: str, tree: ast.Module) -> Iterator[tuple[str, int]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield f"{name}::{node.name}", (node.end_lineno or node.lineno) - node.lineno + 1


def test_no_file_is_long(trees: Mapping[str, ast.Module], root: Path) -> None:
    long = {name: lines for name, lines in lines_of(trees, root).items() if lines > FILE_LINES}
    assert long == LONG_FILES, "cut the file by its ideas; an exception that shrank gets its new figure here"


def test_a_typical_file_is_read_at_a_glance(trees: Mapping[str, ast.Module], root: Path) -> None:
    assert median(lines_of(trees, root).values()) < MEDIAN_LINES


def test_no_function_is_long(trees: Mapping[str, ast.Module]) -> None:
    all_functions = (item for name, tree in trees.items() for item in functions(name, tree))
    # A migration lists every column of its tables, in one function, because Alembic calls one.
    long = {name: lines for name, lines in all_functions if lines > FUNCTION_LINES and "/migrations/" not in name}
    assert long == LONG_FUNCTIONS, "name the steps; an exception that shrank gets its new figure here"
