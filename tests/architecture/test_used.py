"""Nothing lies about unused: every module of the source is reached by the source, not by tests alone."""

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src"
NAMED = re.compile(r"tulou(?:\.\w+)+")
"""A module that another process runs, or that is looked up, stands somewhere as a string."""

BY_PLACE = ("migrations",)
"""Alembic finds the modules of these folders by itself."""


def modules() -> dict[str, ast.Module]:
    """Return every module that is no test and no part of the testing kit, by its name."""
    found: dict[str, ast.Module] = {}
    for file in (SOURCE / "tulou").rglob("*.py"):
        parts = file.relative_to(SOURCE).with_suffix("").parts
        if "tests" not in parts and "testing" not in parts:
            name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
            found[name] = ast.parse(file.read_text())
    return found


def named(tree: ast.Module) -> Iterator[str]:
    """Yield the modules that one imports or names in a string, and what is taken out of them."""
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=names):
                yield from (alias.name for alias in names)
            case ast.ImportFrom(module=str(module), names=names):
                yield module
                yield from (f"{module}.{alias.name}" for alias in names)
            case ast.Constant(value=str(text)) if "\n" not in text:
                yield from NAMED.findall(text)
            case _:
                pass


def entrances() -> set[str]:
    """Return what the package declares to the world and to others, what makes its documentation, and starts it."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    points = [*project["scripts"].values()]
    points += [point for group in project["entry-points"].values() for point in group.values()]
    tools = [name for file in (ROOT / "docs").glob("*.py") for name in named(ast.parse(file.read_text()))]
    tools += [name for file in (ROOT / "examples").rglob("*.py") for name in named(ast.parse(file.read_text()))]
    tools += NAMED.findall((ROOT / "Makefile").read_text())
    return {"tulou.__main__", *(point.partition(":")[0] for point in points), *tools}


def test_every_module_is_used_by_the_source() -> None:
    found = modules()
    wanted = list(entrances())
    used: set[str] = set()
    while wanted:
        name = wanted.pop()
        if name in found and name not in used:
            used.add(name)
            wanted += named(found[name])
            wanted.append(name.rpartition(".")[0])
    left = sorted(name for name in found.keys() - used if not set(BY_PLACE) & set(name.split(".")))

    assert not left, f"nobody uses {', '.join(left)}: delete them"
