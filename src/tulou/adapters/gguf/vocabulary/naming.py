"""The name of a model, by which llama.cpp knows one thing of its vocabulary."""

from pathlib import Path

from tulou.adapters.gguf.vocabulary.shapes import read_tokenizer

_SWALLOWS = "phi-3"
"""In the name of a model whose special tokens swallow the spaces behind them (`llama_vocab::impl::load`)."""


def model_name(folder: Path) -> str:
    """Return the name of the folder, with what llama.cpp looks for in it."""
    swallows = any(added.special and added.rstrip for added in read_tokenizer(folder).added_tokens)
    return f"{folder.name} ({_SWALLOWS})" if swallows and _SWALLOWS not in folder.name.lower() else folder.name
