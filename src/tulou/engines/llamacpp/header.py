"""The facts at the head of a GGUF file, read without its weights.

Layout: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md (version 3, little-endian).
"""

import struct
from collections.abc import Mapping
from pathlib import Path
from typing import BinaryIO

from tulou.kernel.errors import InvalidError

Value = int | float | bool | str

_SCALARS = {0: "<B", 1: "<b", 2: "<H", 3: "<h", 4: "<I", 5: "<i", 6: "<f", 7: "<?", 10: "<Q", 11: "<q", 12: "<d"}
_STRING = 8
_ARRAY = 9
_LONGEST = 1 << 26
"""No single text or count in a sound file comes near this; a larger one means that the file is damaged."""


TOKENS = "tokenizer.ggml.tokens"
LONGEST_TOKEN = f"{TOKENS}.longest"
"""What is told of the tokenizer in place of all its tokens: the bytes of the longest."""


def read_header(path: Path) -> Mapping[str, Value]:
    """Return the file's metadata without its arrays; raise `InvalidError` naming the file when it is damaged."""
    try:
        with path.open("rb") as file:
            return _metadata(file)
    except (struct.error, UnicodeDecodeError, KeyError, ValueError) as error:
        raise InvalidError(f"{path.name}: not a sound GGUF file ({error}); import it again") from error
    except OSError as error:
        raise InvalidError(f"{path.name}: cannot be read ({error.strerror})") from error


def _metadata(file: BinaryIO) -> Mapping[str, Value]:
    magic, version, _tensors, count = struct.unpack("<4sIQQ", file.read(24))
    if magic != b"GGUF" or version not in {2, 3}:
        raise ValueError(f"it begins with {magic!r}, version {version}")
    facts: dict[str, Value] = {}
    for _ in range(_bounded(count)):
        name = _text(file)
        kind = _scalar(file, "<I")
        value = _value(file, kind)
        if name == TOKENS and isinstance(value, int):
            facts[LONGEST_TOKEN] = value
        elif value is not None and kind != _ARRAY:
            facts[name] = value
    return facts


def _value(file: BinaryIO, kind: object) -> Value | None:
    if kind == _STRING:
        return _text(file)
    if kind == _ARRAY:
        return _skip_array(file)
    return _scalar(file, _SCALARS[int(str(kind))])


def _skip_array(file: BinaryIO) -> int | None:
    """Pass over an array; return the bytes of its longest text if it is of texts."""
    kind, count = struct.unpack("<IQ", file.read(12))
    if kind == _STRING:
        longest = 0
        for _ in range(_bounded(count)):
            size = _bounded(struct.unpack("<Q", file.read(8))[0])
            longest = max(longest, size)
            file.seek(size, 1)
        return longest
    if kind == _ARRAY:
        raise ValueError("it holds arrays of arrays")
    file.seek(_bounded(count) * struct.calcsize(_SCALARS[kind]), 1)
    return None


def _text(file: BinaryIO) -> str:
    length = _bounded(struct.unpack("<Q", file.read(8))[0])
    return struct.unpack(f"{length}s", file.read(length))[0].decode()


def _scalar(file: BinaryIO, layout: str) -> Value:
    return struct.unpack(layout, file.read(struct.calcsize(layout)))[0]


def _bounded(count: int) -> int:
    if count > _LONGEST:
        raise ValueError(f"it speaks of {count} entries")
    return count
