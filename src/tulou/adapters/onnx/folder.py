"""The JSON files of an encoder's folder, none of which is large."""

from pathlib import Path
from typing import TypeVar

import msgspec

from tulou.kernel.errors import InvalidError

T = TypeVar("T")
CAP = 4 * 1024 * 1024


def read_json(path: Path, kind: type[T]) -> T:
    """Return what a file says; raise `InvalidError` if it says something else, and what the system raises."""
    if path.stat().st_size > CAP:
        raise InvalidError(f"{path.name} has {path.stat().st_size} bytes; at most {CAP}", param="path")
    try:
        return msgspec.json.decode(path.read_bytes(), type=kind)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise InvalidError(f"{path.name}: {error}; it is corrupt or of a newer kind", param="path") from error
    except RecursionError as error:
        raise InvalidError(f"{path.name} is nested too deeply; fetch it again", param="path") from error
