"""How much room this machine has for one more worker, and which engines can run on it."""

import os
from importlib.util import find_spec
from pathlib import Path

import psutil

from tulou.ports.launcher import WorkerRoom

_GROUP = Path("/sys/fs/cgroup")
_CPU = Path("/proc/cpuinfo")
_PACKAGES = {
    "llamacpp": "xllamacpp",
    "openvino": "openvino_genai",
    "onnx": "onnxruntime",
}


def measure_room() -> WorkerRoom:
    """Return free memory (of the machine, or of the control group if that is less), cores, engines and features."""
    return WorkerRoom(
        memory=min([psutil.virtual_memory().available, *_group_memory()]),
        cores=cores(),
        engines=tuple(engine for engine, package in _PACKAGES.items() if find_spec(package)),
        features=_features(),
    )


def cores() -> int:
    """Return how many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _group_memory() -> list[int]:
    try:
        limit = int((_GROUP / "memory.max").read_text())
        return [max(0, limit - int((_GROUP / "memory.current").read_text()))]
    except (OSError, ValueError):  # no such group, or "max"
        return []


def _features() -> tuple[str, ...]:
    try:
        flags = next(line for line in _CPU.read_text().splitlines() if line.startswith("flags"))
    except (OSError, StopIteration):
        return ()
    return tuple(sorted(set(flags.split()) & {"avx2", "avx512f", "avx512_vnni", "avx512_bf16", "amx_int8", "amx_bf16"}))
