"""Which models this engine can load, and on which machines it is the better choice."""

import importlib.util
from functools import cache
from pathlib import Path

ARCHITECTURES = frozenset({"llama", "qwen2", "qwen3"})
QUANTIZATIONS = frozenset({"Q8_0", "Q4_0", "F16"})
"""K-quants load in part only: files that fall back to other types for some tensors do not."""
_CPU_FACTS = Path("/proc/cpuinfo")
_PACKAGES = ("openvino", "openvino_genai")


def supports(architecture: str, file_format: str, quantization: str) -> bool:
    """Return whether a model of this kind loads; an empty quantization is taken as one that does."""
    known = quantization in QUANTIZATIONS or not quantization
    return file_format == "gguf" and architecture in ARCHITECTURES and known


@cache
def installed() -> bool:
    """Return whether the extra `openvino` is there, without importing it (which takes a second)."""
    return all(importlib.util.find_spec(name) for name in _PACKAGES)


@cache
def host_is_fast(facts: Path = _CPU_FACTS) -> bool:
    """Return whether this machine has AVX-512, for which OpenVINO has kernels and llama.cpp's wheel has none."""
    try:
        return "avx512f" in facts.read_text().split()
    except OSError:
        return False
