"""Say before loading whether a model and its context fit into memory: llama.cpp itself only gives up, or is killed."""

from collections.abc import Mapping
from pathlib import Path

import psutil

from tulou.engines.llamacpp.header import Value
from tulou.kernel.errors import UnavailableError

_F16 = 2
_MIB = 1 << 20
_CGROUP = Path("/sys/fs/cgroup")


def check_memory(path: Path, facts: Mapping[str, Value], *, cells: int) -> None:
    """Raise `UnavailableError` when the weights and `cells` cells of key-value cache exceed what is free."""
    needed = path.stat().st_size + cells * cell_bytes(facts)
    free = free_bytes()
    if needed > free:
        raise UnavailableError(
            f"{path.name}: weights and a context of {cells} tokens in all need about {needed // _MIB} MiB, "
            f"{free // _MIB} MiB are free; lower context_length or concurrency, or choose a smaller quantization"
        )


def cell_bytes(facts: Mapping[str, Value]) -> int:
    """Return the bytes of one token's keys and values over all layers, in half precision."""
    width = _number(facts, "embedding_length")
    heads = max(1, _number(facts, "attention.head_count"))
    kv_heads = _number(facts, "attention.head_count_kv") or heads
    keys = _number(facts, "attention.key_length") or width // heads
    values = _number(facts, "attention.value_length") or width // heads
    return _number(facts, "block_count") * kv_heads * (keys + values) * _F16


def free_bytes() -> int:
    """Return what this process may still take: the machine's free memory, or less in a limited control group."""
    free = psutil.virtual_memory().available
    try:
        limit = int((_CGROUP / "memory.max").read_text())
        used = int((_CGROUP / "memory.current").read_text())
    except (OSError, ValueError):  # no such group, or "max"
        return free
    return min(free, max(0, limit - used))


def _number(facts: Mapping[str, Value], name: str) -> int:
    """Return a figure of this architecture; 0 where the file keeps one for each layer, or none."""
    value = facts.get(f"{facts.get('general.architecture', '')}.{name}", 0)
    return value if isinstance(value, int) else 0
