"""GGUF models on llama.cpp (the `xllamacpp` wheel), which serves OpenAI's API by itself on a loopback port."""

from tulou.engines.llamacpp.engine import LlamaCppEngine

__all__ = ["LlamaCppEngine"]
