"""The repository, as the architecture tests see it."""

import ast
from collections.abc import Mapping
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def root() -> Path:
    """The top folder of the repository."""
    return ROOT


@pytest.fixture(scope="session")
def trees(root: Path) -> Mapping[str, ast.Module]:
    """The syntax tree of every Python file of the package, by its path from the top folder."""
    files = sorted((root / "src" / "tulou").rglob("*.py"))
    return {str(file.relative_to(root)): ast.parse(file.read_text("utf-8")) for file in files}


@pytest.fixture(scope="session")
def services(root: Path) -> Mapping[str, Path]:
    """The folder of every service."""
    folders = sorted((root / "src" / "tulou" / "services").iterdir())
    return {folder.name: folder for folder in folders if folder.is_dir() and folder.name != "__pycache__"}
