"""Weights of a Hugging Face folder: one safetensors file or many with an index, read a tensor at a time.

The format is a length, a JSON header and raw data (https://huggingface.co/docs/safetensors). It is read here because
NumPy has no bfloat16, which most models are kept in.
"""

import json
import struct
from collections.abc import Iterable
from dataclasses import dataclass
from math import prod
from pathlib import Path

import msgspec
import numpy as np
import numpy.typing as npt

from tulou.kernel.errors import InvalidError

Array = npt.NDArray[np.float32]
INDEX = "model.safetensors.index.json"
MAX_HEADER = 100_000_000
SIZES = {"F32": 4, "F16": 2, "BF16": 2}


@dataclass(frozen=True, slots=True)
class _Place:
    file: Path
    kind: str
    shape: tuple[int, ...]
    start: int
    end: int


class _Entry(msgspec.Struct):
    dtype: str
    shape: tuple[int, ...]
    data_offsets: tuple[int, int]


class Weights:
    """All tensors of a folder by name; raises `InvalidError` for files that are missing, corrupt or cut short."""

    def __init__(self, folder: Path) -> None:
        self._places: dict[str, _Place] = {}
        for file in _files(folder):
            self._places.update(_read_places(file))

    def names(self) -> Iterable[str]:
        """Return the names of all tensors."""
        return self._places.keys()

    def kind(self, name: str) -> str:
        """Return F32, F16 or BF16."""
        return self._places[name].kind

    def shape(self, name: str) -> tuple[int, ...]:
        """Return the shape of a tensor."""
        return self._places[name].shape

    def read(self, name: str) -> Array:
        """Return a tensor as float32."""
        place = self._places[name]
        raw = np.memmap(place.file, np.uint8, "r", place.start, (place.end - place.start,))
        match place.kind:
            case "F32":
                values = np.array(raw.view("<f4"))
            case "F16":
                values = raw.view("<f2").astype(np.float32)
            case _:  # bfloat16 is the upper half of float32
                values = (raw.view("<u2").astype(np.uint32) << 16).view(np.float32)
        return values.reshape(place.shape)


def _files(folder: Path) -> list[Path]:
    index = folder / INDEX
    if index.is_file():
        try:
            names = set(json.loads(index.read_bytes())["weight_map"].values())
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise InvalidError(f"{INDEX} is corrupt ({error}); fetch it again", param="path") from error
        files = [folder / Path(str(name)).name for name in sorted(names)]
    else:
        files = sorted(folder.glob("*.safetensors"))
    if not files:
        raise InvalidError(f"{folder.name} holds no .safetensors weights; other formats are not read", param="path")
    for file in files:
        if not file.is_file():
            raise InvalidError(f"{file.name} is missing though {INDEX} names it; fetch it again", param="path")
    return files


def _read_places(file: Path) -> dict[str, _Place]:
    size = file.stat().st_size
    with file.open("rb") as opened:
        head = opened.read(8)
        length = struct.unpack("<Q", head)[0] if len(head) == len(b"8 bytes!") else size
        if length > min(size - 8, MAX_HEADER):
            raise InvalidError(f"{file.name} is no safetensors file, or cut short; fetch it again", param="path")
        raw = opened.read(length)
    try:
        entries = json.loads(raw)
        entries.pop("__metadata__", None)
        found = msgspec.convert(entries, dict[str, _Entry])
    except (ValueError, AttributeError, msgspec.ValidationError) as error:
        raise InvalidError(f"{file.name} has a corrupt header ({error}); fetch it again", param="path") from error
    return {name: _place(file, name, entry, 8 + length, size) for name, entry in found.items()}


def _place(file: Path, name: str, entry: _Entry, base: int, size: int) -> _Place:
    if entry.dtype not in SIZES:
        raise InvalidError(
            f"{file.name} holds {name} as {entry.dtype}; F32, F16 and BF16 are read: take weights not yet quantized",
            param="path",
        )
    start, end = entry.data_offsets
    if base + end > size:
        raise InvalidError(
            f"{file.name} is cut short: {size} bytes of at least {base + end}; fetch it again", param="path"
        )
    if start < 0 or end - start != prod(entry.shape) * SIZES[entry.dtype]:
        raise InvalidError(f"{file.name} gives {name} a wrong size; it is corrupt, fetch it again", param="path")
    return _Place(file, entry.dtype, entry.shape, base + start, base + end)
