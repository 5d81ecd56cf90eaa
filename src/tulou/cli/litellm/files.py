"""A configuration in several files: what `include` names is read with it, as LiteLLM's proxy does.

Lists grow by what an included file has, all else that it has takes the place of what there was; a file is read once
(`proxy/common_utils/config_includes.py` of LiteLLM).
"""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

from tulou.chassis.yaml_reader import read_yaml
from tulou.kernel.errors import InvalidError

INCLUDE = "include"
STANDARD_INPUT = Path("-")
FILES_CAP = 100
BYTES_CAP = 16 * 1024 * 1024


def read_configuration(file: Path) -> object:
    """Return a configuration with all that it includes; raise `InvalidError` naming the file that cannot be read."""
    return _Includes().read(file)


def read_file(file: Path) -> str:
    """Return a file's text, or what stands on standard input for `-`."""
    try:
        content = sys.stdin.buffer.read(BYTES_CAP + 1) if file == STANDARD_INPUT else _start_of(file)
        text = content.decode("utf-8")
    except (OSError, UnicodeDecodeError, ValueError) as error:
        raise InvalidError(f"{file} cannot be read: {error}") from error
    if len(content) > BYTES_CAP:
        raise InvalidError(f"{file} has more than {BYTES_CAP} bytes, which is no configuration")
    return text


class _Includes:
    """Reads one configuration, each of its files once, and a hundred of them at most."""

    def __init__(self) -> None:
        self._seen: set[Path] = set()

    def read(self, file: Path) -> object:
        self._seen.add(_resolved(file))
        if len(self._seen) > FILES_CAP:
            raise InvalidError(f"{file}: more than {FILES_CAP} files are included")
        found = read_yaml(read_file(file), name=str(file))
        if not isinstance(found, Mapping) or INCLUDE not in found:
            return cast("object", found)
        whole: dict[str, Any] = dict(cast("Mapping[str, Any]", found))
        for name in _names(file, whole.pop(INCLUDE)):
            other = file.parent / name
            if _resolved(other) not in self._seen:
                _add(whole, self.read(other), str(other))
        return whole


def _resolved(file: Path) -> Path:
    try:
        return file.resolve()
    except (OSError, ValueError, RuntimeError) as error:
        raise InvalidError(f"{str(file)!r} names no file: {error}") from error


def _names(file: Path, given: object) -> list[str]:
    names = cast("list[object]", given) if isinstance(given, list) else [given]
    if not all(isinstance(name, str) and name for name in names):
        raise InvalidError(f"{file}: include is a list of files")
    return [str(name) for name in names]


def _add(whole: dict[str, Any], included: object, name: str) -> None:
    if not isinstance(included, Mapping):
        raise InvalidError(f"{name} is no mapping, and cannot be included")
    for key, value in cast("Mapping[str, Any]", included).items():
        there = whole.get(key)
        both = isinstance(there, list) and isinstance(value, list)
        whole[key] = [*cast("list[Any]", there), *cast("list[Any]", value)] if both else value


def _start_of(file: Path) -> bytes:
    with file.open("rb") as opened:
        return opened.read(BYTES_CAP + 1)
