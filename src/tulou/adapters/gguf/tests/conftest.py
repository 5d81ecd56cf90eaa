"""A tiny model folder, made once, and the converter."""

from importlib import import_module
from pathlib import Path

import pytest

from tulou.adapters.gguf import GgufConverter
from tulou.testing.confinement import confinement


@pytest.fixture(scope="session")
def llama(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tiny") / "llama"
    import_module("tulou.adapters.gguf.tests.tiny").save(folder)  # torch takes seconds to import
    return folder


@pytest.fixture
def converter() -> GgufConverter:
    return GgufConverter(confinement())


def quiet(share: float) -> None:
    """Take progress and say nothing."""
    assert 0 <= share <= 1
