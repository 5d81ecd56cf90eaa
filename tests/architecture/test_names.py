"""Modules are named by what they hold, and imports stand where a reader looks for them."""

import ast
from collections.abc import Iterator, Mapping
from pathlib import PurePath

HAVE_ROOMS = {"services", "contracts", "adapters", "engines", "chassis", "rules"}
EMPTY_NAMES = {"utils", "util", "helpers", "helper", "common", "manager", "managers", "misc", "base", "core"}
MAY_IMPORT_LATE = ("src/tulou/adapters/", "src/tulou/engines/")


def late_imports(tree: ast.Module) -> Iterator[int]:
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            yield from (node.lineno for node in ast.walk(function) if isinstance(node, ast.Import | ast.ImportFrom))


def test_no_module_has_a_name_that_says_nothing(trees: Mapping[str, ast.Module]) -> None:
    assert not [name for name in trees if EMPTY_NAMES & set(PurePath(name).with_suffix("").parts)]


def test_every_module_opens_with_a_sentence(trees: Mapping[str, ast.Module]) -> None:
    silent = [name for name, tree in trees.items() if "/tests/" not in name and not ast.get_docstring(tree)]
    assert not silent, "say in one sentence what the module holds"


def test_imports_inside_functions_are_left_to_adapters_and_engines(trees: Mapping[str, ast.Module]) -> None:
    late = [
        f"{name}:{line}"
        for name, tree in trees.items()
        if not name.startswith(MAY_IMPORT_LATE)
        for line in sorted(set(late_imports(tree)))
    ]
    assert not late


def room(name: str) -> str:
    """Return the part of the tree that a module belongs to: `services/gateway`, or `assembly`."""
    floor, *rest = PurePath(name).relative_to("src/tulou").with_suffix("").parts
    return f"{floor}/{rest[0]}" if floor in HAVE_ROOMS and rest else floor


def test_no_class_name_stands_in_two_rooms(trees: Mapping[str, ast.Module]) -> None:
    rooms: dict[str, set[str]] = {}
    for name, tree in trees.items():
        if name.startswith("src/tulou/") and "/tests/" not in name:
            for node in tree.body:
                if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                    rooms.setdefault(node.name, set()).add(room(name))
    assert len(rooms) > 1_000
    assert not {name: sorted(found) for name, found in rooms.items() if len(found) > 1}, "say which is which"
