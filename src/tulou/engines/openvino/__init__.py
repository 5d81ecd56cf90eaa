"""GGUF chat models on OpenVINO: slower to load than llama.cpp, several times faster under load on AVX-512."""

from tulou.engines.openvino.engine import OpenVinoEngine

__all__ = ["OpenVinoEngine"]
