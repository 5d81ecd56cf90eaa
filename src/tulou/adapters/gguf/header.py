"""The head of a GGUF file, read with suspicion: every length is checked against what the file holds.

The layout is that of https://github.com/ggml-org/ggml/blob/master/docs/gguf.md. The `gguf` package has a reader too,
but it trusts lengths and makes an object of every token: seconds and a gigabyte for a large vocabulary.
"""

import mmap
import struct
from dataclasses import dataclass
from math import prod
from pathlib import Path

from gguf import GGML_QUANT_SIZES, GGMLQuantizationType

from tulou.adapters.gguf.bounds import shown
from tulou.kernel.errors import InvalidError

MAGIC = b"GGUF"
VERSIONS = (2, 3)
STRING, ARRAY = 8, 9
SCALARS = {0: "<B", 1: "<b", 2: "<H", 3: "<h", 4: "<I", 5: "<i", 6: "<f", 7: "<?", 10: "<Q", 11: "<q", 12: "<d"}
MAX_FIELDS = 10_000
MAX_TENSORS = 200_000
MAX_DIMENSIONS = 4
MAX_NESTING = 2
_LEAST = 8
"""Bytes that an item of an array takes at least, if it has a length of its own."""
MAX_HEAD = 128 * 1024 * 1024
"""Bytes before the data; the largest vocabularies that are published take some 10 MB."""
MAX_TEXT = 4 * 1024 * 1024
MAX_NAME = 64 * 1024
"""Bytes of a text, such as a chat template, and of the name of a field or a tensor."""


@dataclass(frozen=True, slots=True)
class ArrayLength:
    """An array that was passed over: how many items it has."""

    count: int


@dataclass(frozen=True, slots=True)
class Tensor:
    """One tensor: `shape` as GGUF has it (row length first), `offset` into the data part, `size` in bytes."""

    name: str
    shape: tuple[int, ...]
    kind: GGMLQuantizationType
    offset: int
    size: int


@dataclass(frozen=True, slots=True)
class Header:
    """All that comes before the data; `fields_end` is where all fields end.

    `spans` says where each field begins and ends, its name and type included; `places` where its value begins.
    """

    fields: dict[str, object]
    spans: dict[str, tuple[int, int]]
    places: dict[str, int]
    fields_end: int
    tensors: tuple[Tensor, ...]
    alignment: int
    data_start: int

    def text(self, key: str) -> str:
        """Return a text field, or an empty text."""
        value = self.fields.get(key)
        return value if isinstance(value, str) else ""

    def number(self, key: str) -> int:
        """Return an integer field, or 0."""
        value = self.fields.get(key)
        return value if isinstance(value, int) else 0

    def count(self, key: str) -> int:
        """Return the length of an array field, or 0."""
        value = self.fields.get(key)
        return value.count if isinstance(value, ArrayLength) else 0


def read_header(path: Path) -> Header:
    """Return the header of a GGUF file; raise `InvalidError` if it is none, or not whole."""
    try:
        with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            return _Reader(data, path.name).header()
    except FileNotFoundError as error:
        raise InvalidError(f"no model file at {path}; check the path", param="path") from error
    except (OSError, ValueError) as error:
        raise InvalidError(f"{path.name} is no readable GGUF file: {error}; fetch it again", param="path") from error


class _Reader:
    def __init__(self, data: mmap.mmap, name: str) -> None:
        self._data = data
        self._name = name
        self._at = 0

    def header(self) -> Header:
        if self._take(4) != MAGIC:
            raise self._bad("does not begin with GGUF; it is another format or corrupt")
        version = self._number("<I")
        if version not in VERSIONS:
            raise self._bad(f"is GGUF version {version}; versions 2 and 3 can be read")
        tensor_count, field_count = self._number("<Q"), self._number("<Q")
        if tensor_count > MAX_TENSORS or field_count > MAX_FIELDS:
            raise self._bad(f"claims {tensor_count} tensors and {field_count} fields; it is corrupt")
        fields, spans, places = self._fields(field_count)
        fields_end = self._at
        alignment = fields.get("general.alignment", 32)
        if not isinstance(alignment, int) or alignment <= 0 or alignment & (alignment - 1):
            raise self._bad(f"has the alignment {shown(alignment)}, which is no power of two; it is corrupt")
        tensors = tuple(self._tensor() for _ in range(tensor_count))
        data_start = -(-self._at // alignment) * alignment
        self._check_whole(tensors, data_start)
        return Header(fields, spans, places, fields_end, tensors, alignment, data_start)

    def _fields(self, count: int) -> tuple[dict[str, object], dict[str, tuple[int, int]], dict[str, int]]:
        fields: dict[str, object] = {}
        spans: dict[str, tuple[int, int]] = {}
        places: dict[str, int] = {}
        for _ in range(count):
            start = self._at
            key = self._string(MAX_NAME)
            if key in fields:
                raise self._bad(f"has the field {key[:80]!r} twice; it is corrupt")
            kind = self._number("<I")
            places[key] = self._at
            fields[key] = self._value(kind, MAX_NESTING)
            spans[key] = (start, self._at)
        return fields, spans, places

    def _value(self, kind: int, nesting: int) -> object:
        if kind == STRING:
            return self._string(MAX_TEXT)
        if kind == ARRAY and nesting:
            return self._array(nesting)
        if kind not in SCALARS:
            raise self._bad(f"has a field of the unknown type {kind}; it is corrupt")
        return self._scalar(SCALARS[kind])

    def _array(self, nesting: int) -> ArrayLength:
        kind, count = self._number("<I"), self._number("<Q")
        if kind in SCALARS:
            self._skip(count * struct.calcsize(SCALARS[kind]))
        elif count > min(len(self._data), MAX_HEAD) // _LEAST:
            raise self._bad(f"claims an array of {count} items; it is corrupt")
        elif kind == STRING:
            for _ in range(count):
                self._skip(self._number("<Q"))
        else:
            for _ in range(count):
                self._value(kind, nesting - 1)
        return ArrayLength(count)

    def _tensor(self) -> Tensor:
        name, dimensions = self._string(MAX_NAME), self._number("<I")
        if not 1 <= dimensions <= MAX_DIMENSIONS:
            raise self._bad(f"has {dimensions} dimensions for {name[:80]!r}; it is corrupt")
        shape = tuple(self._number("<Q") for _ in range(dimensions))
        raw, offset = self._number("<I"), self._number("<Q")
        try:
            kind = GGMLQuantizationType(raw)
        except ValueError:
            raise self._bad(f"holds {name[:80]!r} in the unknown type {raw}; convert it anew") from None
        block, size = GGML_QUANT_SIZES[kind]
        return Tensor(name, shape, kind, offset, prod(shape) // block * size)

    def _check_whole(self, tensors: tuple[Tensor, ...], data_start: int) -> None:
        if not tensors:
            raise self._bad("holds no weights; it is a vocabulary only, or corrupt")
        needed = data_start + max(tensor.offset + tensor.size for tensor in tensors)
        if needed > len(self._data):
            raise self._bad(f"is cut short: {len(self._data)} bytes of {needed}; fetch it again")

    def _scalar(self, form: str) -> object:
        return struct.unpack(form, self._take(struct.calcsize(form)))[0]

    def _number(self, form: str) -> int:
        return int(struct.unpack(form, self._take(struct.calcsize(form)))[0])

    def _string(self, most: int) -> str:
        length = self._number("<Q")
        start = self._skip(length)
        if length > most:
            raise self._bad(f"has a text of {length} bytes in its head, at most {most} are read; it is corrupt")
        return self._data[start : self._at].decode("utf-8", errors="replace")

    def _take(self, count: int) -> bytes:
        start = self._skip(count)
        return self._data[start : self._at]

    def _skip(self, count: int) -> int:
        """Pass over so many bytes; return where they begin."""
        start, end = self._at, self._at + count
        if end > len(self._data):
            raise self._bad(f"is cut short or corrupt: its header ends at byte {len(self._data)}; fetch it again")
        if end > MAX_HEAD:
            raise self._bad(f"has a head of more than {MAX_HEAD} bytes; it is corrupt")
        self._at = end
        return start

    def _bad(self, why: str) -> InvalidError:
        return InvalidError(f"{self._name} {why}", param="path")
