"""Installs repeat: what is locked is what the package asks for, whole, with hashes, and from no place in particular."""

import re
import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
LOCKS = ROOT / "requirements"
PYTHONS = ("3.11", "3.12", "3.13")
EXTRAS_AT_START = ("llamacpp", "onnx", "convert")
UNLOCKED = "torch"
"""Its builds differ by index; the Makefile names its version."""


def pinned(lock: str) -> Iterator[tuple[Requirement, str]]:
    """Yield what a lock holds, with the hashes of each."""
    text = (LOCKS / lock).read_text()
    for entry in re.split(r"\n(?=\S)", text.replace("\\\n", "").strip()):
        line, *hashes = re.split(r"\s+--hash=", entry)
        yield Requirement(line.strip()), " ".join(hashes)


def asked(extras: Iterable[str]) -> Iterator[Requirement]:
    """Yield what pyproject.toml asks for, with these extras."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    yield from map(Requirement, project["project"]["dependencies"])
    yield from map(Requirement, project["build-system"]["requires"])
    for extra in extras:
        yield from map(Requirement, project["project"]["optional-dependencies"][extra])


def all_extras() -> list[str]:
    return list(tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"])


def versions(lock: str, python: str) -> dict[str, str]:
    """Return the version of each distribution that this Python gets."""
    environment = {"python_version": python, "python_full_version": f"{python}.0", "extra": ""}
    found: dict[str, str] = {}
    for requirement, _ in pinned(lock):
        if requirement.marker is None or requirement.marker.evaluate(environment):
            name = canonicalize_name(requirement.name)
            assert name not in found, f"{lock} holds {name} twice for Python {python}"
            found[name] = next(iter(requirement.specifier)).version
    return found


@pytest.mark.parametrize("python", PYTHONS)
@pytest.mark.parametrize(
    ("lock", "extras"), [("runtime.txt", EXTRAS_AT_START), ("develop.txt", all_extras())], ids=["runtime", "develop"]
)
def test_a_lock_holds_all_that_the_package_asks_for(lock: str, extras: list[str], python: str) -> None:
    locked = versions(lock, python)
    for requirement in asked(extras):
        name = canonicalize_name(requirement.name)
        if name not in (UNLOCKED, "tulou"):
            assert name in locked, f"{name}: `make lock`"
            assert requirement.specifier.contains(locked[name], prereleases=True), f"{name}: `make lock`"


@pytest.mark.parametrize("python", PYTHONS)
def test_what_runs_is_what_is_developed_with(python: str) -> None:
    runtime, develop = versions("runtime.txt", python), versions("develop.txt", python)

    assert runtime.items() <= develop.items()


@pytest.mark.parametrize("lock", ["runtime.txt", "develop.txt", "embedding.txt"])
def test_each_line_of_a_lock_is_an_exact_version_with_hashes(lock: str) -> None:
    for requirement, hashes in pinned(lock):
        assert [part.operator for part in requirement.specifier] == ["=="]
        assert re.fullmatch(r"sha256:[0-9a-f]{64}( sha256:[0-9a-f]{64})*", hashes), requirement.name
        assert requirement.url is None


@pytest.mark.parametrize("lock", ["runtime.txt", "develop.txt", "embedding.txt"])
def test_a_lock_names_no_index(lock: str) -> None:
    assert not re.search(r"https?:|index|find-links|trusted-host", (LOCKS / lock).read_text())


def test_torch_has_one_version_everywhere() -> None:
    project = (ROOT / "pyproject.toml").read_text()
    (version,) = set(re.findall(r"torch==([\d.]+)", project))

    assert set(re.findall(r"torch==([\d.]+)", (ROOT / "Makefile").read_text())) == {version}
    assert set(re.findall(r"torch==([\d.]+)", (LOCKS / "torch.override").read_text())) == {version}
