"""The configuration of a Hugging Face folder, as far as engines need it."""

from pathlib import Path
from typing import cast

import msgspec

from tulou.adapters.gguf.architectures import ARCHITECTURES, Architecture, refusal_of
from tulou.adapters.gguf.attention import Attention, AttentionConfig, attention_of
from tulou.adapters.gguf.bounds import Context, Layers, Real, Vocabulary, Width
from tulou.adapters.gguf.rope import Rope, RopeConfig, rope_of
from tulou.kernel.errors import InvalidError

TEMPLATE_FILE = "chat_template.jinja"
CONFIG_CAP = 4 * 1024 * 1024
TOKENIZER_CAP = 64 * 1024 * 1024
"""Bytes of a tokenizer's files; the largest that are published have some 40 MB."""


class Config(msgspec.Struct, frozen=True, kw_only=True):
    """The sizes of a model."""

    kind: Architecture
    layers: int
    width: int
    feed_forward: int
    heads: int
    kv_heads: int
    head_length: int
    vocabulary: int
    context_length: int
    norm_epsilon: float
    rope: Rope
    tied: bool
    attention: Attention
    chat_template: str


class _Raw(AttentionConfig, kw_only=True):
    num_hidden_layers: Layers
    hidden_size: Width
    intermediate_size: Width
    num_attention_heads: Width
    vocab_size: Vocabulary
    max_position_embeddings: Context
    num_key_value_heads: Width | None = None
    head_dim: Width | None = None
    rms_norm_eps: Real = 1e-6
    tie_word_embeddings: bool | None = None
    quantization_config: dict[str, object] | None = None


def read_config(folder: Path) -> Config:
    """Return the configuration in *folder*; raise `InvalidError` for architectures that cannot be converted."""
    data = read_json(folder / "config.json")
    named = data.get("architectures")
    first: object = cast("list[object]", named)[0] if isinstance(named, list) and named else None
    if not isinstance(first, str) or first not in ARCHITECTURES:
        raise InvalidError(f"config.json: the architecture {refusal_of(first)}", param="path")
    try:
        raw = msgspec.convert(data, _Raw)
        rope = rope_of(msgspec.convert(data, RopeConfig), theta=ARCHITECTURES[first].theta)
        template = read_chat_template(folder)
    except msgspec.ValidationError as error:
        raise InvalidError(f"config.json: {error}; it is corrupt or of a newer kind", param="path") from error
    if raw.quantization_config:
        raise InvalidError("the weights are quantized already; convert the original ones", param="path")
    _check_heads(raw)
    return _config(raw, ARCHITECTURES[first], rope, template)


def _check_heads(raw: _Raw) -> None:
    heads = raw.num_attention_heads
    if heads % (raw.num_key_value_heads or heads) or (raw.head_dim or raw.hidden_size // heads) % 2:
        raise InvalidError("config.json: its numbers of heads and their length do not fit together", param="path")
    if not raw.head_dim and raw.hidden_size < heads:
        raise InvalidError(f"config.json: hidden_size {raw.hidden_size} is less than its {heads} heads", param="path")


def _config(raw: _Raw, kind: Architecture, rope: Rope, template: str) -> Config:
    width = raw.hidden_size // raw.num_attention_heads
    head = raw.head_dim or width
    tied = raw.tie_word_embeddings if raw.tie_word_embeddings is not None else kind.norms_less_one
    if kind.tied and not tied:
        raise InvalidError(f"config.json: llama.cpp ties the embeddings of {kind.name}, these are not", param="path")
    attention = attention_of(raw, kind, layers=raw.num_hidden_layers, head=head, width=width)
    return Config(
        kind=kind,
        layers=raw.num_hidden_layers,
        width=raw.hidden_size,
        feed_forward=raw.intermediate_size,
        heads=raw.num_attention_heads,
        kv_heads=raw.num_key_value_heads or raw.num_attention_heads,
        head_length=head,
        vocabulary=raw.vocab_size,
        context_length=raw.max_position_embeddings,
        norm_epsilon=raw.rms_norm_eps,
        rope=rope,
        tied=tied,
        attention=attention,
        chat_template=template,
    )


def read_json(path: Path) -> dict[str, object]:
    """Return a JSON object; raise `InvalidError` if the file is missing, too large or no such object."""
    if not path.is_file():
        raise InvalidError(f"{path.name} is missing in {path.parent.name}; it is no whole model folder", param="path")
    most = TOKENIZER_CAP if path.name.startswith("tokenizer") else CONFIG_CAP
    if path.stat().st_size > most:
        raise InvalidError(f"{path.name} has {path.stat().st_size} bytes; at most {most}", param="path")
    try:
        return msgspec.json.decode(path.read_bytes(), type=dict[str, object])
    except (ValueError, RecursionError) as error:
        raise InvalidError(f"{path.name} is not a JSON object ({error}); fetch it again", param="path") from error


def template_file(folder: Path) -> str:
    """Return the name of the file that holds the chat template, if any does."""
    return TEMPLATE_FILE if (folder / TEMPLATE_FILE).is_file() else "tokenizer_config.json"


def read_chat_template(folder: Path) -> str:
    """Return the chat template, from a file of its own or the tokenizer's configuration; "" where there is none."""
    alone = folder / TEMPLATE_FILE
    if alone.is_file():
        return _read_text(alone)
    configured = folder / "tokenizer_config.json"
    template = read_json(configured).get("chat_template") if configured.is_file() else None
    if isinstance(template, list):  # several by name: the one for conversations
        named = msgspec.convert(template, list[dict[str, str]])
        template = next((each.get("template") for each in named if each.get("name") == "default"), None)
    return template if isinstance(template, str) else ""


def _read_text(path: Path) -> str:
    if path.stat().st_size > CONFIG_CAP:
        raise InvalidError(f"{path.name} has {path.stat().st_size} bytes; at most {CONFIG_CAP}", param="path")
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise InvalidError(f"{path.name} is no text in UTF-8 ({error}); fetch it again", param="path") from error
