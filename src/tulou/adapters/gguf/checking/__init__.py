"""What llama.cpp makes of a vocabulary and a chat template, asked of itself before a model is taken."""

from tulou.adapters.gguf.checking.check import check_file, check_folder, check_made

__all__ = ["check_file", "check_folder", "check_made"]
