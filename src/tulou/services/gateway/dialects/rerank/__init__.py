"""Reranking: Cohere's and Jina's shapes at both sides; vLLM, SGLang and llama.cpp speak Jina's."""
