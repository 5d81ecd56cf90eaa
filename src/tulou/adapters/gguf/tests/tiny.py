"""Models of a few thousand random weights, in the layout of Hugging Face."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# PyTorch and transformers are typed in part only.

import json
from pathlib import Path
from typing import Any

import torch
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import (
    Gemma2Config,
    Gemma2ForCausalLM,
    Gemma3ForCausalLM,
    Gemma3TextConfig,
    LlamaConfig,
    LlamaForCausalLM,
    MistralConfig,
    MistralForCausalLM,
    Phi3Config,
    Phi3ForCausalLM,
    PreTrainedTokenizerFast,
    Qwen2Config,
    Qwen2ForCausalLM,
    Qwen3Config,
    Qwen3ForCausalLM,
)

from tulou.adapters.gguf.vocabulary.splits import SPLITS

TEXTS = (
    "The gate is open.",
    "One gate, many rooms around one courtyard.",
    "土楼有一个大门和许多房间。",
    "12 + 345 = 357\n\n",
)
TEMPLATE = (
    "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}<|im_start|>assistant\n"
)
SIZES: dict[str, Any] = {
    "hidden_size": 64,
    "intermediate_size": 96,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "max_position_embeddings": 256,
    "initializer_range": 0.4,  # far apart logits: rounding must not decide which token comes first
}
GEMMA: dict[str, Any] = {"head_dim": 32, "sliding_window": 16, "initializer_range": 0.2}
PHI: dict[str, Any] = {"pad_token_id": 0, "eos_token_id": 2}
LONG: dict[str, Any] = {
    "rope_type": "longrope",
    "rope_theta": 10_000.0,
    "original_max_position_embeddings": 256,
    "short_factor": [1.0 + number / 10 for number in range(8)],
    "long_factor": [4.0 + number for number in range(8)],
}
KINDS: dict[str, tuple[type[Any], type[Any], dict[str, Any]]] = {
    "llama": (LlamaConfig, LlamaForCausalLM, {"tie_word_embeddings": False}),
    "llama, tied": (LlamaConfig, LlamaForCausalLM, {"tie_word_embeddings": True}),
    "llama 3 rope": (
        LlamaConfig,
        LlamaForCausalLM,
        {
            "rope_parameters": {
                "rope_type": "llama3",
                "rope_theta": 500_000.0,
                "factor": 8.0,
                "low_freq_factor": 1.0,
                "high_freq_factor": 4.0,
                "original_max_position_embeddings": 64,
            }
        },
    ),
    "llama with biases": (LlamaConfig, LlamaForCausalLM, {"attention_bias": True}),
    "mistral": (MistralConfig, MistralForCausalLM, {"sliding_window": None, "head_dim": 32}),
    "qwen2": (Qwen2Config, Qwen2ForCausalLM, {"tie_word_embeddings": True}),
    "qwen3": (Qwen3Config, Qwen3ForCausalLM, {"tie_word_embeddings": False, "head_dim": 32}),
    "gemma2": (Gemma2Config, Gemma2ForCausalLM, GEMMA | {"query_pre_attn_scalar": 48}),
    "gemma3": (Gemma3TextConfig, Gemma3ForCausalLM, GEMMA | {"num_hidden_layers": 7, "query_pre_attn_scalar": 48}),
    "phi3": (Phi3Config, Phi3ForCausalLM, PHI | {"partial_rotary_factor": 0.5}),
    "phi3 longrope": (Phi3Config, Phi3ForCausalLM, PHI | {"rope_parameters": LONG, "max_position_embeddings": 512}),
}
"""The last reads longer texts than its original 256 tokens by other factors, which llama.cpp chooses by the context."""


def save(folder: Path, kind: str = "llama", *, dtype: str = "float32", shard: str = "1GB", **sizes: object) -> Any:
    """Save a random model of a kind, with a tokenizer, and return it."""
    make_config, make_model, own = KINDS[kind]
    tokenizer = _tokenizer()
    torch.manual_seed(7)
    model = make_model(make_config(vocab_size=len(tokenizer), **{**SIZES, **own, **sizes})).to(getattr(torch, dtype))
    for name, value in model.named_parameters():
        if value.ndim == 1:  # biases begin as zeros and norms as ones, which would hide that they are mixed up
            torch.nn.init.normal_(value, 0.0 if name.endswith("bias") else 1.0, 0.2)
    model.save_pretrained(folder, max_shard_size=shard)
    tokenizer.save_pretrained(folder)
    return model.float().eval()


def change_json(path: Path, **changes: object) -> None:
    """Change keys of a JSON file."""
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))


def _tokenizer() -> PreTrainedTokenizerFast:
    learnt = Tokenizer(models.BPE(unk_token=None))
    split = pre_tokenizers.Split(Regex(next(iter(SPLITS))), "isolated")
    learnt.pre_tokenizer = pre_tokenizers.Sequence(
        [split, pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)]
    )
    learnt.decoder = decoders.ByteLevel()
    special = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    trainer = trainers.BpeTrainer(
        vocab_size=320, special_tokens=special, initial_alphabet=alphabet, show_progress=False
    )
    learnt.train_from_iterator(TEXTS, trainer)
    learnt.add_tokens([AddedToken("<tool_call>", normalized=False)])
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=learnt, eos_token=special[2], pad_token=special[0])
    tokenizer.chat_template = TEMPLATE
    return tokenizer
