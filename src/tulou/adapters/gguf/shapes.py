"""Which shapes the tensors of a model have: those that its configuration says."""

from collections.abc import Mapping

from tulou.adapters.gguf.hugging_face import Config
from tulou.adapters.gguf.weights import Weights
from tulou.kernel.errors import InvalidError

Shape = tuple[int, ...]
EMBEDDING = "model.embed_tokens.weight"


def check_shapes(names: Mapping[str, str], weights: Weights, config: Config) -> None:
    """Raise `InvalidError` for the first tensor (by our name -> theirs) that is not of the shape it must have."""
    expected = _expected(config)
    for name, theirs in names.items():
        parts = name.split(".")
        part = ".".join(parts[2:]) if parts[0] == "blk" else name
        shape, given = expected.get(part), weights.shape(theirs)
        if shape is not None and shape != given:
            raise InvalidError(
                f"weights give {theirs} the shape {list(given)}, config.json says {list(shape)}; "
                "they do not belong together, or are corrupt: fetch the model again",
                param="path",
            )


def check_vocabulary_size(weights: Weights, config: Config) -> None:
    """Raise `InvalidError` unless the weights have as many tokens as the configuration: before any is written."""
    check_shapes({"token_embd.weight": EMBEDDING} if EMBEDDING in weights.names() else {}, weights, config)


def _expected(config: Config) -> Mapping[str, Shape]:
    width, forward = config.width, config.feed_forward
    queries, keys = config.heads * config.head_length, config.kv_heads * config.head_length
    qkv, both = queries + 2 * keys, 2 * forward
    return {
        "token_embd.weight": (config.vocabulary, width),
        "output.weight": (config.vocabulary, width),
        "output_norm.weight": (width,),
        "attn_norm.weight": (width,),
        "ffn_norm.weight": (width,),
        "attn_q.weight": (queries, width),
        "attn_k.weight": (keys, width),
        "attn_v.weight": (keys, width),
        "attn_q.bias": (queries,),
        "attn_k.bias": (keys,),
        "attn_v.bias": (keys,),
        "attn_output.weight": (width, queries),
        "attn_q_norm.weight": (config.head_length,),
        "attn_k_norm.weight": (config.head_length,),
        "ffn_gate.weight": (forward, width),
        "attn_qkv.weight": (qkv, width),
        "post_attention_norm.weight": (width,),
        "post_ffw_norm.weight": (width,),
        "ffn_up.weight": (both if config.kind.name == "phi3" else forward, width),
        "ffn_down.weight": (width, forward),
    }
