"""Gives modules and their names other names, in every file that uses them.

    python -m tools.rename tools/renames.toml [folder ...]

It is run where the tree is. A table `[modules]` says what a module is called now (`"a.b.c" = "a.b.d"`), a table
`[names]` what a class of a module is called (`"a.b.c:Old" = "New"`, by the module's former name). Whoever has a branch
or a plugin from before runs it over that too: what has its new name already is left alone. What is bound twice in a
file is told, and left to a person. Afterwards `make fmt` puts imports into their order.
"""

import ast
import io
import re
import subprocess
import sys
import tokenize
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

ROOT = Path.cwd()
FOLDERS = ("src", "tests", "benchmarks", "examples", "docs", "conftest.py", "pyproject.toml", "CONTRIBUTING.md")
TEXTS = {".py", ".toml", ".md"}
Place = tuple[int, int]
"""A row, counted from 1, and a column in bytes, as `ast` has them."""


@dataclass(frozen=True)
class Table:
    """What becomes what: modules by their former names, names by the former module and themselves."""

    modules: Mapping[str, str]
    names: Mapping[tuple[str, str], str]


@dataclass
class Bound:
    """What one file knows of the table: `names` of its own, names `within` modules, and what stands at `places`."""

    names: dict[str, str] = field(default_factory=dict[str, str])
    within: dict[str, str] = field(default_factory=dict[str, str])
    places: dict[Place, str] = field(default_factory=dict[Place, str])


def main() -> None:
    """Rename, and say what is left to a person."""
    table = read(Path(sys.argv[1]))
    files = sorted(_files(sys.argv[2:] or FOLDERS))
    written = {path: _text(path) for path in files}
    for path in files:
        if path.suffix == ".py":
            written[path], left = _renamed(path, table)
            sys.stdout.writelines(f"{path.relative_to(ROOT)}: {line}\n" for line in left)
    for path, text in written.items():
        path.write_text(_referred(text, table), "utf-8")
    _move(table)


def read(path: Path) -> Table:
    """Read a table."""
    raw = tomllib.loads(path.read_text("utf-8"))
    names: Mapping[str, str] = raw.get("names", {})
    return Table(raw.get("modules", {}), {(old.split(":")[0], old.split(":")[1]): new for old, new in names.items()})


def _files(folders: Iterable[str]) -> Iterator[Path]:
    for folder in folders:
        place = ROOT / folder
        found = [place] if place.is_file() else place.rglob("*")
        yield from (path for path in found if path.suffix in TEXTS and "node_modules" not in path.parts)


@cache
def _text(path: Path) -> str:
    return path.read_text("utf-8")


def _renamed(path: Path, table: Table) -> tuple[str, list[str]]:
    """Return a file's text with the new names, and what is left to a person."""
    text = _text(path)
    tree = ast.parse(text)
    bound = _bound(tree, _module(path), table)
    left = [f"{name} is bound twice" for name in bound.names if _times(tree, name) > 1]
    left += [f"{new} is there already" for name, new in bound.names.items() if new != name and _times(tree, new)]
    return _written(text, bound, tree, table), left


def _bound(tree: ast.Module, module: str, table: Table) -> Bound:
    owners = {owner for owner, _ in table.names}
    bound = Bound({name: new for name in _defined(tree) if (new := table.names.get((module, name)))})
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                whole = f"{node.module}.{alias.name}"
                moved = table.modules.get(whole, "").rpartition(".")[2]
                new = moved or table.names.get(_origin(node.module, alias.name)) or alias.name
                bound.places[alias.lineno, alias.col_offset] = new
                if new != alias.name and not alias.asname:
                    bound.names[alias.name] = new
                if whole in owners:
                    bound.within[alias.asname or alias.name] = whole
    return bound


def _defined(tree: ast.Module) -> set[str]:
    found: set[str] = set()
    for node in tree.body:
        match node:
            case ast.ClassDef(name=name) | ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                found.add(name)
            case ast.Assign(targets=targets):
                found |= {target.id for target in targets if isinstance(target, ast.Name)}
            case ast.AnnAssign(target=ast.Name(id=name)):
                found.add(name)
            case _:
                pass
    return found


@cache
def _origin(module: str, name: str) -> tuple[str, str]:
    """Return where a name that a module offers is made."""
    tree = _tree(module)
    if tree is None or name in _defined(tree):
        return module, name
    for node in tree.body:
        if isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                if (alias.asname or alias.name) == name and (node.module, alias.name) != (module, name):
                    return _origin(node.module, alias.name)
    return module, name


@cache
def _tree(module: str) -> ast.Module | None:
    for root in (ROOT / "src", ROOT):
        path = root.joinpath(*module.split("."))
        for file in (path.with_suffix(".py"), path / "__init__.py"):
            if file.exists():
                return ast.parse(_text(file))
    return None


def _module(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    parts = parts[1:] if parts[0] == "src" else parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _times(tree: ast.Module, name: str) -> int:
    """Return how often a file binds a name, members of classes left out."""
    members = {id(member) for node in ast.walk(tree) if isinstance(node, ast.ClassDef) for member in node.body}
    members |= {id(node.target) for node in ast.walk(tree) if isinstance(node, ast.AnnAssign) and id(node) in members}
    times = 0
    for node in ast.walk(tree):
        match node:
            case ast.arg(arg=found):
                times += found == name
            case (
                ast.Name(id=found, ctx=ast.Store())
                | ast.ClassDef(name=found)
                | ast.FunctionDef(name=found)
                | ast.AsyncFunctionDef(name=found)
            ):
                times += found == name and id(node) not in members
            case ast.ImportFrom(names=names):
                times += any((alias.asname or alias.name) == name for alias in names)
            case _:
                pass
    return times


def _kept(tree: ast.Module) -> set[Place]:
    """Return where the names of keyword arguments and of members of classes stand, which are not those of modules."""
    found: set[Place] = set()
    for node in ast.walk(tree):
        match node:
            case ast.keyword(arg=str()):
                found.add((node.lineno, node.col_offset))
            case ast.ClassDef(body=body):
                for member in body:
                    if isinstance(member, ast.FunctionDef | ast.AsyncFunctionDef):
                        before = "def " if isinstance(member, ast.FunctionDef) else "async def "
                        found.add((member.lineno, member.col_offset + len(before)))
                    if isinstance(member, ast.AnnAssign):
                        found.add((member.lineno, member.col_offset))
            case _:
                pass
    return found


def _quoted(tree: ast.Module) -> set[Place]:
    """Return where strings stand that are names: types in quotes, and the entries of `__all__`."""
    parts: list[ast.AST | None] = []
    for node in ast.walk(tree):
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                parts.append(node.returns)
            case ast.arg() | ast.AnnAssign():
                parts.append(node.annotation)
            case ast.Assign(targets=[ast.Name(id="__all__")]):
                parts.append(node.value)
            case ast.Call(func=ast.Name(id="cast"), args=[kind, *_]):
                parts.append(kind)
            case _:
                pass
    strings = (each for part in parts if part is not None for each in ast.walk(part))
    return {
        (each.lineno, each.col_offset)
        for each in strings
        if isinstance(each, ast.Constant) and isinstance(each.value, str)
    }


def _written(text: str, bound: Bound, tree: ast.Module, table: Table) -> str:
    """Return the text with the tokens of other names; within comments and docstrings what stands in backticks."""
    kept, quoted = _kept(tree), _quoted(tree)
    lines = text.splitlines(keepends=True)
    changes: list[tuple[tokenize.TokenInfo, str]] = []
    before = owner = ""
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        row, column = token.start
        place = (row, len(lines[row - 1][:column].encode())) if row <= len(lines) else token.start
        new = token.string
        if token.type == tokenize.NAME and before == ".":
            new = table.names.get((bound.within.get(owner, ""), new), new)
        elif token.type == tokenize.NAME and place not in kept:
            new = bound.places.get(place) or bound.names.get(new, new)
        elif token.type in {tokenize.STRING, tokenize.COMMENT}:
            form = r"\b(\w+)\b" if place in quoted else r"(?<=`)(\w+)(?=`)"
            new = re.sub(form, lambda found: bound.names.get(found[1], found[1]), new)
        if new != token.string:
            changes.append((token, new))
        owner = token.string if token.type == tokenize.NAME and before != "." else owner
        before = token.string
    for token, new in reversed(changes):
        (row, column), (end_row, end_column) = token.start, token.end
        lines[row - 1 : end_row] = [lines[row - 1][:column] + new + lines[end_row - 1][end_column:]]
    return "".join(lines)


def _referred(text: str, table: Table) -> str:
    """Return a text with other modules and names where they are whole: `a.b`, `a.b.Name`, `a/b.py::Name`."""

    def reference(found: re.Match[str]) -> str:
        for (module, old), new in table.names.items():
            if old == found[2] and f"/src/{module.replace('.', '/')}".endswith(f"/{found[1]}"):
                return f"{found[1]}.py::{new}"
        return found[0]

    def dotted(found: re.Match[str]) -> str:
        return f"{found[1]}.{table.names.get((found[1], found[2]), found[2])}"

    text = re.sub(r"([\w/]+)\.py::(\w+)", reference, text)
    text = re.sub(r"(?<![\w.])((?:[a-z_]\w*\.)*[a-z_]\w*)\.([A-Z]\w*)", dotted, text)
    for old, new in table.modules.items():
        text = re.sub(rf"(?<![\w.]){re.escape(old)}(?!\w)", new, text)
        file, moved = old.split("."), new.split(".")
        for cut in range(len(file) - 1):
            text = re.sub(rf"(?<!\w){'/'.join(file[cut:])}\.py\b", f"{'/'.join(moved[cut:])}.py", text)
    return text


def _move(table: Table) -> None:
    for old, new in table.modules.items():
        source, target = (ROOT.joinpath("src", *each.split(".")) for each in (old, new))
        source, target = (source, target) if source.is_dir() else (source.with_suffix(".py"), target.with_suffix(".py"))
        if source.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            subprocess.run(["git", "mv", source, target], check=True, cwd=ROOT)  # noqa: S603, S607 # names of a table


if __name__ == "__main__":
    main()
