"""Model files for llama.cpp: made from Hugging Face folders, quantized, inspected."""

from tulou.adapters.gguf.converter import GgufConverter

__all__ = ["GgufConverter"]
