"""A house of the package alone, without any extra: a gate and a control plane, which say what the rest needs."""

import subprocess
import sys
import sysconfig
from collections.abc import Generator, Iterable
from importlib.metadata import Distribution, distribution
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.system.house import PATIENCE_S, TEST_WITHIN_S, House, until

pytestmark = pytest.mark.timeout(TEST_WITHIN_S)


def brought(name: str, extras: Iterable[str] = ()) -> dict[str, Distribution]:
    """Return a distribution with all that it requires, by name."""
    found: dict[str, Distribution] = {}
    left = [Requirement(f"{name}[{','.join(extras)}]")]
    seen: set[tuple[str, str]] = set()
    while left:
        wanted = left.pop()
        this = canonicalize_name(wanted.name)
        found[this] = distribution(this)
        for extra in {"", *wanted.extras} - {extra for known, extra in seen if known == this}:
            seen.add((this, extra))
            lines = map(Requirement, found[this].requires or ())
            left += [line for line in lines if line.marker is None or line.marker.evaluate({"extra": extra})]
    return found


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> str:
    """An environment that has what `pip install tulou` brings, and nothing else."""
    place = tmp_path_factory.mktemp("alone")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(place)], check=True, timeout=PATIENCE_S)
    there = Path(sysconfig.get_path("purelib"))
    here = next(place.glob("lib/python*/site-packages"))
    files = [file for found in brought("tulou").values() for file in found.files or ()]
    for top in {file.parts[0] for file in files} - {"..", "__pycache__"}:
        (here / top).symlink_to(there / top)
    return str(place / "bin" / "python")


@pytest.fixture(scope="module")
def house(python: str, tmp_path_factory: pytest.TempPathFactory) -> Generator[House]:
    with House(tmp_path_factory.mktemp("house"), python=python) as house:
        yield house


def run(python: str, house: House, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [python, "-m", "tulou", *arguments, "--dir", str(house.directory)],
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )


@pytest.mark.parametrize("package", ["gguf", "llama_cpp", "numpy", "onnx", "onnxruntime", "tokenizers", "xllamacpp"])
def test_the_package_alone_brings_no_engine_and_no_converter(python: str, package: str) -> None:
    asked = f"import importlib.util, sys; sys.exit(importlib.util.find_spec({package!r}) is not None)"

    assert subprocess.run([python, "-c", asked], check=False, timeout=PATIENCE_S).returncode == 0


def test_an_import_says_which_extra_it_needs(python: str, house: House, tmp_path: Path) -> None:
    (tmp_path / "model.gguf").write_bytes(b"GGUF")

    done = run(python, house, "models", "import", str(tmp_path / "model.gguf"))

    assert done.returncode != 0
    assert "pip install 'tulou[convert]'" in done.stderr


def test_the_first_start_is_over_and_says_why_it_brought_no_models(python: str, house: House) -> None:
    def failed() -> list[str]:
        with house.client() as http:
            return list(http.get("/api/v1/first-start").json()["failed"])

    told = until(failed, what="a first start that is over")
    assert any("tulou-demo" in line and "tulou[convert]" in line for line in told)
    assert run(python, house, "status").returncode == 0


def test_the_doctor_names_the_extra_of_each_engine(python: str, house: House) -> None:
    told = run(python, house, "doctor").stdout

    assert "tulou[llamacpp]" in told
    assert "tulou[onnx]" in told
