"""The architectures that can be converted, by the name that `config.json` has for them.

Names of tensors are those of `gguf-py/gguf/tensor_mapping.py` in llama.cpp.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from tulou.adapters.gguf.bounds import shown

_OUTSIDE = {
    "model.embed_tokens": "token_embd",
    "model.norm": "output_norm",
    "lm_head": "output",
}
_ATTENTION = {
    "input_layernorm": "attn_norm",
    "self_attn.q_proj": "attn_q",
    "self_attn.k_proj": "attn_k",
    "self_attn.v_proj": "attn_v",
    "self_attn.o_proj": "attn_output",
}
_FORWARD = {"mlp.gate_proj": "ffn_gate", "mlp.up_proj": "ffn_up", "mlp.down_proj": "ffn_down"}
_HEAD_NORMS = {"self_attn.q_norm": "attn_q_norm", "self_attn.k_norm": "attn_k_norm"}
_LLAMA = {**_ATTENTION, "post_attention_layernorm": "ffn_norm", **_FORWARD}
_GEMMA = {
    **_ATTENTION,
    "post_attention_layernorm": "post_attention_norm",
    "pre_feedforward_layernorm": "ffn_norm",
    "post_feedforward_layernorm": "post_ffw_norm",
    **_FORWARD,
}
_PHI = {
    "input_layernorm": "attn_norm",
    "self_attn.qkv_proj": "attn_qkv",
    "self_attn.o_proj": "attn_output",
    "post_attention_layernorm": "ffn_norm",
    "mlp.gate_up_proj": "ffn_up",
    "mlp.down_proj": "ffn_down",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Architecture:
    """What llama.cpp calls it, and what differs from one to the other.

    `inside` names the tensors of a layer, theirs -> ours; all must be there. `interleaves` says that queries and keys
    are stored in another order, `norms_less_one` that norms are stored less 1. `window_every` is how many layers there
    are to one that sees the whole context, 0 where all do, and `large` the number of layers of the one size whose
    attention llama.cpp scales by the width of the model and not of a head. `theta` is the base of its rope if unsaid.
    """

    name: str
    inside: Mapping[str, str]
    activation: str = "silu"
    interleaves: bool = False
    norms_less_one: bool = False
    tied: bool = False
    window_every: int = 0
    caps_attention: bool = False
    large: int = 0
    theta: float = 10_000.0
    outside: Mapping[str, str] = field(default_factory=lambda: _OUTSIDE)


_LIKE_LLAMA = Architecture(name="llama", inside=_LLAMA, interleaves=True)
_GELU = "gelu_pytorch_tanh"

ARCHITECTURES: Mapping[str, Architecture] = {
    "LlamaForCausalLM": _LIKE_LLAMA,
    "MistralForCausalLM": _LIKE_LLAMA,
    "Qwen2ForCausalLM": Architecture(name="qwen2", inside=_LLAMA),
    "Qwen3ForCausalLM": Architecture(name="qwen3", inside={**_LLAMA, **_HEAD_NORMS}),
    "Gemma2ForCausalLM": Architecture(
        name="gemma2",
        inside=_GEMMA,
        activation=_GELU,
        norms_less_one=True,
        tied=True,
        window_every=2,
        caps_attention=True,
        large=46,
    ),
    "Gemma3ForCausalLM": Architecture(
        name="gemma3",
        inside={**_GEMMA, **_HEAD_NORMS},
        activation=_GELU,
        norms_less_one=True,
        window_every=6,
        large=62,
        theta=1_000_000.0,
    ),
    "Phi3ForCausalLM": Architecture(name="phi3", inside=_PHI),
}


def refusal_of(named: object) -> str:
    """Return why an architecture cannot be converted, and what to do instead."""
    known = ", ".join(ARCHITECTURES)
    return f"{shown(named)} cannot be converted; {known} can: import a GGUF of this model"
