"""How positions are turned, as `config.json` says it and as GGUF does."""

from math import log, pi, sqrt
from typing import Annotated, cast

import msgspec
import numpy as np
import numpy.typing as npt
from gguf import GGUFWriter, RopeScalingType

from tulou.adapters.gguf.attention import FULL, SLIDING
from tulou.adapters.gguf.bounds import Length, Real, shown
from tulou.kernel.errors import InvalidError

Factors = Annotated[list[Real], msgspec.Meta(max_length=4096)]
Array = npt.NDArray[np.float32]
KNOWN = ("default", "linear", "yarn", "llama3", "longrope")
_OLDER = {"su": "longrope"}
_STRETCHED = ("llama3", "longrope")
"""Kinds whose frequencies are computed from the length of the older context."""
_SHORTEST = 2


class Rope(msgspec.Struct, frozen=True, kw_only=True):
    """`type` is one of `KNOWN`, each with the numbers it takes; `share` is the part of a head that is turned."""

    theta: Real = 10_000.0
    type: str = "default"
    factor: Real = 1.0
    low_freq_factor: Real = 1.0
    high_freq_factor: Real = 4.0
    original_max_position_embeddings: Length = 0
    short_factor: Factors = []
    long_factor: Factors = []
    attention_factor: Real | None = None
    partial_rotary_factor: Annotated[float, msgspec.Meta(gt=0, le=1)] = 1.0
    local_theta: Annotated[float, msgspec.Meta(ge=0, le=1e30)] = 0.0


class RopeConfig(msgspec.Struct, kw_only=True):
    """The fields of `config.json`, in older and newer folders."""

    rope_theta: Real | None = None
    rope_scaling: dict[str, object] | None = None
    rope_parameters: dict[str, object] | None = None
    partial_rotary_factor: float | None = None
    original_max_position_embeddings: Length | None = None


def rope_of(raw: RopeConfig, *, theta: float) -> Rope:
    """Return the rope, *theta* if none is said; raise `InvalidError` for an unknown kind, or what msgspec raises."""
    parameters, local = _parameters(raw)
    given = {**(raw.rope_scaling or {}), **parameters}
    base = given.pop("rope_theta", None) or raw.rope_theta or theta
    kind = str(given.pop("rope_type", None) or given.pop("type", None) or "default")
    kind = _OLDER.get(kind, kind)
    if kind not in KNOWN:
        raise InvalidError(f"config.json asks for rope {shown(kind)!r}; {', '.join(KNOWN)} are known", param="path")
    for name in ("partial_rotary_factor", "original_max_position_embeddings"):
        if given.get(name) is None and getattr(raw, name) is not None:
            given[name] = getattr(raw, name)
    given = {name: value for name, value in given.items() if value is not None}
    rope = msgspec.convert({**given, "theta": base, "type": kind, "local_theta": local}, Rope)
    if rope.high_freq_factor <= rope.low_freq_factor:
        raise InvalidError("config.json: high_freq_factor of the rope is not above low_freq_factor", param="path")
    _check_original(rope, said="original_max_position_embeddings" in given)
    return rope


def _check_original(rope: Rope, *, said: bool) -> None:
    """Raise `InvalidError` for a rope that is stretched from a context without a length."""
    needed = rope.type in _STRETCHED or (said and rope.type != "default")
    if needed and rope.original_max_position_embeddings < _SHORTEST:
        now = rope.original_max_position_embeddings if said else "missing"
        raise InvalidError(
            f"config.json: original_max_position_embeddings is {now}; a rope of the kind {rope.type} is stretched from "
            f"a context of at least {_SHORTEST} tokens: set it to the length that the model was trained with",
            param="path",
        )


def _parameters(raw: RopeConfig) -> tuple[dict[str, object], object]:
    """Return the parameters of the layers that see all, and the theta of those that see a window (0 if unsaid)."""
    given = raw.rope_parameters or {}
    inner, local = given.get(FULL), given.get(SLIDING)
    if not isinstance(inner, dict):
        return dict(given), 0.0
    theta = cast("dict[str, object]", local).get("rope_theta") if isinstance(local, dict) else None
    return dict(cast("dict[str, object]", inner)), 0.0 if theta is None else theta


def write_rope(writer: GGUFWriter, rope: Rope, *, head: int, context: int) -> None:
    """Add the fields of a rope."""
    writer.add_rope_dimension_count(int(head * rope.partial_rotary_factor))
    writer.add_rope_freq_base(rope.theta)
    original = rope.original_max_position_embeddings
    if rope.type in ("linear", "yarn"):
        writer.add_rope_scaling_type(RopeScalingType(rope.type))
        writer.add_rope_scaling_factor(rope.factor)
    if rope.type in ("linear", "yarn", "longrope") and original:
        writer.add_rope_scaling_orig_ctx_len(original)
    if rope.type == "longrope":
        writer.add_rope_scaling_attn_factors(_attention_factor(rope, context))


def rope_tensors(rope: Rope, *, head: int) -> dict[str, Array]:
    """Return the divisors of frequencies by name, if the kind has any; raise `InvalidError` for a wrong number."""
    if rope.type == "llama3":
        return {"rope_freqs.weight": _llama3_factors(rope, head)}
    if rope.type != "longrope":
        return {}
    half = int(head * rope.partial_rotary_factor) // 2
    if len(rope.short_factor) != half or len(rope.long_factor) != half:
        raise InvalidError(
            f"config.json: a rope of the kind longrope has {half} long and short factors here; it has "
            f"{len(rope.long_factor)} and {len(rope.short_factor)}",
            param="path",
        )
    return {
        "rope_factors_long.weight": np.array(rope.long_factor, np.float32),
        "rope_factors_short.weight": np.array(rope.short_factor, np.float32),
    }


def _attention_factor(rope: Rope, context: int) -> float:
    """See `_compute_longrope_parameters` in transformers."""
    grown = context / rope.original_max_position_embeddings
    usual = sqrt(1 + log(grown) / log(rope.original_max_position_embeddings)) if grown > 1 else 1.0
    return rope.attention_factor or usual


def _llama3_factors(rope: Rope, head: int) -> Array:
    """See `_compute_llama3_parameters` in transformers."""
    frequencies = 1.0 / rope.theta ** (np.arange(0, head, 2, dtype=np.float64) / head)
    turns = rope.original_max_position_embeddings / (2 * pi / frequencies)
    smooth = (turns - rope.low_freq_factor) / (rope.high_freq_factor - rope.low_freq_factor)
    between = 1.0 / ((1 - smooth) / rope.factor + smooth)
    outside = np.where(turns < rope.low_freq_factor, rope.factor, 1.0)
    middle = (turns >= rope.low_freq_factor) & (turns <= rope.high_freq_factor)
    return np.where(middle, between, outside).astype(np.float32)
