"""Text encoders on ONNX Runtime: texts in, vectors out."""
