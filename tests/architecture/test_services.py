"""Every service has the shape of a room, and keeps to its own tables."""

import ast
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

PARTS = ("Owns:", "Needs:", "Publishes:", "Flow:")
NAMES_A_TABLE = {"Table", "create_table", "drop_table", "add_column", "drop_column", "alter_column", "rename_table"}
NAMES_AN_INDEX = {"Index", "create_index", "drop_index", "create_unique_constraint", "drop_constraint"}
STATEMENT = re.compile(r"\b(?:FROM|INTO|UPDATE|TABLE|JOIN)\s+([a-z]\w*)", re.IGNORECASE)


def called(node: ast.Call) -> str:
    match node.func:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case _:
            return ""


def words(node: ast.Call, position: int) -> Iterator[str]:
    if len(node.args) > position:
        match node.args[position]:
            case ast.Constant(value=str(word)):
                yield word
            case _:
                return


def tables_named(tree: ast.Module) -> Iterator[str]:
    """Yield every table that is named in SQLAlchemy's language, in Alembic's, or in a statement."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        name = called(node)
        if name in NAMES_A_TABLE | NAMES_AN_INDEX:
            yield from words(node, 0)
        elif name == "ForeignKey":
            yield from (word.partition(".")[0] for word in words(node, 0))
        elif name in {"text", "execute"}:
            yield from (table for word in words(node, 0) for table in STATEMENT.findall(word))


def test_every_service_says_what_it_owns_needs_publishes_and_how_it_flows(services: Mapping[str, Path]) -> None:
    assert services
    for name, folder in services.items():
        told = ast.get_docstring(ast.parse((folder / "__init__.py").read_text("utf-8"))) or ""
        missing = [part for part in PARTS if part not in told]
        assert not missing, f"services/{name}/__init__.py does not say: {missing}"


def test_every_service_can_be_wired(services: Mapping[str, Path]) -> None:
    for name, folder in services.items():
        assert (folder / "component.py").is_file() or (folder / "component").is_dir(), name
        assert (folder / "service.py").is_file() or (folder / "service").is_dir(), name


def test_a_service_touches_no_tables_but_its_own(services: Mapping[str, Path]) -> None:
    foreign: list[str] = []
    for name, folder in services.items():
        for file in [*folder.glob("store*"), *folder.glob("store/**/*.py"), *folder.glob("migrations/**/*.py")]:
            if file.suffix == ".py":
                tables = tables_named(ast.parse(file.read_text("utf-8")))
                foreign += [f"{name}: {table} in {file.name}" for table in tables if not table.startswith(f"{name}_")]
    assert not foreign


def test_sql_is_written_in_stores_and_migrations_only(services: Mapping[str, Path]) -> None:
    astray: list[str] = []
    for folder in services.values():
        for file in folder.rglob("*.py"):
            inside = file.relative_to(folder).parts[0]
            if inside in {"store.py", "store", "migrations", "tests"}:
                continue
            for node in ast.walk(ast.parse(file.read_text("utf-8"))):
                if isinstance(node, ast.Import | ast.ImportFrom):
                    names = (
                        [alias.name for alias in node.names] if isinstance(node, ast.Import) else [node.module or ""]
                    )
                    astray += [f"{file}:{node.lineno}" for module in names if module.split(".")[0] == "sqlalchemy"]
    assert not astray
