"""Text encoders as ONNX files, written straight from their weights: no torch, no tracing."""
