"""ggml's own quantization, from the library inside the xllamacpp wheel."""

import ctypes
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import numpy.typing as npt
from gguf import GGML_QUANT_SIZES, GGMLQuantizationType

from tulou.kernel.errors import UnavailableError


def quantize_rows(rows: npt.NDArray[np.float32], kind: GGMLQuantizationType) -> npt.NDArray[np.uint8]:
    """Return *rows* (count, length) as ggml stores them in *kind*; the length must be a multiple of its block."""
    block, size = GGML_QUANT_SIZES[kind]
    count, length = rows.shape
    values = np.ascontiguousarray(rows)
    out = np.empty((count, length // block * size), np.uint8)
    written = _library().ggml_quantize_chunk(
        int(kind),
        values.ctypes.data,
        out.ctypes.data,
        0,
        count,
        length,
        None,  # no importance matrix
    )
    if written != out.nbytes:
        raise UnavailableError(f"ggml wrote {written} bytes of {out.nbytes} for {kind.name}; use Q8_0 or Q4_0")
    return out


@cache
def _library() -> ctypes.CDLL:
    spec = find_spec("xllamacpp")
    folder = Path(spec.origin).parent if spec and spec.origin else Path()
    found = sorted(folder.glob("xllamacpp*.so")) if spec else []
    if not found:
        raise UnavailableError("K-quants need the xllamacpp package, which is not installed; use Q8_0 or Q4_0")
    library = ctypes.CDLL(str(found[0]))
    pointer, count = ctypes.c_void_p, ctypes.c_int64
    library.ggml_quantize_chunk.argtypes = [ctypes.c_int, pointer, pointer, count, count, count, pointer]
    library.ggml_quantize_chunk.restype = ctypes.c_size_t
    return library
