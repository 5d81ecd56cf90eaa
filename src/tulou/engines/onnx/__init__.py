"""Text encoders on ONNX Runtime: texts in, vectors out."""

from tulou.engines.onnx.engine import OnnxEngine

__all__ = ["OnnxEngine"]
