"""The vocabulary of a Hugging Face folder, as GGUF fields that llama.cpp cuts text by in the same way."""

from tulou.adapters.gguf.vocabulary.naming import model_name
from tulou.adapters.gguf.vocabulary.writing import write_vocabulary

__all__ = ["model_name", "write_vocabulary"]
