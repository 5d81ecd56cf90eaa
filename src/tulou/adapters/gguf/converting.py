"""A Hugging Face folder becomes a GGUF file with 16-bit weights."""

import re
from collections.abc import Iterator
from math import pi
from pathlib import Path

import numpy as np
import numpy.typing as npt
from gguf import GGUFWriter, LlamaFileType, RopeScalingType

from tulou.adapters.gguf.hugging_face import Config, Rope, read_config
from tulou.adapters.gguf.shapes import check_shapes
from tulou.adapters.gguf.vocabulary import model_name, write_vocabulary
from tulou.adapters.gguf.weights import Array, Weights
from tulou.kernel.errors import InvalidError
from tulou.ports.converter import Progress

OUTSIDE = {
    "model.embed_tokens.weight": "token_embd.weight",
    "model.norm.weight": "output_norm.weight",
    "lm_head.weight": "output.weight",
}
INSIDE = {
    "input_layernorm": "attn_norm",
    "self_attn.q_proj": "attn_q",
    "self_attn.k_proj": "attn_k",
    "self_attn.v_proj": "attn_v",
    "self_attn.o_proj": "attn_output",
    "self_attn.q_norm": "attn_q_norm",
    "self_attn.k_norm": "attn_k_norm",
    "post_attention_layernorm": "ffn_norm",
    "mlp.gate_proj": "ffn_gate",
    "mlp.up_proj": "ffn_up",
    "mlp.down_proj": "ffn_down",
}
LAYER = re.compile(r"model\.layers\.(\d+)\.(.+)\.(weight|bias)")
FORGOTTEN = ".rotary_emb.inv_freq"  # older folders keep what can be computed
HALF_MAX = float(np.finfo(np.float16).max)
QUANTIZATION_VERSION = 2

Stored = npt.NDArray[np.float16] | npt.NDArray[np.float32]


def convert_folder(folder: Path, target: Path, progress: Progress) -> None:
    """Write the model in *folder* to *target*."""
    config = read_config(folder)
    weights = Weights(folder)
    names = _names(weights, config)
    check_shapes(names, weights, config)
    writer = GGUFWriter(target, config.architecture)
    try:
        _write_sizes(writer, config, model_name(folder))
        write_vocabulary(folder, config.vocabulary, config.chat_template, writer)
        factors = _rope_factors(config)
        if factors is not None:
            writer.add_tensor_info("rope_freqs.weight", factors.shape, factors.dtype, factors.nbytes)
        for name, theirs in names.items():
            shape, kind = weights.shape(theirs), _kind(weights.shape(theirs))
            writer.add_tensor_info(name, shape, kind, int(np.prod(shape)) * kind.itemsize)
        writer.write_header_to_file()
        writer.write_kv_data_to_file()
        writer.write_ti_data_to_file()
        if factors is not None:
            writer.write_tensor_data(factors)
        for done, tensor in enumerate(_tensors(names, weights, config), 1):
            writer.write_tensor_data(tensor)
            progress(done / len(names))
    finally:
        writer.close()


def _write_sizes(writer: GGUFWriter, config: Config, name: str) -> None:
    writer.add_name(name)
    writer.add_file_type(LlamaFileType.MOSTLY_F16)
    writer.add_quantization_version(QUANTIZATION_VERSION)
    writer.add_block_count(config.layers)
    writer.add_context_length(config.context_length)
    writer.add_embedding_length(config.width)
    writer.add_feed_forward_length(config.feed_forward)
    writer.add_head_count(config.heads)
    writer.add_head_count_kv(config.kv_heads)
    writer.add_layer_norm_rms_eps(config.norm_epsilon)
    writer.add_key_length(config.head_length)
    writer.add_value_length(config.head_length)
    writer.add_rope_dimension_count(config.head_length)
    writer.add_vocab_size(config.vocabulary)
    _write_rope(writer, config.rope)


def _write_rope(writer: GGUFWriter, rope: Rope) -> None:
    writer.add_rope_freq_base(rope.theta)
    if rope.type in ("linear", "yarn"):
        writer.add_rope_scaling_type(RopeScalingType(rope.type))
        writer.add_rope_scaling_factor(rope.factor)
        if rope.original_max_position_embeddings:
            writer.add_rope_scaling_orig_ctx_len(rope.original_max_position_embeddings)


def _rope_factors(config: Config) -> npt.NDArray[np.float32] | None:
    """Return the divisors of Llama 3's frequencies; see `_compute_llama3_parameters` in transformers."""
    rope = config.rope
    if rope.type != "llama3":
        return None
    frequencies = 1.0 / rope.theta ** (np.arange(0, config.head_length, 2, dtype=np.float64) / config.head_length)
    turns = rope.original_max_position_embeddings / (2 * pi / frequencies)
    smooth = (turns - rope.low_freq_factor) / (rope.high_freq_factor - rope.low_freq_factor)
    between = 1.0 / ((1 - smooth) / rope.factor + smooth)
    outside = np.where(turns < rope.low_freq_factor, rope.factor, 1.0)
    middle = (turns >= rope.low_freq_factor) & (turns <= rope.high_freq_factor)
    return np.where(middle, between, outside).astype(np.float32)


def _names(weights: Weights, config: Config) -> dict[str, str]:
    """Return our name -> theirs; raise `InvalidError` for weights that are unknown or missing."""
    names = {_name(theirs): theirs for theirs in weights.names() if not theirs.endswith(FORGOTTEN)}
    if config.tied:
        names.pop("output.weight", None)
    needed = {"token_embd.weight", "output_norm.weight", *([] if config.tied else ["output.weight"])}
    for layer in range(config.layers):
        needed |= {f"blk.{layer}.{part}.weight" for part in INSIDE.values() if not part.endswith(("q_norm", "k_norm"))}
    if missing := sorted(needed - names.keys()):
        raise InvalidError(
            f"{len(missing)} weights are missing, such as {missing[0]}; fetch the model again", param="path"
        )
    return names


def _name(theirs: str) -> str:
    if theirs in OUTSIDE:
        return OUTSIDE[theirs]
    found = LAYER.fullmatch(theirs)
    if found is None or found[2] not in INSIDE:
        raise InvalidError(f"weights hold {theirs}, which no known architecture has; is it an adapter?", param="path")
    return f"blk.{found[1]}.{INSIDE[found[2]]}.{found[3]}"


def _kind(shape: tuple[int, ...]) -> np.dtype[np.float16] | np.dtype[np.float32]:
    # Norms and biases are few and sensitive.
    return np.dtype(np.float32) if len(shape) == 1 else np.dtype(np.float16)


def _tensors(names: dict[str, str], weights: Weights, config: Config) -> Iterator[Stored]:
    for name, theirs in names.items():
        values = weights.read(theirs)
        if config.architecture == "llama" and (".attn_q." in name or ".attn_k." in name):
            values = _interleaved(values, config.heads if ".attn_q." in name else config.kv_heads)
        yield _stored(values, name)


def _interleaved(values: Array, heads: int) -> Array:
    """Return rows in llama.cpp's order: it turns neighbours, Hugging Face the two halves of a head."""
    halves = values.reshape(heads, 2, values.shape[0] // heads // 2, *values.shape[1:])
    return halves.swapaxes(1, 2).reshape(values.shape)


def _stored(values: Array, name: str) -> Stored:
    half = _kind(values.shape) == np.float16
    if not np.isfinite(values).all() or (half and np.abs(values).max() > HALF_MAX):
        raise InvalidError(f"{name} holds numbers that 16 bits cannot; the weights are damaged", param="path")
    return values.astype(np.float16) if half else values
