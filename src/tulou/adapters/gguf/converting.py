"""A Hugging Face folder becomes a GGUF file with 16-bit weights."""

import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
from gguf import GGUFWriter, LlamaFileType

from tulou.adapters.gguf.bounds import shown
from tulou.adapters.gguf.hugging_face import Config, read_config
from tulou.adapters.gguf.rope import rope_tensors, write_rope
from tulou.adapters.gguf.shapes import check_shapes
from tulou.adapters.gguf.vocabulary import model_name, write_vocabulary
from tulou.adapters.gguf.weights import Array, Weights
from tulou.kernel.errors import InvalidError
from tulou.ports.converter import Progress

LAYER = re.compile(r"model\.layers\.([0-9]{1,5})\.(.+)\.(weight|bias)")
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
    writer = GGUFWriter(target, config.kind.name)
    try:
        _write_sizes(writer, config, model_name(folder))
        write_vocabulary(folder, config.vocabulary, config.chat_template, writer)
        factors = rope_tensors(config.rope, head=config.head_length)
        for name, values in factors.items():
            writer.add_tensor_info(name, values.shape, values.dtype, values.nbytes)
        for name, theirs in names.items():
            shape, kind = weights.shape(theirs), _kind(weights.shape(theirs))
            writer.add_tensor_info(name, shape, kind, int(np.prod(shape)) * kind.itemsize)
        writer.write_header_to_file()
        writer.write_kv_data_to_file()
        writer.write_ti_data_to_file()
        for values in factors.values():
            writer.write_tensor_data(values)
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
    writer.add_vocab_size(config.vocabulary)
    write_rope(writer, config.rope, head=config.head_length, context=config.context_length)
    _write_attention(writer, config)


def _write_attention(writer: GGUFWriter, config: Config) -> None:
    attention = config.attention
    if attention.window and (config.kind.window_every or config.kind.name == "phi3"):
        writer.add_sliding_window(attention.window)
    if attention.cap:
        writer.add_attn_logit_softcapping(attention.cap)
    if attention.final_cap:
        writer.add_final_logit_softcapping(attention.final_cap)
    if attention.local_theta:
        writer.add_rope_freq_base_swa(config.rope.local_theta or attention.local_theta)


def _names(weights: Weights, config: Config) -> dict[str, str]:
    """Return our name -> theirs; raise `InvalidError` for weights that are unknown or missing."""
    names = {_name(theirs, config): theirs for theirs in weights.names() if not theirs.endswith(FORGOTTEN)}
    if config.tied:
        names.pop("output.weight", None)
    needed = {"token_embd.weight", "output_norm.weight", *([] if config.tied else ["output.weight"])}
    for layer in range(config.layers):
        needed |= {f"blk.{layer}.{part}.weight" for part in config.kind.inside.values()}
    if missing := sorted(needed - names.keys()):
        raise InvalidError(
            f"{len(missing)} weights are missing, such as {missing[0]}; fetch the model again", param="path"
        )
    return names


def _name(theirs: str, config: Config) -> str:
    place, _, end = theirs.rpartition(".")
    if place in config.kind.outside and end == "weight":
        return f"{config.kind.outside[place]}.weight"
    found = LAYER.fullmatch(theirs)
    if found is None or found[2] not in config.kind.inside or int(found[1]) >= config.layers:
        raise InvalidError(
            f"weights hold {shown(theirs)}, which a {config.kind.name} of {config.layers} layers does not have; "
            "is it an adapter, or another model?",
            param="path",
        )
    return f"blk.{int(found[1])}.{config.kind.inside[found[2]]}.{found[3]}"


def _kind(shape: tuple[int, ...]) -> np.dtype[np.float16] | np.dtype[np.float32]:
    # Norms and biases are few and sensitive.
    return np.dtype(np.float32) if len(shape) == 1 else np.dtype(np.float16)


def _tensors(names: dict[str, str], weights: Weights, config: Config) -> Iterator[Stored]:
    for name, theirs in names.items():
        values = weights.read(theirs)
        yield _stored(_as_llama_cpp_has_it(values, name, config), name)


def _as_llama_cpp_has_it(values: Array, name: str, config: Config) -> Array:
    if config.kind.interleaves and (".attn_q." in name or ".attn_k." in name):
        return _interleaved(values, config.heads if ".attn_q." in name else config.kv_heads)
    if config.kind.norms_less_one and name.endswith("norm.weight"):
        values = values + 1
    scaled = ".attn_q_norm." if "attn_q_norm" in config.kind.inside.values() else ".attn_q."
    return values * np.float32(config.attention.query_scale) if scaled in name else values


def _interleaved(values: Array, heads: int) -> Array:
    """Return rows in llama.cpp's order: it turns neighbours, Hugging Face the two halves of a head."""
    halves = values.reshape(heads, 2, values.shape[0] // heads // 2, *values.shape[1:])
    return halves.swapaxes(1, 2).reshape(values.shape)


def _stored(values: Array, name: str) -> Stored:
    half = _kind(values.shape) == np.float16
    if not np.isfinite(values).all() or (half and np.abs(values).max() > HALF_MAX):
        raise InvalidError(f"{name} holds numbers that 16 bits cannot; the weights are damaged", param="path")
    return values.astype(np.float16) if half else values
