"""A very small language model with random weights, written as a GGUF file: it loads fast and talks nonsense."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import gguf
import numpy as np
from numpy.typing import NDArray

HIDDEN = 256
FEED_FORWARD = 512
HEADS = 4
LAYERS = 2
CONTEXT = 4096
SPECIAL = ("<|endoftext|>", "<|im_start|>", "<|im_end|>")
LETTERS = 257
"""The bytes, and one pair of them: OpenVINO wants at least one merge, and its result among the tokens."""
END = LETTERS + 2
"""The token that ends a turn."""

TEMPLATE = (
    "{%- for message in messages -%}{{ '<|im_start|>' + message.role + '\n' + message.content + '<|im_end|>\n' }}"
    "{%- endfor -%}{%- if add_generation_prompt -%}{{ '<|im_start|>assistant\n' }}{%- endif -%}"
)

Tensor = NDArray[np.float32]


def write_tiny_gguf(path: Path, *, endless: bool = False, quantized: bool = True, seed: int = 7) -> Path:
    """Write the model and return its path; an `endless` one never ends its turn by itself."""
    writer = gguf.GGUFWriter(path, "llama")
    _facts(writer, quantized=quantized)
    _vocabulary(writer)
    for name, tensor in _tensors(np.random.default_rng(seed), endless=endless):
        if quantized and tensor.ndim > 1:
            kind = gguf.GGMLQuantizationType.Q8_0
            writer.add_tensor(name, gguf.quants.quantize(tensor, kind), raw_dtype=kind)
        else:
            writer.add_tensor(name, tensor)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def _facts(writer: gguf.GGUFWriter, *, quantized: bool) -> None:
    writer.add_name("tiny")
    writer.add_context_length(CONTEXT)
    writer.add_embedding_length(HIDDEN)
    writer.add_block_count(LAYERS)
    writer.add_feed_forward_length(FEED_FORWARD)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(HEADS)
    writer.add_rope_dimension_count(HIDDEN // HEADS)
    writer.add_rope_freq_base(10000.0)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_file_type(gguf.LlamaFileType.MOSTLY_Q8_0 if quantized else gguf.LlamaFileType.ALL_F32)
    writer.add_vocab_size(LETTERS + len(SPECIAL))


def _vocabulary(writer: gguf.GGUFWriter) -> None:
    """Write a byte-level vocabulary, spelt as GPT-2 does."""
    tokens = [*_byte_spellings(), "he", *SPECIAL]
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("qwen2")
    writer.add_token_list(tokens)
    writer.add_token_types([gguf.TokenType.NORMAL] * LETTERS + [gguf.TokenType.CONTROL] * len(SPECIAL))
    writer.add_token_merges(["h e"])
    writer.add_bos_token_id(LETTERS)
    writer.add_eos_token_id(END)
    writer.add_pad_token_id(LETTERS)
    writer.add_add_bos_token(value=False)
    writer.add_chat_template(TEMPLATE)


def _byte_spellings() -> Sequence[str]:
    """Return how GPT-2 writes each byte: itself where it prints, else a letter from 256 on."""
    printable = {*range(ord("!"), ord("~") + 1), *range(ord("¡"), ord("¬") + 1), *range(ord("®"), ord("ÿ") + 1)}
    others = iter(range(256, 512))
    return [chr(byte) if byte in printable else chr(next(others)) for byte in range(256)]


def _tensors(random: np.random.Generator, *, endless: bool) -> Iterator[tuple[str, Tensor]]:
    """Yield the weights; an endless model keeps a 1 in place 0 of every state, which only speaks against its ends.

    A state is normed by its own length, so place 0 stays above 0 whatever was read, and a special token's logit is far
    below all others at any temperature.
    """

    def matrix(rows: int, columns: int) -> Tensor:
        return random.normal(0, 0.05, (rows, columns)).astype(np.float32)

    def added(columns: int) -> Tensor:
        """Make what is added to a state; an endless model's place 0 is left as it is."""
        weights = matrix(HIDDEN, columns)
        weights[0] *= not endless
        return weights

    ones = np.ones(HIDDEN, dtype=np.float32)
    embedding = matrix(LETTERS + len(SPECIAL), HIDDEN)
    if endless:
        embedding[:, 0] = 1
    yield "token_embd.weight", embedding
    for layer in range(LAYERS):
        yield f"blk.{layer}.attn_norm.weight", ones
        yield f"blk.{layer}.ffn_norm.weight", ones
        for part in ("attn_q", "attn_k", "attn_v"):
            yield f"blk.{layer}.{part}.weight", matrix(HIDDEN, HIDDEN)
        yield f"blk.{layer}.attn_output.weight", added(HIDDEN)
        yield f"blk.{layer}.ffn_gate.weight", matrix(FEED_FORWARD, HIDDEN)
        yield f"blk.{layer}.ffn_up.weight", matrix(FEED_FORWARD, HIDDEN)
        yield f"blk.{layer}.ffn_down.weight", added(FEED_FORWARD)
    yield "output_norm.weight", ones
    output = matrix(LETTERS + len(SPECIAL), HIDDEN)
    if endless:
        output[LETTERS:] = 0
        output[LETTERS:, 0] = -100
    yield "output.weight", output
