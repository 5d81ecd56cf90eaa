"""Contracts are messages, events, Protocols and tables of facts; what two services reckon alike is a rule."""

import ast
from collections.abc import Iterator, Mapping
from importlib import import_module
from inspect import isclass
from pathlib import Path

import pytest

from tulou.chassis.operations import operations_of

CONTRACTS, RULES = "src/tulou/contracts/", "src/tulou/rules/"

FUNCTIONS: Mapping[str, str] = {"endpoints_where": "sets of endpoints, made when a module is imported"}
"""What is a function all the same, and why."""

VALUES = ("message", "dataclass(frozen=True")
BASES = {"Protocol", "NamedTuple", "IntEnum"}


def tops(trees: Mapping[str, ast.Module], folder: str) -> Iterator[tuple[str, ast.stmt]]:
    """Yield every statement at the top of a module below a folder."""
    for path, tree in trees.items():
        if path.startswith(folder):
            yield from ((path, node) for node in tree.body)


def is_value(node: ast.ClassDef) -> bool:
    """Say whether a class is frozen, or a Protocol."""
    marks = [ast.unparse(mark) for mark in node.decorator_list]
    bases = {ast.unparse(base) for base in node.bases}
    return any(mark.startswith(VALUES) for mark in marks) or bool(bases & BASES)


def reckons(node: ast.ClassDef) -> Iterator[str]:
    """Yield the methods of a value that are more than a property or a constructor of one expression."""
    if "Protocol" in {ast.unparse(base) for base in node.bases}:
        return
    for method in node.body:
        if isinstance(method, ast.FunctionDef | ast.AsyncFunctionDef):
            marks = {ast.unparse(mark) for mark in method.decorator_list}
            made = "classmethod" in marks and isinstance(method.body[-1], ast.Return) and len(method.body) == 2
            if not (made or "property" in marks):
                yield method.name


def test_a_contract_has_no_functions_and_no_classes_but_frozen_ones(trees: Mapping[str, ast.Module]) -> None:
    wrong: list[str] = []
    seen = 0
    for path, node in tops(trees, CONTRACTS):
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                wrong += [f"{path}: the function {name}"] if name not in FUNCTIONS else []
            case ast.ClassDef():
                seen += 1
                wrong += [f"{path}: {node.name} is not frozen"] if not is_value(node) else []
                wrong += [f"{path}: {node.name}.{method}" for method in reckons(node)]
            case _:
                pass
    assert seen > 300
    assert not wrong, "a rule of one service belongs into its domain, one of several into src/tulou/rules"


def test_each_method_of_each_contract_is_an_operation(root: Path) -> None:
    names: set[str] = set()
    for file in sorted((root / CONTRACTS).glob("*/api.py")):
        module = import_module(f"tulou.contracts.{file.parent.name}.api")
        for contract in vars(module).values():
            if isclass(contract) and contract.__module__ == module.__name__:
                names |= {operation.name for operation in operations_of(contract).values()}
    assert len(names) > 150


@pytest.fixture(scope="session")
def users(trees: Mapping[str, ast.Module]) -> Mapping[str, set[str]]:
    """Who imports each module of the rules: rooms such as `services/limits`, or other rules."""
    found: dict[str, set[str]] = {}
    for path, tree in trees.items():
        if "/tests/" not in path and "/testing/" not in path:
            for node in ast.walk(tree):
                if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("tulou.rules."):
                    found.setdefault(node.module or "", set()).add(user(path))
    return found


def user(path: str) -> str:
    parts = path.removeprefix("src/tulou/").removesuffix(".py").split("/")
    return ".".join(("tulou", *parts)) if parts[0] == "rules" else "/".join(parts[:2])


def test_a_rule_is_shared_by_two_rooms(trees: Mapping[str, ast.Module], users: Mapping[str, set[str]]) -> None:
    modules = {user(path) for path in trees if path.startswith(RULES) and not path.endswith("__init__.py")}
    assert modules
    for module in modules:
        rooms, waiting = set[str](), [module]
        for one in waiting:
            rooms |= {name for name in users.get(one, ()) if "/" in name}
            waiting += [name for name in users.get(one, ()) if "/" not in name and name not in waiting]
        assert len(rooms) > 1, f"{module} is used by {rooms or 'nobody'} alone: it belongs there"
