"""Weights of a Hugging Face folder: one safetensors file or many with an index, read a tensor at a time.

The format is a length, a JSON header and raw data (https://huggingface.co/docs/safetensors). It is read here because
NumPy has no bfloat16, which most models are kept in.
"""

import struct
from collections.abc import Iterable
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import Annotated

import msgspec
import numpy as np
import numpy.typing as npt

from tulou.adapters.gguf.bounds import shown
from tulou.kernel.errors import InvalidError

Array = npt.NDArray[np.float32]
METADATA = "__metadata__"
INDEX = "model.safetensors.index.json"
MAX_HEADER = 24 * 1024 * 1024
MAX_TENSORS = 200_000
"""Bytes of a header, and how many tensors it may name; the largest models have some 100,000 in all of their files."""
INDEX_CAP = 64 * 1024 * 1024
RANK_CAP = 8
SIDE_CAP = 2**40
"""Dimensions of a tensor, and how long each may be."""
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
    shape: Annotated[tuple[Annotated[int, msgspec.Meta(ge=0, le=SIDE_CAP)], ...], msgspec.Meta(max_length=RANK_CAP)]
    data_offsets: tuple[Annotated[int, msgspec.Meta(ge=0)], Annotated[int, msgspec.Meta(ge=0)]]


_HEADER = msgspec.json.Decoder(dict[str, msgspec.Raw])
_ENTRY = msgspec.json.Decoder(_Entry)


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
        if place.start == place.end:
            return np.zeros(place.shape, np.float32)
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
            names = set(_read_index(index).weight_map.values())
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            raise InvalidError(f"{INDEX} is corrupt ({error}); fetch it again", param="path") from error
        there = {file.name for file in folder.iterdir() if file.is_file() and not file.name.startswith(".")}
        if missing := sorted(names - there):
            raise InvalidError(f"{shown(missing[0])} is missing though {INDEX} names it; fetch it again", param="path")
        files = [folder / name for name in sorted(names)]
    else:
        files = sorted(folder.glob("*.safetensors"))
    if not files:
        raise InvalidError(f"{folder.name} holds no .safetensors weights; other formats are not read", param="path")
    return files


def _read_places(file: Path) -> dict[str, _Place]:
    size = file.stat().st_size
    with file.open("rb") as opened:
        head = opened.read(8)
        length = struct.unpack("<Q", head)[0] if len(head) == len(b"8 bytes!") else size
        if length > min(size - 8, MAX_HEADER):
            raise InvalidError(f"{file.name} is no safetensors file, or cut short; fetch it again", param="path")
        raw = opened.read(length)
    places = {name: _place(file, name, entry, 8 + length, size) for name, entry in _entries(file, raw).items()}
    if sum(place.end - place.start for place in places.values()) > size - 8 - length:
        raise InvalidError(f"{file.name} has tensors that overlap; it is corrupt, fetch it again", param="path")
    return places


def _entries(file: Path, header: bytes) -> dict[str, _Entry]:
    name = ""
    try:
        found = {key: raw for key, raw in _HEADER.decode(header).items() if key != METADATA}
        if len(found) > MAX_TENSORS:
            raise InvalidError(f"{file.name} names {len(found)} tensors; at most {MAX_TENSORS}", param="path")
        entries: dict[str, _Entry] = {}
        for name, raw in found.items():
            entries[name] = _ENTRY.decode(raw)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        at = f" at {shown(name)!r}" if name else ""
        raise InvalidError(f"{file.name} has a corrupt header{at} ({error}); fetch it again", param="path") from error
    return entries


class _Index(msgspec.Struct):
    weight_map: dict[str, str]


def _read_index(path: Path) -> _Index:
    """Return which file each tensor is in; raise what msgspec raises."""
    if path.stat().st_size > INDEX_CAP:
        raise InvalidError(f"{path.name} has {path.stat().st_size} bytes; at most {INDEX_CAP}", param="path")
    return msgspec.json.decode(path.read_bytes(), type=_Index)


def _place(file: Path, name: str, entry: _Entry, base: int, size: int) -> _Place:
    if entry.dtype not in SIZES:
        raise InvalidError(
            f"{file.name} holds {shown(name)} as {shown(entry.dtype)}; F32, F16 and BF16 are read: take weights "
            "not yet quantized",
            param="path",
        )
    start, end = entry.data_offsets
    if base + end > size:
        raise InvalidError(
            f"{file.name} is cut short: {size} bytes of at least {base + end}; fetch it again", param="path"
        )
    if start < 0 or end - start != prod(entry.shape) * SIZES[entry.dtype]:
        raise InvalidError(f"{file.name} gives {shown(name)} a wrong size; it is corrupt, fetch it again", param="path")
    return _Place(file, entry.dtype, entry.shape, base + start, base + end)
