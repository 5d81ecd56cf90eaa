"""What an architecture does in its attention besides the usual, as `config.json` says it."""

from math import sqrt

import msgspec

from tulou.adapters.gguf.architectures import Architecture
from tulou.adapters.gguf.bounds import Length, Real, shown
from tulou.kernel.errors import InvalidError

FULL, SLIDING = "full_attention", "sliding_attention"
LOCAL_THETA = 10_000.0
"""Of the layers of Gemma 3 that see a window alone; llama.cpp takes it from the file."""


class AttentionConfig(msgspec.Struct, kw_only=True):
    """The fields that some architectures have, as they are written."""

    query_pre_attn_scalar: Real | None = None
    attn_logit_softcapping: Real | None = None
    final_logit_softcapping: Real | None = None
    sliding_window: Length | None = None
    use_sliding_window: bool = True
    layer_types: list[str] | None = None
    sliding_window_pattern: int | None = None
    rope_local_base_freq: Real | None = None
    use_bidirectional_attention: bool | None = None
    hidden_act: str | None = None
    hidden_activation: str | None = None


class Attention(msgspec.Struct, frozen=True, kw_only=True):
    """What is written: 0 where an architecture has none; queries are multiplied by `query_scale`."""

    window: int = 0
    local_theta: float = 0.0
    cap: float = 0.0
    final_cap: float = 0.0
    query_scale: float = 1.0


def attention_of(given: AttentionConfig, kind: Architecture, *, layers: int, head: int, width: int) -> Attention:
    """Return it; raise `InvalidError` for what llama.cpp does otherwise. *width* is the model's over its heads."""
    activation = given.hidden_activation or given.hidden_act or kind.activation
    if activation != kind.activation:
        raise _other(f"the activation {shown(activation)}", kind, kind.activation)
    window = (given.sliding_window or 0) if given.use_sliding_window else 0
    if not kind.window_every:
        return Attention(window=window)
    _check_layers(given, kind, layers)
    if given.use_bidirectional_attention:
        raise _other("attention to both sides", kind, "attention to what came before")
    if kind.caps_attention != (given.attn_logit_softcapping is not None):
        raise _other(f"attn_logit_softcapping {given.attn_logit_softcapping}", kind, "the maker's way")
    divisor = width if layers == kind.large else head
    return Attention(
        window=window,
        local_theta=(given.rope_local_base_freq or LOCAL_THETA) if not kind.caps_attention else 0.0,
        cap=given.attn_logit_softcapping or 0.0,
        final_cap=given.final_logit_softcapping or 0.0,
        query_scale=sqrt(divisor / (given.query_pre_attn_scalar or divisor)),
    )


def _check_layers(given: AttentionConfig, kind: Architecture, layers: int) -> None:
    every = kind.window_every
    expected = [SLIDING if (layer + 1) % every else FULL for layer in range(layers)]
    if (given.layer_types or expected) != expected or (given.sliding_window_pattern or every) != every:
        raise _other("layers that see a window in another order", kind, f"one that sees all in {every}")


def _other(what: str, kind: Architecture, usual: str) -> InvalidError:
    return InvalidError(
        f"config.json asks for {what}; llama.cpp has {usual} for {kind.name}: import a GGUF of this model", param="path"
    )
